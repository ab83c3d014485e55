/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "storage-source.h"

#include "vir-error.h"
#include <grp.h>
#include <pwd.h>
#include <string.h>

/* GLUSTER_LOG_WARNING and up go to QEMU's log. */
#define GLUSTER_DEBUG_LEVEL 4

static const struct {
    int protocol;
    guint port;
} ports[] = {
    {VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_NBD, 10809},
    {VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_HTTP, 80},
    {VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_HTTPS, 443},
    {VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_FTP, 21},
    {VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_FTPS, 990},
    {VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_TFTP, 69},
    {VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_SSH, 22},
    {VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_VXHS, 9999},
    {VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_ISCSI, 3260},
    {VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_GLUSTER, 24007},
};

guint
vir_storage_default_port(int protocol)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ports); i++) {
        if (ports[i].protocol == protocol)
            return ports[i].port;
    }
    return 0;
}

/* A server's port in text, as QEMU's socket addresses have it. */
static char *
port_text(const VirDomainSourceNetwork *network, const VirDomainSourceHost *host)
{
    return g_strdup_printf("%u", host->has_port ? host->port
                                                : vir_storage_default_port(network->protocol));
}

static gboolean
is_unix(const VirDomainSourceHost *host)
{
    return host->transport == VIR_DOMAIN_SOURCE_HOST_TRANSPORT_UNIX;
}

/* A SocketAddress. */
static json_object *
socket_address(const VirDomainSourceNetwork *network, const VirDomainSourceHost *host)
{
    g_autofree char *port = port_text(network, host);

    if (is_unix(host))
        return vir_props_new("s:type", "unix", "s:path", host->socket, NULL);
    return vir_props_new("s:type", "inet", "s:host", host->name, "s:port", port, NULL);
}

/* An InetSocketAddress. */
static json_object *
inet_address(const VirDomainSourceNetwork *network, const VirDomainSourceHost *host)
{
    g_autofree char *port = port_text(network, host);

    return vir_props_new("s:host", host->name, "s:port", port, NULL);
}

/* "host:port", with brackets around what has colons itself. */
static char *
host_and_port(const VirDomainSourceNetwork *network)
{
    const VirDomainSourceHost *host = network->hosts[0];
    g_autofree char *port = port_text(network, host);
    gboolean v6 = host->name && strchr(host->name, ':');

    return g_strconcat(v6 ? "[" : "", host->name, v6 ? "]" : "", ":", port, NULL);
}

/* "https://host:443/path?query" of a web source. g_free(). */
static char *
web_url(const VirDomainSourceNetwork *network)
{
    g_autofree char *server = host_and_port(network);
    const char *path = network->name ? network->name : "";

    while (*path == '/')
        path++;
    return g_strconcat(vir_domain_source_network_protocol_to_string(network->protocol), "://",
                       server, "/", path, network->query ? "?" : "",
                       network->query ? network->query : "", NULL);
}

char *
vir_storage_cookies(const VirDomainSourceNetwork *network)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (network->n_cookies == 0)
        return NULL;
    for (guint i = 0; i < network->n_cookies; i++)
        g_string_append_printf(text, "%s%s=%s", i > 0 ? "; " : "", network->cookies[i]->name,
                               network->cookies[i]->value ? network->cookies[i]->value : "");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static json_object *
curl_props(const VirDomainSource *src, const VirStorageIds *ids)
{
    const VirDomainSourceNetwork *network = src->network;
    g_autofree char *url = web_url(network);
    json_object *props =
        vir_props_new("s:driver", vir_domain_source_network_protocol_to_string(network->protocol),
                      "s:url", url, "S:username", ids->user, "S:password-secret", ids->auth,
                      "t:sslverify", network->ssl_verify, "S:cookie-secret", ids->cookie, NULL);

    if (network->has_timeout)
        vir_props_add(props, "u:timeout", network->timeout, NULL);
    if (network->has_readahead)
        vir_props_add(props, "u:readahead", network->readahead, NULL);
    return props;
}

