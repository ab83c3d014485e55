/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver.h"

#include "domain.h"
#include "handlers.h"
#include "lifecycle.h"
#include "persist.h"
#include "reconnect.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-relay.h"
#include <libvirt/libvirt.h>
#include <libxml/parser.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define VIR_QEMU_OP(op) .op = vir_qemu_do_##op,
const VirOps vir_qemu_ops = {VIR_QEMU_HANDLERS(VIR_QEMU_OP)};
#undef VIR_QEMU_OP

/* One driver for one daemon: what the callbacks of VirDaemonSpec, which have no data, work on. */
static VirQemuDriver *the_driver;
static VirRelay *relay;

/* ---- connections ---- */

/* The path of "qemu:///path?parameters"; NULL where the scheme or a server is another. */
static char *
uri_path(const char *uri)
{
    const char *rest;

    if (!g_str_has_prefix(uri, "qemu://"))
        return NULL;
    rest = uri + strlen("qemu://");
    if (rest[0] != '/')
        rest = strchr(rest, '/') != NULL ? strchr(rest, '/') : "/";
    return g_strndup(rest, strcspn(rest, "?#"));
}

static gboolean
driver_open(void *state, VirIdentity *identity, gboolean readonly, const char *uri, void **conn,
            GError **error)
{
    VirQemuDriver *driver = state;
    const char *wanted = driver->privileged ? "/system" : "/session";
    g_autofree char *path = uri[0] != '\0' ? uri_path(uri) : g_strdup(wanted);
    VirQemuConn *self;

    if (path == NULL) {
        return vir_error_set(error, VIR_ERR_NO_CONNECT, "%s is no URI of QEMU, try %s", uri,
                             driver->uri);
    }
    /* The administrator's own session is the system. */
    if (strcmp(path, wanted) != 0 && !(driver->privileged && strcmp(path, "/session") == 0)) {
        if (path[0] == '\0' || strcmp(path, "/") == 0)
            return vir_error_set(error, VIR_ERR_INVALID_ARG, "no QEMU URI path given, try %s",
                                 driver->uri);
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "unexpected QEMU URI path '%s', try %s",
                             path, driver->uri);
    }
    self = g_new0(VirQemuConn, 1);
    self->driver = driver;
    self->uri = g_strdup(uri[0] != '\0' ? uri : driver->uri);
    self->autodestroy = g_ptr_array_new_with_free_func(vir_object_unref);
    pthread_mutex_init(&self->lock, NULL);
    *conn = self;
    return TRUE;
}

static gboolean
autodestroy_work(VirQemuDomain *dom, void *data, GError **error)
{
    return !vir_qemu_domain_active(dom) || !dom->autodestroy || vir_qemu_destroy(dom, 0, error);
}

static void
driver_close(void *state, void *conn)
{
    VirQemuConn *self = conn;

    for (guint i = 0; i < self->autodestroy->len; i++) {
        VirQemuDomain *dom = g_ptr_array_index(self->autodestroy, i);

        vir_qemu_domain_post(dom, "autodestroy", autodestroy_work, NULL, NULL);
    }
    g_ptr_array_unref(self->autodestroy);
    pthread_mutex_destroy(&self->lock);
    g_free(self->uri);
    g_free(self);
}

static char *
driver_uri(void *state, void *conn)
{
    return g_strdup(((VirQemuConn *)conn)->uri);
}

/* VIR_DRV_FEATURE_* of the protocol. */
enum {
    FEATURE_TYPED_PARAM_STRING = 9,
    FEATURE_XML_MIGRATABLE = 11,
    FEATURE_NETWORK_UPDATE_ORDER = 16,
};

static int
driver_feature(void *state, int feature)
{
    return feature == FEATURE_TYPED_PARAM_STRING || feature == FEATURE_XML_MIGRATABLE ||
           feature == FEATURE_NETWORK_UPDATE_ORDER;
}

