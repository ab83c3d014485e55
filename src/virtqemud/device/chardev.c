/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "storage-secret.h"
#include "vir-error.h"
#include <string.h>

/* The host side of a character device, with all that is opened or made for it. */
typedef struct {
    const VirDomainChardev *src;
    const char *id;    /* of -chardev; the name of the device is behind "char" */
    const char *name;  /* of the device */
    const char *path;  /* NULL where the type has none */
    gboolean parallel; /* a device node of this kind */
    gboolean listens;  /* at a UNIX socket */
    int listener;      /* that socket, or -1: QEMU opens it */
    char *file;        /* "/dev/fdset/N" of the output, or its path */
    char *log;         /* the same of the log */
    gboolean append;   /* to the output: what we open is emptied by us */
    gboolean log_append;
    char *tls; /* object with the certificates */
} Backend;

static void
clear_backend(Backend *backend)
{
    g_free(backend->file);
    g_free(backend->log);
    g_free(backend->tls);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Backend, clear_backend)

/* A file that QEMU appends to, opened by us so that QEMU needs no right to the folder. */
static char *
open_file(VirArgv *argv, const char *path, gboolean *append, const Backend *backend,
          const char *what, GError **error)
{
    int fd;

    if (!argv->env->open_output)
        return g_strdup(path);
    fd = argv->env->open_output(argv->env, path, *append, error);
    *append = TRUE;
    if (fd < 0) {
        g_prefix_error(error, "character device '%s': ", backend->name);
        return NULL;
    }
    return vir_argv_add_fdset(argv, fd, backend->name, what);
}

char *
vir_argv_add_fdset(VirArgv *argv, int fd, const char *device, const char *what)
{
    vir_spawn_pass_fd(argv->spawn, fd);
    vir_argv_addf(argv, "-add-fd", "set=%u,fd=%d,opaque=%s-%s", argv->next_fdset, fd, device, what);
    return g_strdup_printf("/dev/fdset/%u", argv->next_fdset++);
}

/* Whether both ends speak TLS: the document says so, or else qemu.conf. */
static gboolean
wants_tls(const VirArgv *argv, const VirDomainChardev *src)
{
    if (src->type != VIR_DOMAIN_CHARDEV_TYPE_TCP || src->tls == VIR_TRISTATE_NO)
        return FALSE;
    return src->tls == VIR_TRISTATE_YES || argv->env->conf->chardev_tls.on;
}

static gboolean
add_tls(VirArgv *argv, Backend *backend, GError **error)
{
    const VirQemuTlsConf *conf = &argv->env->conf->chardev_tls;
    gboolean server = backend->src->mode == VIR_DOMAIN_CHARDEV_MODE_BIND;

    if (!wants_tls(argv, backend->src))
        return TRUE;
    backend->tls = g_strdup_printf("obj%s_tls0", backend->id);
    /* A client that does not look at the server's certificate would be of no use. */
    return vir_argv_tls_creds(argv,
                              &(VirArgvTls){.id = backend->tls,
                                            .parent = backend->id,
                                            .dir = conf->dir,
                                            .secret_uuid = conf->secret_uuid,
                                            .server = server,
                                            .verify = !server || conf->verify},
                              error);
}

/* ---- key=value ---- */

static void
add_text(GString *text, const char *key, const char *value)
{
    g_autofree char *escaped = vir_argv_escape(value ? value : "");

    g_string_append_printf(text, ",%s=%s", key, escaped);
}

static const VirDomainChardevEnd *
udp_end(const VirDomainChardev *src, int mode)
{
    for (guint i = 0; i < src->n_ends; i++) {
        if (src->ends[i]->mode == mode)
            return src->ends[i];
    }
    return NULL;
}

static void
text_udp(GString *text, const VirDomainChardev *src)
{
    const VirDomainChardevEnd *to = udp_end(src, VIR_DOMAIN_CHARDEV_END_MODE_CONNECT);
    const VirDomainChardevEnd *from = udp_end(src, VIR_DOMAIN_CHARDEV_END_MODE_BIND);

    add_text(text, "host", to ? to->host : NULL);
    add_text(text, "port", to ? to->service : NULL);
    add_text(text, "localaddr", from ? from->host : NULL);
    add_text(text, "localport", from && from->service ? from->service : "0");
}