/* "pool/image", where QEMU takes the two apart. */
static json_object *
rbd_props(const VirDomainSource *src, const VirStorageIds *ids)
{
    const VirDomainSourceNetwork *network = src->network;
    const char *slash = strchr(network->name, '/');
    g_autofree char *pool =
        slash ? g_strndup(network->name, (gsize)(slash - network->name)) : g_strdup("");
    json_object *props = vir_props_new("s:driver", "rbd", "s:pool", pool, "s:image",
                                       slash ? slash + 1 : network->name, "S:snapshot",
                                       network->snapshot, "S:conf", network->config, NULL);
    json_object *encrypt = NULL;
    guint n = 0;

    if (network->n_hosts > 0) {
        json_object *servers = json_object_new_array();

        for (guint i = 0; i < network->n_hosts; i++) {
            const VirDomainSourceHost *host = network->hosts[i];
            /* Port 0 stands for those of both protocols of Ceph. */
            g_autofree char *port = g_strdup_printf("%u", host->port);

            json_object_array_add(servers,
                                  vir_props_new("s:host", host->name, "s:port", port, NULL));
        }
        vir_props_add(props, "a:server", servers, NULL);
    }
    while (ids->layers && ids->layers[n])
        n++;
    /* The innermost layer is the image's own parent: it is told last. */
    for (; n > 0; n--)
        encrypt = vir_props_new("s:format",
                                vir_domain_encryption_format_to_string(ids->encryption->format),
                                "s:key-secret", ids->layers[n - 1], "a:parent", encrypt, NULL);
    vir_props_add(props, "a:encrypt", encrypt, NULL);
    if (ids->user) {
        json_object *modes = json_object_new_array();

        json_object_array_add(modes, json_object_new_string("cephx"));
        json_object_array_add(modes, json_object_new_string("none"));
        vir_props_add(props, "s:user", ids->user, "a:auth-client-required", modes, "S:key-secret",
                      ids->auth, NULL);
    }
    return props;
}

/* "volume/path of the image". */
static json_object *
gluster_props(const VirDomainSourceNetwork *network)
{
    const char *name = network->name + strspn(network->name, "/");
    const char *slash = strchr(name, '/');
    g_autofree char *volume = slash ? g_strndup(name, (gsize)(slash - name)) : g_strdup(name);
    json_object *servers = json_object_new_array();

    for (guint i = 0; i < network->n_hosts; i++)
        json_object_array_add(servers, socket_address(network, network->hosts[i]));
    return vir_props_new("s:driver", "gluster", "s:volume", volume, "s:path",
                         slash ? slash + 1 : "", "a:server", servers, "u:debug",
                         (guint64)GLUSTER_DEBUG_LEVEL, NULL);
}

/* "target" or "target/lun". */
static json_object *
iscsi_props(const VirDomainSource *src, const VirStorageIds *ids, GError **error)
{
    const VirDomainSourceNetwork *network = src->network;
    g_autofree char *portal = host_and_port(network);
    g_auto(GStrv) parts = g_strsplit(network->name, "/", 2);
    guint64 lun = 0;

    if (parts[1] && !g_ascii_string_to_unsigned(parts[1], 10, 0, G_MAXUINT32, &lun, NULL)) {
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                      "iSCSI source '%s': '%s' is no number of a logical unit", network->name,
                      parts[1]);
        return NULL;
    }
    return vir_props_new("s:driver", "iscsi", "s:portal", portal, "s:target", parts[0], "u:lun",
                         lun, "s:transport", "tcp", "S:user", ids->user, "S:password-secret",
                         ids->auth, "S:initiator-name", network->initiator_iqn, NULL);
}

/* A number after a plus sign, or the name of a user or group of this host. */
static gboolean
find_id(const char *name, gboolean group, guint64 *id, GError **error)
{
    if (*name == '+') {
        if (g_ascii_string_to_unsigned(name + 1, 10, 0, G_MAXUINT32, id, NULL))
            return TRUE;
    } else if (group) {
        struct group entry;
        struct group *found = NULL;
        char buf[16384];

        if (getgrnam_r(name, &entry, buf, sizeof(buf), &found) == 0 && found) {
            *id = found->gr_gid;
            return TRUE;
        }
    } else {
        struct passwd entry;
        struct passwd *found = NULL;
        char buf[16384];

        if (getpwnam_r(name, &entry, buf, sizeof(buf), &found) == 0 && found) {
            *id = found->pw_uid;
            return TRUE;
        }
    }
    return vir_error_set(error, VIR_ERR_INVALID_ARG,
                         "NFS source: there is no %s '%s' on this host; '+NUMBER' needs no name",
                         group ? "group" : "user", name);
}

static json_object *
nfs_props(const VirDomainSourceNetwork *network, GError **error)
{
    json_object *props =
        vir_props_new("s:driver", "nfs", "a:server",
                      vir_props_new("s:host", network->hosts[0]->name, "s:type", "inet", NULL),
                      "s:path", network->name, NULL);
    const char *names[] = {network->identity_user, network->identity_group};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        guint64 id = 0;

        if (!names[i])
            continue;
        if (!find_id(names[i], i == 1, &id, error)) {
            json_object_put(props);
            return NULL;
        }
        vir_props_add(props, i == 1 ? "u:group" : "u:user", id, NULL);
    }
    return props;
}