static VirObject *
driver_lookup(void *state, VirClass klass, const char *name, const guint8 *uuid, GError **error)
{
    VirQemuDriver *driver = state;
    g_autoptr(VirQemuDomain) dom = vir_registry_by_uuid(driver->domains, uuid);
    g_autoptr(VirDomainView) view = dom != NULL ? vir_object_view(dom) : NULL;
    char text[VIR_UUID_TEXT_LEN];

    if (view != NULL && !view->hidden)
        return (VirObject *)g_steal_pointer(&dom);
    vir_error_set(error, VIR_ERR_NO_DOMAIN, "no domain with matching uuid '%s' (%s)",
                  vir_uuid_format(uuid, text), name != NULL ? name : "");
    return NULL;
}

static void
driver_urgent(void *state, VirObject *object, const VirProc *proc)
{
    /* Without flags there is no wish for grace. */
    vir_qemu_interrupt((VirQemuDomain *)object, strcmp(proc->name, "domain_destroy") == 0);
}

/* ---- graphics ports ---- */

static gboolean
port_is_free(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((guint16)port)};
    VIR_AUTOCLOSE fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    return fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
           bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

int
vir_qemu_port_take(VirQemuDriver *driver, int first, int last)
{
    VIR_LOCK(&driver->ports);

    for (int port = first; port <= last; port++) {
        if (g_hash_table_contains(driver->used_ports, GINT_TO_POINTER(port)) || !port_is_free(port))
            continue;
        g_hash_table_add(driver->used_ports, GINT_TO_POINTER(port));
        return port;
    }
    return -1;
}

void
vir_qemu_port_give(VirQemuDriver *driver, int port)
{
    VIR_LOCK(&driver->ports);

    g_hash_table_remove(driver->used_ports, GINT_TO_POINTER(port));
}

/* ---- start and stop ---- */

/* Where packages, the administrator and the user describe firmware. Packages install theirs where
 * they install emulators, whatever the root of this daemon. */
static char **
firmware_dirs(const VirPaths *paths)
{
    g_autoptr(GStrvBuilder) dirs = g_strv_builder_new();
    g_autofree char *own = g_build_filename(g_get_user_config_dir(), "qemu", "firmware", NULL);
    g_autofree char *etc = g_strconcat(paths->root, "/etc/qemu/firmware", NULL);

    if (!paths->privileged)
        g_strv_builder_add(dirs, own);
    g_strv_builder_add(dirs, etc);
    g_strv_builder_add(dirs, "/usr/share/qemu/firmware");
    return g_strv_builder_end(dirs);
}

static void
fill_dirs(VirQemuDirs *dirs, const VirPaths *paths)
{
    gboolean system = paths->privileged;

    dirs->config = g_strconcat(paths->config, "/qemu", NULL);
    dirs->autostart = g_strconcat(dirs->config, "/autostart", NULL);
    dirs->state = g_strconcat(paths->run, system ? "/qemu" : "/qemu/run", NULL);
    dirs->channel = g_strconcat(dirs->state, "/channel", NULL);
    dirs->log = g_strconcat(paths->log, system ? "/qemu" : "/qemu/log", NULL);
    dirs->cache = g_strconcat(paths->cache, system ? "/qemu" : "/qemu/cache", NULL);
    dirs->lib = g_strconcat(paths->lib, system ? "/qemu" : "/qemu/lib", NULL);
    dirs->save = g_strconcat(paths->lib, "/qemu/save", NULL);
    dirs->nvram = g_strconcat(paths->lib, "/qemu/nvram", NULL);
    dirs->passt = g_strconcat(dirs->state, "/passt", NULL);
    dirs->firmware = firmware_dirs(paths);
}

static gboolean
make_dirs(const VirQemuDirs *dirs, GError **error)
{
    const struct {
        const char *path;
        mode_t mode;
    } wanted[] = {
        {dirs->config, 0700},  {dirs->autostart, 0700}, {dirs->state, 0755},
        {dirs->channel, 0700}, {dirs->log, 0700},       {dirs->cache, 0750},
        {dirs->lib, 0751},     {dirs->save, 0700},      {dirs->nvram, 0700},
    };

    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        if (!vir_dir_make(wanted[i].path, wanted[i].mode, error))
            return FALSE;
    }
    return TRUE;
}

static void
dirs_clear(VirQemuDirs *dirs)
{
    g_free(dirs->config);
    g_free(dirs->autostart);
    g_free(dirs->state);
    g_free(dirs->channel);
    g_free(dirs->log);
    g_free(dirs->cache);
    g_free(dirs->lib);
    g_free(dirs->save);
    g_free(dirs->nvram);
    g_free(dirs->passt);
    g_free(dirs->ram);
    g_strfreev(dirs->firmware);
}

