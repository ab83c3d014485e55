/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"
#include "vir-file.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A file that QEMU appends to, opened by us so that QEMU needs no right to the folder. */
static gboolean
add_file(VirArgv *argv, GString *text, const char *key, const char *path, gboolean append,
         const char *opaque, GError **error)
{
    int fd = open(path,
                  O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC |
                      (append ? 0 : O_TRUNC),
                  0600);

    if (fd < 0)
        return vir_error_set_errno(error, errno,
                                   "domain '%s': cannot open '%s' for a character "
                                   "device",
                                   argv->def->name, path);
    vir_spawn_pass_fd(argv->spawn, fd);
    vir_argv_addf(argv, "-add-fd", "set=%u,fd=%d,opaque=%s", argv->next_fdset, fd, opaque);
    g_string_append_printf(text, ",%s=/dev/fdset/%u", key, argv->next_fdset++);
    return TRUE;
}

/* A socket that listens before QEMU runs: whoever waits for it need not try twice. */
static int
listen_unix(const VirArgv *argv, const char *path, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    VIR_AUTOCLOSE fd = -1;

    if (strlen(path) >= sizeof(address.sun_path)) {
        vir_error_set(error, VIR_ERR_XML_ERROR, "domain '%s': socket path '%s' is too long",
                      argv->def->name, path);
        return -1;
    }
    strcpy(address.sun_path, path);
    if (!vir_file_remove(path, error))
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || fchmod(fd, 0600) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0) {
        vir_error_set_errno(error, errno, "domain '%s': cannot listen on '%s'", argv->def->name,
                            path);
        return -1;
    }
    return g_steal_fd(&fd);
}

static void
add_text(GString *text, const char *key, const char *value)
{
    g_autofree char *escaped = vir_argv_escape(value ? value : "");

    g_string_append_printf(text, ",%s=%s", key, escaped);
}

static void
add_reconnect(const VirArgv *argv, GString *text, const VirDomainChardev *src)
{
    gboolean ms = vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_CHARDEV_RECONNECT_MILISECONDS);

    if (src->reconnect_enabled == VIR_TRISTATE_YES)
        g_string_append_printf(text, ",%s=%" G_GUINT64_FORMAT, ms ? "reconnect-ms" : "reconnect",
                               src->reconnect_timeout * G_GUINT64_CONSTANT(1) * (ms ? 1000 : 1));
    else if (src->reconnect_enabled == VIR_TRISTATE_NO)
        g_string_append_printf(text, ",%s=0", ms ? "reconnect-ms" : "reconnect");
}

static gboolean
add_unix(VirArgv *argv, GString *text, const VirDomainChardev *src, const char *path,
         GError **error)
{
    /* A socket that nobody named is ours: we listen. */
    if (src->mode == VIR_DOMAIN_CHARDEV_MODE_BIND || !src->path) {
        int fd = listen_unix(argv, path, error);

        if (fd < 0)
            return FALSE;
        vir_spawn_pass_fd(argv->spawn, fd);
        g_string_append_printf(text, ",fd=%d,server=on,wait=off", fd);
        return TRUE;
    }
    add_text(text, "path", path);
    add_reconnect(argv, text, src);
    return TRUE;
}

static void
add_tcp(VirArgv *argv, GString *text, const VirDomainChardev *src)
{
    add_text(text, "host", src->host);
    add_text(text, "port", src->service);
    if (src->protocol == VIR_DOMAIN_CHARDEV_PROTOCOL_TELNET)
        g_string_append(text, ",telnet=on");
    if (src->mode == VIR_DOMAIN_CHARDEV_MODE_BIND)
        g_string_append(text, ",server=on,wait=off");
    else
        add_reconnect(argv, text, src);
}

static void
add_udp(GString *text, const VirDomainChardev *src)
{
    const VirDomainChardevEnd *to = NULL;
    const VirDomainChardevEnd *from = NULL;

    for (guint i = 0; i < src->n_ends; i++) {
        if (src->ends[i]->mode == VIR_DOMAIN_CHARDEV_END_MODE_CONNECT)
            to = src->ends[i];
        else
            from = src->ends[i];
    }
    add_text(text, "host", to ? to->host : "");
    add_text(text, "port", to ? to->service : "");
    if (from) {
        add_text(text, "localaddr", from->host);
        add_text(text, "localport", from->service ? from->service : "0");
    }
}