static gboolean
is_server(const Backend *backend)
{
    return backend->listens || (backend->src->type == VIR_DOMAIN_CHARDEV_TYPE_TCP &&
                                backend->src->mode == VIR_DOMAIN_CHARDEV_MODE_BIND);
}

const char *
vir_argv_reconnect(const VirArgv *argv, int enabled, guint64 seconds, guint64 *value)
{
    gboolean ms = vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_CHARDEV_RECONNECT_MILISECONDS);

    *value = enabled == VIR_TRISTATE_YES ? seconds * (ms ? 1000 : 1) : 0;
    if (!enabled)
        return NULL;
    return ms ? "reconnect-ms" : "reconnect";
}

static void
text_socket(const VirArgv *argv, GString *text, const Backend *backend)
{
    guint64 delay;
    const char *again = vir_argv_reconnect(argv, backend->src->reconnect_enabled,
                                           backend->src->reconnect_timeout, &delay);

    if (backend->src->type == VIR_DOMAIN_CHARDEV_TYPE_TCP) {
        add_text(text, "host", backend->src->host);
        add_text(text, "port", backend->src->service);
        if (backend->src->protocol == VIR_DOMAIN_CHARDEV_PROTOCOL_TELNET)
            g_string_append(text, ",telnet=on");
    } else if (backend->listener >= 0) {
        g_string_append_printf(text, ",fd=%d", backend->listener);
    } else {
        add_text(text, "path", backend->path);
    }
    if (is_server(backend))
        g_string_append(text, ",server=on,wait=off");
    else if (again)
        g_string_append_printf(text, ",%s=%" G_GUINT64_FORMAT, again, delay);
    if (backend->tls)
        add_text(text, "tls-creds", backend->tls);
}

static const char *
on_off(gboolean on)
{
    return on ? "on" : "off";
}

/* What stands behind "KIND,id=ID". */
static void
text_backend(const VirArgv *argv, GString *text, const Backend *backend)
{
    const VirDomainChardev *src = backend->src;

    switch (src->type) {
    case VIR_DOMAIN_CHARDEV_TYPE_DEV:
    case VIR_DOMAIN_CHARDEV_TYPE_PIPE:
        add_text(text, "path", backend->path);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_FILE:
        add_text(text, "path", backend->file);
        if (backend->append)
            g_string_append(text, ",append=on");
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_UDP:
        text_udp(text, src);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_TCP:
    case VIR_DOMAIN_CHARDEV_TYPE_UNIX:
        text_socket(argv, text, backend);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_SPICEVMC:
        add_text(text, "name", backend->path);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_SPICEPORT:
    case VIR_DOMAIN_CHARDEV_TYPE_DBUS:
        add_text(text, "name", src->channel);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_QEMU_VDAGENT:
        g_string_append(text, ",name=vdagent");
        if (src->clipboard)
            add_text(text, "clipboard", on_off(src->clipboard == VIR_TRISTATE_YES));
        if (src->mouse)
            add_text(text, "mouse", on_off(src->mouse == VIR_DOMAIN_CHARDEV_MOUSE_CLIENT));
        break;
    default:
        break;
    }
    if (backend->log) {
        add_text(text, "logfile", backend->log);
        if (backend->log_append)
            g_string_append(text, ",logappend=on");
    }
}

/* ---- JSON ---- */

static json_object *
json_address(const char *type, json_object *data)
{
    return vir_props_new("s:type", type, "a:data", data, NULL);
}

static json_object *
json_inet(const char *host, const char *service)
{
    return json_address(
        "inet", vir_props_new("s:host", host ? host : "", "s:port", service ? service : "", NULL));
}