static VirDriver driver_row = {
    .name = "QEMU",
    .scheme = "qemu",
    .error_domain = VIR_FROM_QEMU,
    .classes = 1U << VIR_CLASS_CONNECT | 1U << VIR_CLASS_DOMAIN | 1U << VIR_CLASS_DOMAIN_SNAPSHOT |
               1U << VIR_CLASS_DOMAIN_CHECKPOINT,
    .ops = &vir_qemu_ops,
    .open = driver_open,
    .close = driver_close,
    .uri = driver_uri,
    .urgent = driver_urgent,
    .feature = driver_feature,
    .lookup = driver_lookup,
};

gboolean
vir_qemu_driver_start(VirDaemon *daemon, VirDriver **driver, GError **error)
{
    const VirPaths *paths = vir_daemon_paths(daemon);
    VirQemuDriver *self = g_new0(VirQemuDriver, 1);
    g_autofree char *conf = g_strconcat(paths->config, "/qemu.conf", NULL);
    g_autofree char *caps_dir = NULL;
    g_autofree char *kvm = g_strconcat(paths->root, "/dev/kvm", NULL);

    the_driver = self;
    self->daemon = daemon;
    self->privileged = vir_daemon_privileged(daemon);
    self->uri = g_strdup(self->privileged ? "qemu:///system" : "qemu:///session");
    self->domains = vir_registry_new();
    self->events = vir_event_hub_new();
    self->used_ports = g_hash_table_new(g_direct_hash, g_direct_equal);
    pthread_mutex_init(&self->ports, NULL);
    fill_dirs(&self->dirs, paths);
    caps_dir = g_strconcat(self->dirs.cache, "/capabilities", NULL);
    self->caps = vir_caps_cache_new(caps_dir, kvm);
    /* Its first use is no place for several threads at once. */
    xmlInitParser();
    if (!vir_qemu_conf_load(&self->conf, conf, error) || !make_dirs(&self->dirs, error))
        return FALSE;
    vir_qemu_env_host(&self->env, &self->conf, self->privileged);
    self->env.lib_dir = self->dirs.lib;
    self->env.channel_dir = self->dirs.channel;
    self->env.nvram_dir = self->dirs.nvram;
    self->env.passt_dir = self->dirs.passt;
    self->dirs.ram = self->conf.memory_backing_dir ? g_strdup(self->conf.memory_backing_dir)
                                                   : g_strconcat(paths->lib, "/qemu/ram", NULL);
    self->env.memory_dir = self->dirs.ram;
    self->env.firmware_dirs = (const char *const *)self->dirs.firmware;
    vir_qemu_config_load_all(self);
    vir_qemu_reconnect_all(self);
    vir_qemu_autostart_all(self);
    /* Networks, storage and the like are other daemons'. */
    relay = vir_relay_new(&(VirRelayConfig){.run_dir = paths->run, .privileged = self->privileged});
    vir_daemon_set_relay(daemon, relay);
    driver_row.state = self;
    driver_row.events = self->events;
    *driver = &driver_row;
    return TRUE;
}

void
vir_qemu_driver_stop(VirDaemon *daemon)
{
    VirQemuDriver *self = the_driver;
    g_autoptr(GPtrArray) domains = NULL;

    g_clear_pointer(&relay, vir_relay_free);
    if (self == NULL)
        return;
    self->stopping = TRUE;
    domains = vir_registry_list(self->domains);
    for (guint i = 0; i < domains->len; i++)
        vir_qemu_abandon(g_ptr_array_index(domains, i));
    g_clear_pointer(&domains, g_ptr_array_unref);
    vir_registry_free(self->domains);
    vir_event_hub_free(self->events);
    vir_caps_cache_free(self->caps);
    vir_qemu_env_clear(&self->env);
    vir_qemu_conf_clear(&self->conf);
    dirs_clear(&self->dirs);
    g_hash_table_unref(self->used_ports);
    pthread_mutex_destroy(&self->ports);
    g_free(self->uri);
    g_clear_pointer(&the_driver, g_free);
}