gboolean
vir_argv_chardev(VirArgv *argv, const VirDomainChardev *src, const char *id,
                 const char *default_path, GError **error)
{
    /* Words of QEMU; the id in front is ours. */
    const char *path = src->path ? src->path : default_path;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *source = g_strconcat(id + strlen("char"), "-source", NULL);
    g_autofree char *log = g_strconcat(id + strlen("char"), "-log", NULL);

    if (!path &&
        (src->type == VIR_DOMAIN_CHARDEV_TYPE_DEV || src->type == VIR_DOMAIN_CHARDEV_TYPE_FILE ||
         src->type == VIR_DOMAIN_CHARDEV_TYPE_PIPE || src->type == VIR_DOMAIN_CHARDEV_TYPE_UNIX))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "domain '%s': character device '%s' has no path", argv->def->name,
                             id + strlen("char"));
    if (src->tls == VIR_TRISTATE_YES || src->protocol == VIR_DOMAIN_CHARDEV_PROTOCOL_TLS ||
        src->protocol == VIR_DOMAIN_CHARDEV_PROTOCOL_TELNETS)
        return vir_argv_unsupported(argv, error, "TLS of character device '%s'",
                                    id + strlen("char"));
    switch (src->type) {
    case VIR_DOMAIN_CHARDEV_TYPE_NULL:
    case VIR_DOMAIN_CHARDEV_TYPE_VC:
    case VIR_DOMAIN_CHARDEV_TYPE_PTY:
    case VIR_DOMAIN_CHARDEV_TYPE_STDIO:
        g_string_append_printf(text, "%s,id=%s", vir_domain_chardev_type_to_string(src->type), id);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_DEV:
        g_string_append_printf(text, "%s,id=%s", strstr(id, "parallel") ? "parallel" : "serial",
                               id);
        add_text(text, "path", path);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_FILE:
        g_string_append_printf(text, "file,id=%s", id);
        if (!add_file(argv, text, "path", path, src->append == VIR_TRISTATE_ON, source, error))
            return FALSE;
        g_string_append(text, ",append=on");
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_PIPE:
        g_string_append_printf(text, "pipe,id=%s", id);
        add_text(text, "path", path);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_UDP:
        g_string_append_printf(text, "udp,id=%s", id);
        add_udp(text, src);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_TCP:
        g_string_append_printf(text, "socket,id=%s", id);
        add_tcp(argv, text, src);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_UNIX:
        g_string_append_printf(text, "socket,id=%s", id);
        if (!add_unix(argv, text, src, path, error))
            return FALSE;
        break;
    default:
        return vir_argv_unsupported(argv, error, "type '%s' of character device '%s'",
                                    vir_domain_chardev_type_to_string(src->type),
                                    id + strlen("char"));
    }
    if (src->log) {
        if (!add_file(argv, text, "logfile", src->log, src->log_append == VIR_TRISTATE_ON, log,
                      error))
            return FALSE;
        g_string_append(text, ",logappend=on");
    }
    vir_argv_add(argv, "-chardev", text->str);
    return TRUE;
}

static gboolean
add_pair(VirArgv *argv, const VirDomainChardev *src, const VirDomainDeviceInfo *info,
         const char *default_path, json_object *props, GError **error)
{
    g_autofree char *id = g_strconcat("char", info->alias, NULL);

    vir_props_add(props, "s:chardev", id, "s:id", info->alias, NULL);
    if (!vir_argv_chardev(argv, src, id, default_path, error)) {
        json_object_put(props);
        return FALSE;
    }
    return vir_argv_add_device(argv, props, info, error);
}

static gboolean
add_serial(VirArgv *argv, const VirDomainSerial *serial, GError **error)
{
    const char *driver;
    json_object *props;

    switch (serial->target_type) {
    case VIR_DOMAIN_SERIAL_TARGET_TYPE_UNSET:
    case VIR_DOMAIN_SERIAL_TARGET_TYPE_NONE:
    case VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL:
        driver = "isa-serial";
        break;
    case VIR_DOMAIN_SERIAL_TARGET_TYPE_USB_SERIAL:
        driver = "usb-serial";
        break;
    case VIR_DOMAIN_SERIAL_TARGET_TYPE_PCI_SERIAL:
        driver = "pci-serial";
        break;
    case VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_DEBUG:
        driver = "isa-debugcon";
        break;
    default:
        return vir_argv_unsupported(argv, error, "/domain/devices/serial/target/@type '%s'",
                                    vir_domain_serial_target_type_to_string(serial->target_type));
    }
    props = vir_props_new("s:driver", driver, NULL);
    if (g_str_equal(driver, "isa-serial"))
        vir_props_add(props, "u:index", (guint64)serial->port, NULL);
    return add_pair(argv, &serial->src, &serial->info, NULL, props, error);
}

static gboolean
add_channel(VirArgv *argv, const VirDomainChannel *channel, guint i, GError **error)
{
    g_autofree char *path = NULL;

    if (channel->target_type != VIR_DOMAIN_CHANNEL_TARGET_TYPE_VIRTIO)
        return vir_argv_unsupported(argv, error, "/domain/devices/channel[%u]/target/@type '%s'",
                                    i + 1,
                                    vir_domain_channel_target_type_to_string(channel->target_type));
    if (channel->src.type == VIR_DOMAIN_CHARDEV_TYPE_UNIX && !channel->src.path &&
        argv->context->channel_dir)
        path = g_build_filename(argv->context->channel_dir,
                                channel->name ? channel->name : channel->info.alias, NULL);
    return add_pair(argv, &channel->src, &channel->info, path,
                    vir_props_new("s:driver", "virtserialport", "S:name", channel->name, NULL),
                    error);
}

static gboolean
add_console(VirArgv *argv, const VirDomainConsole *console, guint i, GError **error)
{
    /* The first one is another name of the first serial port. */
    if (console->target_type == VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL && i == 0)
        return TRUE;
    if (console->target_type != VIR_DOMAIN_CONSOLE_TARGET_TYPE_VIRTIO)
        return vir_argv_unsupported(argv, error, "/domain/devices/console[%u]/target/@type '%s'",
                                    i + 1,
                                    vir_domain_console_target_type_to_string(console->target_type));
    return add_pair(argv, &console->src, &console->info, NULL,
                    vir_props_new("s:driver", "virtconsole", NULL), error);
}

gboolean
vir_argv_chardevs(VirArgv *argv, GError **error)
{
    const VirDomainDevices *devices = &argv->def->devices;

    for (guint i = 0; i < devices->n_serials; i++) {
        if (!add_serial(argv, devices->serials[i], error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_parallels; i++) {
        if (!add_pair(argv, &devices->parallels[i]->src, &devices->parallels[i]->info, NULL,
                      vir_props_new("s:driver", "isa-parallel", NULL), error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_channels; i++) {
        if (!add_channel(argv, devices->channels[i], i, error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_consoles; i++) {
        if (!add_console(argv, devices->consoles[i], i, error))
            return FALSE;
    }
    return TRUE;
}