static json_object *
ssh_props(const VirDomainSource *src, const VirStorageIds *ids)
{
    const VirDomainSourceNetwork *network = src->network;

    return vir_props_new("s:driver", "ssh", "s:path", network->name, "a:server",
                         inet_address(network, network->hosts[0]), "S:user",
                         ids->user ? ids->user : network->identity_username, NULL);
}

static json_object *
network_props(const VirArgv *argv, const VirDomainSource *src, const VirStorageIds *ids,
              GError **error)
{
    const VirDomainSourceNetwork *network = src->network;
    json_object *props;

    switch (network->protocol) {
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_NBD:
        props = vir_props_new("s:driver", "nbd", "a:server",
                              socket_address(network, network->hosts[0]), "S:export", network->name,
                              "S:tls-creds", ids->tls, "S:tls-hostname", network->tls_hostname,
                              "U:reconnect-delay", (guint64)network->reconnect_delay, NULL);
        return props;
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_RBD:
        return rbd_props(src, ids);
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_GLUSTER:
        return gluster_props(network);
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_ISCSI:
        return iscsi_props(src, ids, error);
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_HTTP:
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_HTTPS:
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_FTP:
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_FTPS:
        return curl_props(src, ids);
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_SSH:
        return ssh_props(src, ids);
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_NFS:
        return nfs_props(network, error);
    default:
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                      "domain '%s': no block driver of QEMU reads protocol '%s'", argv->def->name,
                      vir_domain_source_network_protocol_to_string(network->protocol));
        return NULL;
    }
}

static json_object *
nvme_props(const VirDomainSourceNvme *nvme)
{
    const VirPciAddress *at = nvme->address;
    g_autofree char *device =
        g_strdup_printf("%04x:%02x:%02x.%x", at->domain, at->bus, at->slot, at->function);

    return vir_props_new("s:driver", "nvme", "s:device", device, "u:namespace", nvme->namespace,
                         NULL);
}

/* A file or device of this host, which may have been opened already. */
static json_object *
file_props(const VirArgv *argv, const VirDomainSource *src, const VirDomainDisk *disk,
           const VirStorageIds *ids)
{
    gboolean block = vir_source_type(src) == VIR_DOMAIN_SOURCE_TYPE_BLOCK;
    const char *driver = !block ? "file"
                         : disk && disk->device == VIR_DOMAIN_DISK_DEVICE_CDROM &&
                                 argv->env->is_cdrom(argv->env, src->path)
                             ? "host_cdrom"
                             : "host_device";
    int io = disk && disk->driver ? disk->driver->io : 0;

    return vir_props_new("s:driver", driver, "s:filename", ids->fdset ? ids->fdset : src->path,
                         "S:aio", io ? vir_domain_disk_driver_io_to_string(io) : NULL,
                         "S:pr-manager", ids->reservations, NULL);
}

json_object *
vir_storage_props(const VirArgv *argv, const VirDomainSource *src, const VirDomainDisk *disk,
                  const VirStorageIds *ids, GError **error)
{
    if (ids->nbdkit)
        return vir_props_new("s:driver", "nbd", "a:server",
                             vir_props_new("s:type", "unix", "s:path", ids->nbdkit, NULL), NULL);
    switch (vir_source_type(src)) {
    case VIR_DOMAIN_SOURCE_TYPE_FILE:
    case VIR_DOMAIN_SOURCE_TYPE_BLOCK:
        return file_props(argv, src, disk, ids);
    case VIR_DOMAIN_SOURCE_TYPE_DIR:
        return vir_props_new("s:driver", "vvfat", "s:dir", src->path, "b:floppy",
                             disk && disk->device == VIR_DOMAIN_DISK_DEVICE_FLOPPY, "b:rw", FALSE,
                             NULL);
    case VIR_DOMAIN_SOURCE_TYPE_NETWORK:
        return network_props(argv, src, ids, error);
    case VIR_DOMAIN_SOURCE_TYPE_NVME:
        return nvme_props(src->nvme);
    case VIR_DOMAIN_SOURCE_TYPE_VHOSTVDPA:
        return vir_props_new("s:driver", "virtio-blk-vhost-vdpa", "s:path", ids->fdset, NULL);
    default:
        vir_argv_unsupported(argv, error, "a storage source of type '%s'",
                             vir_domain_source_type_to_string(vir_source_type(src)));
        return NULL;
    }
}
