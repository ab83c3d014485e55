/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net.h"
#include "vir-error.h"
#include <string.h>
#include <unistd.h>

#define VHOST_NET "/dev/vhost-net"
/* After which a passt that ended is looked for again. */
#define RECONNECT_SECONDS 5

/* The numbers of fds that the child will have, "3:4:5". */
static char *
take_fds(VirArgv *argv, const int *fds, guint n)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < n; i++) {
        vir_spawn_pass_fd(argv->spawn, fds[i]);
        g_string_append_printf(text, "%s%d", i > 0 ? ":" : "", fds[i]);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
close_fds(int *fds, guint n)
{
    for (guint i = 0; i < n; i++)
        close(fds[i]);
}

/* The kernel carries the frames of a virtio card where it can; only who asks for it insists. */
static gboolean
add_vhost(VirArgv *argv, const VirDomainInterface *net, guint n, json_object *props, GError **error)
{
    int name = net->driver ? net->driver->name : VIR_DOMAIN_INTERFACE_DRIVER_NAME_UNSET;
    gboolean must = name == VIR_DOMAIN_INTERFACE_DRIVER_NAME_VHOST || net->backend_vhost;
    const char *path = net->backend_vhost ? net->backend_vhost : VHOST_NET;
    g_autofree int *fds = g_new(int, n);
    g_autofree char *text = NULL;

    if (!vir_domain_net_is_virtio(net) || name == VIR_DOMAIN_INTERFACE_DRIVER_NAME_QEMU)
        return TRUE;
    for (guint i = 0; i < n; i++) {
        g_autoptr(GError) why = NULL;

        fds[i] = argv->env->open_device(argv->env, VIR_QEMU_DEVICE_VHOST_NET, path, &why);
        if (fds[i] >= 0)
            continue;
        close_fds(fds, i);
        if (!must)
            return TRUE;
        return vir_domain_net_refuse(net, vir_error_code(why), error,
                                     "vhost is asked for and cannot be used: %s", why->message);
    }
    text = take_fds(argv, fds, n);
    vir_props_add(props, "b:vhost", TRUE, n > 1 ? "s:vhostfds" : "s:vhostfd", text, NULL);
    return TRUE;
}

static gboolean
add_tap(VirArgv *argv, VirDomainInterface *net, json_object *props, GError **error)
{
    guint n = vir_net_queues(net);
    g_autofree int *fds = g_new(int, n);
    g_autofree char *text = NULL;

    if (!argv->env->open_tap(argv->env, argv->def, net, n, fds, error))
        return FALSE;
    text = take_fds(argv, fds, n);
    vir_props_add(props, "s:type", "tap", n > 1 ? "s:fds" : "s:fd", text, NULL);
    if (!add_vhost(argv, net, n, props, error))
        return FALSE;
    if (net->has_sndbuf)
        vir_props_add(props, "u:sndbuf", net->sndbuf, NULL);
    return TRUE;
}

static char *
socket_address(const char *address, guint port)
{
    gboolean v6 = address && strchr(address, ':') != NULL;

    return g_strdup_printf("%s%s%s:%u", v6 ? "[" : "", address ? address : "", v6 ? "]" : "", port);
}

static void
add_socket(const VirDomainInterface *net, json_object *props)
{
    static const char *const keys[VIR_DOMAIN_INTERFACE_TYPE_LAST] = {
        [VIR_DOMAIN_INTERFACE_TYPE_SERVER] = "s:listen",
        [VIR_DOMAIN_INTERFACE_TYPE_CLIENT] = "s:connect",
        [VIR_DOMAIN_INTERFACE_TYPE_MCAST] = "s:mcast",
        [VIR_DOMAIN_INTERFACE_TYPE_UDP] = "s:udp",
    };
    g_autofree char *address = socket_address(net->address, net->port);

    vir_props_add(props, "s:type", "socket", keys[net->type], address, NULL);
    if (net->type == VIR_DOMAIN_INTERFACE_TYPE_UDP) {
        g_autofree char *local = socket_address(net->local ? net->local->address : NULL,
                                                net->local ? net->local->port : 0);

        vir_props_add(props, "s:localaddr", local, NULL);
    }
}

static void
add_user(const VirDomainInterface *net, json_object *props)
{
    vir_props_add(props, "s:type", "user", NULL);
    for (guint i = 0; i < net->n_ips; i++) {
        const VirDomainInterfaceIp *ip = net->ips[i];

        if (strchr(ip->address, ':')) {
            vir_props_add(props, "s:ipv6-prefix", ip->address, "U:ipv6-prefixlen",
                          (guint64)ip->prefix, NULL);
        } else {
            g_autofree char *text = ip->prefix ? g_strdup_printf("%s/%u", ip->address, ip->prefix)
                                               : g_strdup(ip->address);

            vir_props_add(props, "s:net", text, NULL);
        }
    }
}

char *
vir_net_passt_socket(const VirQemuEnv *env, const VirDomainDef *def, const VirDomainInterface *net)
{
    g_autofree char *run = vir_command_run_name(def);

    return g_strdup_printf("%s/%s-%s.socket", env->passt_dir, run, net->info.alias);
}

static gboolean
add_passt(VirArgv *argv, const VirDomainInterface *net, json_object *props, GError **error)
{
    g_autofree char *path = vir_net_passt_socket(argv->env, argv->def, net);
    json_object *address = vir_props_new("s:type", "unix", "s:path", path, NULL);

    vir_props_add(props, "s:type", "stream", "a:addr", address, "b:server", FALSE, NULL);
    /* passt ends with its first connection unless it is told that another one comes. */
    if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_NETDEV_STREAM_RECONNECT_MILISECONDS))
        vir_props_add(props, "u:reconnect-ms", (guint64)RECONNECT_SECONDS * 1000, NULL);
    else if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_NETDEV_STREAM_RECONNECT))
        vir_props_add(props, "u:reconnect", (guint64)RECONNECT_SECONDS, NULL);
    return argv->env->start_passt(argv->env, argv->def, net, path, error);
}

