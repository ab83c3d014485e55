/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams to the terminals and sockets of a guest: one client at a time. */
#include "handlers.h"
#include "vir-file.h"
#include "vir-server.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
open_terminal(const char *path, GError **error)
{
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        vir_error_set_errno(error, errno, "cannot open '%s'", path);
    return fd;
}

int
vir_qemu_connect_socket(const char *path, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    VIR_AUTOCLOSE fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int taken;

    if (strlen(path) >= sizeof(address.sun_path)) {
        vir_error_set(error, VIR_ERR_INVALID_ARG, "'%s' is too long for a socket", path);
        return -1;
    }
    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        vir_error_set_errno(error, errno, "cannot connect to '%s'", path);
        return -1;
    }
    taken = fd;
    fd = -1;
    return taken;
}

static void
unref_stream(void *stream)
{
    vir_stream_unref(stream);
}

/*
 * The lock goes with the descriptor, so that the end of a stream frees the device by itself. With
 * @force the stream that holds it is ended.
 */
static gboolean
claim(VirQemuDomain *dom, const char *alias, VirStream *stream, int fd, gboolean force,
      GError **error)
{
    gboolean busy = flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    VirStream *old;
    VIR_LOCK(&dom->lock);

    if (busy && !force) {
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED, "%s",
                             "Active console session exists for this domain");
    }
    if (dom->streams == NULL) {
        dom->streams = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_stream);
    }
    old = g_hash_table_lookup(dom->streams, alias);
    if (busy && old != NULL) {
        GError *why = NULL;

        vir_error_set(&why, VIR_ERR_OPERATION_ABORTED,
                      "another client took the console '%s' of the domain", alias);
        vir_stream_abort(old, why);
    }
    g_hash_table_replace(dom->streams, g_strdup(alias), vir_stream_ref(stream));
    return TRUE;
}

static gboolean
open_chardev(VirCall *call, const VirDomainChardev *chardev, const char *alias, gboolean force,
             GError **error)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    VIR_AUTOCLOSE fd = -1;

    if (chardev->path == NULL || (chardev->type != VIR_DOMAIN_CHARDEV_TYPE_PTY &&
                                  chardev->type != VIR_DOMAIN_CHARDEV_TYPE_UNIX)) {
        return vir_error_set(error, VIR_ERR_OPERATION_UNSUPPORTED,
                             "character device %s is not using a PTY or unix socket", alias);
    }
    fd = chardev->type == VIR_DOMAIN_CHARDEV_TYPE_PTY
             ? open_terminal(chardev->path, error)
             : vir_qemu_connect_socket(chardev->path, error);
    if (fd < 0 || !claim(dom, alias, call->stream, fd, force, error))
        return FALSE;
    vir_stream_pump_fd(call->stream, fd);
    fd = -1;
    return TRUE;
}

/* A console by alias; without a name the first console, else the first serial port. */
HANDLER_VOID(domain_open_console)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    const char *name = args->dev_name != NULL ? *args->dev_name : NULL;
    gboolean force = (args->flags & VIR_DOMAIN_CONSOLE_FORCE) != 0;
    const VirDomainDevices *devices;

    if (!vir_qemu_check_flags(call, args->flags, VIR_DOMAIN_CONSOLE_FORCE | VIR_DOMAIN_CONSOLE_SAFE,
                              error) ||
        !vir_qemu_domain_check_active(dom, error))
        return FALSE;
    devices = &dom->def->devices;
    for (guint i = 0; i < devices->n_consoles; i++) {
        const char *alias = devices->consoles[i]->info.alias;

        /* The first serial port serves the first console, under its own alias. */
        if ((name == NULL || g_strcmp0(alias, name) == 0) && devices->consoles[i]->src.path != NULL)
            return open_chardev(call, &devices->consoles[i]->src, alias != NULL ? alias : "console",
                                force, error);
    }
    for (guint i = 0; i < devices->n_serials; i++) {
        const char *alias = devices->serials[i]->info.alias;

        if (name == NULL || g_strcmp0(alias, name) == 0)
            return open_chardev(call, &devices->serials[i]->src, alias, force, error);
    }
    for (guint i = 0; i < devices->n_parallels; i++) {
        const char *alias = devices->parallels[i]->info.alias;

        if (g_strcmp0(alias, name) == 0)
            return open_chardev(call, &devices->parallels[i]->src, alias, force, error);
    }
    return vir_error_set(error, VIR_ERR_INVALID_ARG, "cannot find console device '%s'",
                         name != NULL ? name : "default");
}

HANDLER_VOID(domain_open_channel)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    const char *name = args->name != NULL ? *args->name : NULL;
    const VirDomainDevices *devices;

    if (!vir_qemu_check_flags(call, args->flags, VIR_DOMAIN_CHANNEL_FORCE, error) ||
        !vir_qemu_domain_check_active(dom, error))
        return FALSE;
    devices = &dom->def->devices;
    for (guint i = 0; i < devices->n_channels; i++) {
        const VirDomainChannel *channel = devices->channels[i];

        if (name == NULL || g_strcmp0(channel->name, name) == 0 ||
            g_strcmp0(channel->info.alias, name) == 0)
            return open_chardev(call, &channel->src, channel->info.alias,
                                (args->flags & VIR_DOMAIN_CHANNEL_FORCE) != 0, error);
    }
    return vir_error_set(error, VIR_ERR_INVALID_ARG, "cannot find channel %s",
                         name != NULL ? name : "(default)");
}