static void
json_udp(json_object *data, const VirDomainChardev *src)
{
    const VirDomainChardevEnd *to = udp_end(src, VIR_DOMAIN_CHARDEV_END_MODE_CONNECT);
    const VirDomainChardevEnd *from = udp_end(src, VIR_DOMAIN_CHARDEV_END_MODE_BIND);

    vir_props_add(data, "a:remote", json_inet(to ? to->host : NULL, to ? to->service : NULL), NULL);
    if (from)
        vir_props_add(data, "a:local", json_inet(from->host, from->service ? from->service : "0"),
                      NULL);
}

static void
json_socket(const VirArgv *argv, json_object *data, const Backend *backend)
{
    const VirDomainChardev *src = backend->src;
    g_autofree char *fd = g_strdup_printf("%d", backend->listener);
    guint64 delay;
    const char *again =
        vir_argv_reconnect(argv, src->reconnect_enabled, src->reconnect_timeout, &delay);
    gboolean server = is_server(backend);

    if (src->type == VIR_DOMAIN_CHARDEV_TYPE_TCP)
        vir_props_add(data, "a:addr", json_inet(src->host, src->service), "b:telnet",
                      src->protocol == VIR_DOMAIN_CHARDEV_PROTOCOL_TELNET, NULL);
    else if (backend->listener >= 0)
        vir_props_add(data, "a:addr", json_address("fd", vir_props_new("s:str", fd, NULL)), NULL);
    else
        vir_props_add(data, "a:addr",
                      json_address("unix", vir_props_new("s:path", backend->path, NULL)), NULL);
    vir_props_add(data, "b:server", server, NULL);
    if (server)
        vir_props_add(data, "b:wait", FALSE, NULL);
    else if (again)
        json_object_object_add(data, again, json_object_new_uint64(delay));
    vir_props_add(data, "S:tls-creds", backend->tls, NULL);
}

static void
json_vdagent(json_object *data, const VirDomainChardev *src)
{
    vir_props_add(data, "t:clipboard", src->clipboard, NULL);
    if (src->mouse)
        vir_props_add(data, "b:mouse", src->mouse == VIR_DOMAIN_CHARDEV_MOUSE_CLIENT, NULL);
}

static json_object *
json_backend(const VirArgv *argv, const Backend *backend)
{
    const VirDomainChardev *src = backend->src;
    json_object *data = json_object_new_object();

    switch (src->type) {
    case VIR_DOMAIN_CHARDEV_TYPE_DEV:
    case VIR_DOMAIN_CHARDEV_TYPE_PIPE:
        vir_props_add(data, "s:device", backend->path, NULL);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_FILE:
        vir_props_add(data, "s:out", backend->file, "b:append", backend->append, NULL);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_UDP:
        json_udp(data, src);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_TCP:
    case VIR_DOMAIN_CHARDEV_TYPE_UNIX:
        json_socket(argv, data, backend);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_SPICEVMC:
        vir_props_add(data, "s:type", backend->path, NULL);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_SPICEPORT:
        vir_props_add(data, "s:fqdn", src->channel, NULL);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_DBUS:
        vir_props_add(data, "s:name", src->channel, NULL);
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_QEMU_VDAGENT:
        json_vdagent(data, src);
        break;
    default:
        break;
    }
    if (backend->log)
        vir_props_add(data, "s:logfile", backend->log, "b:logappend", backend->log_append, NULL);
    return data;
}

/* ---- both ---- */

/* QEMU's name of a type; NULL where it has none. */
static const char *
kind_name(const Backend *backend)
{
    switch (backend->src->type) {
    case VIR_DOMAIN_CHARDEV_TYPE_DEV:
        return backend->parallel ? "parallel" : "serial";
    case VIR_DOMAIN_CHARDEV_TYPE_TCP:
    case VIR_DOMAIN_CHARDEV_TYPE_UNIX:
        return "socket";
    case VIR_DOMAIN_CHARDEV_TYPE_UNSET:
        return NULL;
    default:
        return vir_domain_chardev_type_to_string(backend->src->type);
    }
}