static void
add_reconnect(const VirArgv *argv, GString *text, int enabled, guint64 seconds)
{
    guint64 delay;
    const char *again = vir_argv_reconnect(argv, enabled, seconds, &delay);

    if (again)
        g_string_append_printf(text, ",%s=%" G_GUINT64_FORMAT, again, delay);
}

static gboolean
add_vhostuser(VirArgv *argv, const VirDomainInterface *net, json_object *props, GError **error)
{
    const VirDomainInterfaceVhostUser *source = net->vhostuser;
    g_autofree char *own =
        vir_net_uses_passt(net) ? vir_net_passt_socket(argv->env, argv->def, net) : NULL;
    g_autofree char *path = vir_argv_escape(own ? own : source->path);
    g_autofree char *id = g_strconcat("char", net->info.alias, NULL);
    g_autoptr(GString) text = g_string_new(NULL);

    if (own && !argv->env->start_passt(argv->env, argv->def, net, own, error))
        return FALSE;
    g_string_printf(text, "socket,id=%s,path=%s", id, path);
    if (own)
        add_reconnect(argv, text, VIR_TRISTATE_YES, RECONNECT_SECONDS);
    else if (source->mode == VIR_DOMAIN_INTERFACE_VHOST_USER_MODE_SERVER)
        g_string_append(text, ",server=on");
    else
        add_reconnect(argv, text, source->reconnect_enabled, source->reconnect_timeout);
    vir_argv_add(argv, "-chardev", text->str);
    vir_props_add(props, "s:type", "vhost-user", "s:chardev", id, NULL);
    if (vir_net_queues(net) > 1)
        vir_props_add(props, "u:queues", (guint64)vir_net_queues(net), NULL);
    return TRUE;
}

static gboolean
add_vdpa(VirArgv *argv, const VirDomainInterface *net, json_object *props, GError **error)
{
    g_autofree char *path = NULL;
    int fd = argv->env->open_device(argv->env, VIR_QEMU_DEVICE_VHOST_VDPA, net->source_dev, error);

    if (fd < 0)
        return FALSE;
    path = vir_argv_add_fdset(argv, fd, net->info.alias, "vdpa");
    vir_props_add(props, "s:type", "vhost-vdpa", "s:vhostdev", path, NULL);
    if (vir_net_queues(net) > 1)
        vir_props_add(props, "u:queues", (guint64)vir_net_queues(net), NULL);
    return TRUE;
}

static gboolean
add_backend(VirArgv *argv, VirDomainInterface *net, json_object *props, GError **error)
{
    switch (net->type) {
    case VIR_DOMAIN_INTERFACE_TYPE_BRIDGE:
    case VIR_DOMAIN_INTERFACE_TYPE_NETWORK:
    case VIR_DOMAIN_INTERFACE_TYPE_DIRECT:
    case VIR_DOMAIN_INTERFACE_TYPE_ETHERNET:
        return add_tap(argv, net, props, error);
    case VIR_DOMAIN_INTERFACE_TYPE_SERVER:
    case VIR_DOMAIN_INTERFACE_TYPE_CLIENT:
    case VIR_DOMAIN_INTERFACE_TYPE_MCAST:
    case VIR_DOMAIN_INTERFACE_TYPE_UDP:
        add_socket(net, props);
        return TRUE;
    case VIR_DOMAIN_INTERFACE_TYPE_USER:
        if (vir_net_uses_passt(net))
            return add_passt(argv, net, props, error);
        if (!vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_NETDEV_USER))
            return vir_domain_net_refuse(
                net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                "emulator '%s' has no user network (SLIRP) of its own; use "
                "<backend type='passt'/>",
                argv->caps->binary);
        add_user(net, props);
        return TRUE;
    case VIR_DOMAIN_INTERFACE_TYPE_VHOSTUSER:
        return add_vhostuser(argv, net, props, error);
    case VIR_DOMAIN_INTERFACE_TYPE_VDPA:
        return add_vdpa(argv, net, props, error);
    default:
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "QEMU has no cards of type '%s'",
                                     vir_domain_interface_type_to_string(net->type));
    }
}

json_object *
vir_net_backend(VirArgv *argv, VirDomainInterface *net, GError **error)
{
    g_autofree char *id = g_strconcat("host", net->info.alias, NULL);
    json_object *props = json_object_new_object();

    if (!add_backend(argv, net, props, error)) {
        json_object_put(props);
        return NULL;
    }
    vir_props_add(props, "s:id", id, NULL);
    return props;
}
