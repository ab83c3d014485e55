/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "passt.h"

#include "vir-error.h"
#include "vir-file.h"
#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define PROGRAM "passt"
#define START_MS 30000
#define OUTPUT 2048

static void
add_range(GString *text, const VirDomainPortRange *range)
{
    guint end = range->has_end && range->end ? range->end : range->start;

    if (range->exclude == VIR_TRISTATE_YES)
        g_string_append_c(text, '~');
    g_string_append_printf(text, "%u", range->start);
    if (end > range->start)
        g_string_append_printf(text, "-%u", end);
    if (!range->to)
        return;
    g_string_append_printf(text, ":%u", range->to);
    if (end > range->start)
        g_string_append_printf(text, "-%u", range->to + end - range->start);
}

/* "ADDRESS%DEVICE/RANGE,RANGE"; all ports where there is no range. */
static char *
forward_text(const VirDomainPortForward *forward)
{
    g_autoptr(GString) text = g_string_new(forward->address);

    if (forward->dev)
        g_string_append_printf(text, "%%%s", forward->dev);
    if (text->len > 0)
        g_string_append_c(text, '/');
    for (guint i = 0; i < forward->n_ranges; i++) {
        if (i > 0)
            g_string_append_c(text, ',');
        add_range(text, forward->ranges[i]);
    }
    if (forward->n_ranges == 0)
        g_string_append(text, "all");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
add_option(VirSpawn *spawn, const char *option, const char *value)
{
    if (!value)
        return;
    vir_spawn_add_arg(spawn, option);
    vir_spawn_add_arg(spawn, value);
}

static void
add_addresses(VirSpawn *spawn, const VirDomainInterface *net)
{
    for (guint i = 0; i < net->n_ips; i++) {
        const VirDomainInterfaceIp *ip = net->ips[i];

        add_option(spawn, "--address", ip->address);
        /* Only IPv4 has a length to choose. */
        if (ip->prefix && !strchr(ip->address, ':')) {
            g_autofree char *prefix = g_strdup_printf("%u", ip->prefix);

            add_option(spawn, "--netmask", prefix);
        }
    }
}

static char *
pid_file(const char *socket)
{
    return g_strconcat(socket, ".pid", NULL);
}

VirSpawn *
vir_passt_command(const VirDomainInterface *net, const char *socket, gboolean privileged)
{
    g_autoptr(VirSpawn) spawn = vir_spawn_new(PROGRAM);
    g_autofree char *pid = pid_file(socket);

    vir_spawn_pass_env(spawn, "PATH");
    vir_spawn_add_arg(spawn, "--one-off");
    if (net->type == VIR_DOMAIN_INTERFACE_TYPE_VHOSTUSER)
        vir_spawn_add_arg(spawn, "--vhost-user");
    add_option(spawn, "--socket", socket);
    add_option(spawn, "--pid", pid);
    if (privileged) {
        /* As QEMU itself; "nobody", which it would be else, cannot reach the socket. */
        g_autofree char *ids = g_strdup_printf("%u:%u", (guint)getuid(), (guint)getgid());

        add_option(spawn, "--runas", ids);
    }
    if (net->has_mtu) {
        g_autofree char *mtu = g_strdup_printf("%u", net->mtu);

        add_option(spawn, "--mtu", mtu);
    }
    add_option(spawn, "--interface", net->source_dev);
    add_option(spawn, "--log-file", net->backend_log_file);
    add_option(spawn, "--hostname", net->backend_hostname);
    add_option(spawn, "--fqdn", net->backend_fqdn);
    add_addresses(spawn, net);
    for (guint i = 0; i < net->n_port_forwards; i++) {
        const VirDomainPortForward *forward = net->port_forwards[i];
        g_autofree char *text = forward_text(forward);

        add_option(spawn,
                   forward->proto == VIR_DOMAIN_PORT_FORWARD_PROTO_TCP ? "--tcp-ports"
                                                                       : "--udp-ports",
                   text);
    }
    return g_steal_pointer(&spawn);
}

gboolean
vir_passt_start(const VirDomainInterface *net, const char *socket, gboolean privileged,
                GError **error)
{
    g_autoptr(VirSpawn) spawn = vir_passt_command(net, socket, privileged);
    g_autofree char *folder = g_path_get_dirname(socket);
    g_autofree char *program = g_find_program_in_path(PROGRAM);
    g_autofree char *said = NULL;
    int status = 0;

    if (!program)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "<backend type='passt'/> needs the program passt, which is not "
                             "installed");
    if (!vir_dir_make(folder, 0700, error) || !vir_file_remove(socket, error) ||
        !vir_spawn_run(spawn, START_MS, OUTPUT, NULL, &said, &status, error))
        return FALSE;
    return status == 0 || vir_error_set(error, VIR_ERR_OPERATION_FAILED, "passt did not start: %s",
                                        said ? g_strchomp(said) : "it said nothing");
}

/* The number may be another process' by now. */
static gboolean
is_passt(gint64 pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%" G_GINT64_FORMAT "/comm", pid);
    g_autofree char *name = NULL;

    return g_file_get_contents(path, &name, NULL, NULL) && g_str_has_prefix(name, PROGRAM);
}

void
vir_passt_stop(const char *socket)
{
    g_autofree char *path = pid_file(socket);
    g_autofree char *text = vir_file_read(path, 32, NULL, NULL);
    gint64 pid = text ? g_ascii_strtoll(text, NULL, 10) : 0;

    if (pid > 1 && is_passt(pid))
        kill((pid_t)pid, SIGTERM);
    vir_file_remove(path, NULL);
    vir_file_remove(socket, NULL);
}