/* Opens files and sockets. */
static gboolean
open_backend(VirArgv *argv, Backend *backend, GError **error)
{
    const VirDomainChardev *src = backend->src;

    if (src->type == VIR_DOMAIN_CHARDEV_TYPE_FILE) {
        backend->append = src->append == VIR_TRISTATE_ON;
        backend->file = open_file(argv, backend->path, &backend->append, backend, "source", error);
        if (!backend->file)
            return FALSE;
    }
    /* A socket that nobody named is ours: we listen. */
    backend->listens = src->type == VIR_DOMAIN_CHARDEV_TYPE_UNIX &&
                       (src->mode == VIR_DOMAIN_CHARDEV_MODE_BIND || !src->path);
    if (backend->listens && argv->env->listen_unix) {
        backend->listener = argv->env->listen_unix(argv->env, backend->path, error);
        if (backend->listener < 0) {
            g_prefix_error(error, "character device '%s': ", backend->name);
            return FALSE;
        }
        vir_spawn_pass_fd(argv->spawn, backend->listener);
    }
    if (src->log) {
        backend->log_append = src->log_append == VIR_TRISTATE_ON;
        backend->log = open_file(argv, src->log, &backend->log_append, backend, "log", error);
        if (!backend->log)
            return FALSE;
    }
    return add_tls(argv, backend, error);
}

static void
add_json(VirArgv *argv, const char *id, const char *kind, json_object *data)
{
    vir_argv_add_props(argv, "-chardev",
                       vir_props_new("s:id", id, "a:backend",
                                     vir_props_new("s:type", kind, "a:data", data, NULL), NULL));
}

static void
add_backend(VirArgv *argv, const Backend *backend, const char *kind)
{
    g_autoptr(GString) text = NULL;

    if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_CHARDEV_JSON)) {
        add_json(argv, backend->id, kind, json_backend(argv, backend));
        return;
    }
    text = g_string_new(kind);
    g_string_append_printf(text, ",id=%s", backend->id);
    text_backend(argv, text, backend);
    vir_argv_add(argv, "-chardev", text->str);
}

void
vir_argv_chardev_fd(VirArgv *argv, const char *id, int fd, gboolean server)
{
    g_autofree char *number = g_strdup_printf("%d", fd);
    json_object *data;

    if (!vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_CHARDEV_JSON)) {
        vir_argv_addf(argv, "-chardev", "socket,id=%s,fd=%d%s", id, fd,
                      server ? ",server=on,wait=off" : "");
        return;
    }
    data = vir_props_new("a:addr", json_address("fd", vir_props_new("s:str", number, NULL)),
                         "b:server", server, NULL);
    if (server)
        vir_props_add(data, "b:wait", FALSE, NULL);
    add_json(argv, id, "socket", data);
}

gboolean
vir_argv_chardev(VirArgv *argv, const VirDomainChardev *src, const char *id, const char *channel,
                 GError **error)
{
    g_auto(Backend) backend = {.src = src,
                               .id = id,
                               .name = g_str_has_prefix(id, "char") ? id + strlen("char") : id,
                               .path = src->path ? src->path : channel,
                               .parallel = g_str_has_prefix(id, "charparallel"),
                               .listener = -1};
    const char *kind = kind_name(&backend);

    if (!kind)
        return vir_argv_unsupported(argv, error, "type '%s' of character device '%s'",
                                    vir_domain_chardev_type_to_string(src->type), backend.name);
    if (!backend.path &&
        (src->type == VIR_DOMAIN_CHARDEV_TYPE_DEV || src->type == VIR_DOMAIN_CHARDEV_TYPE_FILE ||
         src->type == VIR_DOMAIN_CHARDEV_TYPE_PIPE || src->type == VIR_DOMAIN_CHARDEV_TYPE_UNIX))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "domain '%s': character device '%s' has no path", argv->def->name,
                             backend.name);
    if (src->type == VIR_DOMAIN_CHARDEV_TYPE_SPICEVMC && !backend.path)
        backend.path = "vdagent";
    if (!open_backend(argv, &backend, error))
        return FALSE;
    add_backend(argv, &backend, kind);
    return TRUE;
}
