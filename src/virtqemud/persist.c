/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "persist.h"

#include "vir-enum.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-log.h"
#include <errno.h>
#include <libvirt/libvirt.h>
#include <string.h>
#include <unistd.h>

VIR_LOG_INIT("qemu.persist");

#define MAX_FILE (16 * 1024 * 1024)
#define MAX_LOADERS 15
#define FILES_PER_LOADER 32

VIR_ENUM(running_reasons, "unknown", "booted", "migrated", "restored", "from snapshot", "unpaused",
         "migration canceled", "save canceled", "wakeup", "crashed", "post-copy",
         "post-copy failed");
VIR_ENUM(blocked_reasons, "unknown");
VIR_ENUM(paused_reasons, "unknown", "user", "migration", "save", "dump", "ioerror", "watchdog",
         "from snapshot", "shutdown", "snapshot", "panicked", "starting up", "post-copy",
         "post-copy failed", "api error");
VIR_ENUM(shutdown_reasons, "unknown", "user");
VIR_ENUM(shutoff_reasons, "unknown", "shutdown", "destroyed", "crashed", "migrated", "saved",
         "failed", "from snapshot", "daemon");
VIR_ENUM(crashed_reasons, "unknown", "panicked");
VIR_ENUM(pmsuspended_reasons, "unknown");

static const VirEnum *const reasons[] = {
    [VIR_DOMAIN_NOSTATE] = &blocked_reasons,   [VIR_DOMAIN_RUNNING] = &running_reasons,
    [VIR_DOMAIN_BLOCKED] = &blocked_reasons,   [VIR_DOMAIN_PAUSED] = &paused_reasons,
    [VIR_DOMAIN_SHUTDOWN] = &shutdown_reasons, [VIR_DOMAIN_SHUTOFF] = &shutoff_reasons,
    [VIR_DOMAIN_CRASHED] = &crashed_reasons,   [VIR_DOMAIN_PMSUSPENDED] = &pmsuspended_reasons,
};

int
vir_qemu_reason_value(int state, const char *name)
{
    int value = -1;

    if (name != NULL && state >= 0 && state < (int)G_N_ELEMENTS(reasons))
        value = vir_enum_from_string(reasons[state], name);
    return MAX(value, 0);
}

const char *
vir_qemu_reason_name(int state, int reason)
{
    const char *name = NULL;

    if (state >= 0 && state < (int)G_N_ELEMENTS(reasons))
        name = vir_enum_to_string(reasons[state], reason);
    return name != NULL ? name : "unknown";
}

static char *
file_of(const char *dir, const char *name, const char *suffix)
{
    return g_strconcat(dir, "/", name, suffix, NULL);
}

/* A "--" would end the comment, so a name with one is not said. */
static char *
with_header(const char *name, const char *xml)
{
    return g_strdup_printf("<!--\n"
                           "This file is kept by virtqemud, which overwrites it: do not edit it by "
                           "hand.\nChange it with\n  virsh edit %s\n"
                           "or another client of the libvirt API.\n-->\n\n%s",
                           strstr(name, "--") == NULL ? name : "DOMAIN", xml);
}

gboolean
vir_qemu_config_write(VirQemuDriver *driver, const VirQemuDef *config, GError **error)
{
    g_autofree char *path = file_of(driver->dirs.config, config->name, ".xml");
    g_autofree char *text = with_header(config->name, vir_qemu_def_whole(config));

    return vir_file_write_atomic(path, text, -1, 0600, error);
}

gboolean
vir_qemu_config_remove(VirQemuDriver *driver, const char *name, GError **error)
{
    g_autofree char *path = file_of(driver->dirs.config, name, ".xml");

    return vir_qemu_autostart_write(driver, name, FALSE, error) && vir_file_remove(path, error);
}

gboolean
vir_qemu_autostart_write(VirQemuDriver *driver, const char *name, gboolean on, GError **error)
{
    g_autofree char *path = file_of(driver->dirs.config, name, ".xml");
    g_autofree char *link = file_of(driver->dirs.autostart, name, ".xml");

    if (!on)
        return vir_file_remove(link, error);
    if (!vir_dir_make(driver->dirs.autostart, 0700, error))
        return FALSE;
    if (symlink(path, link) < 0 && errno != EEXIST)
        return vir_error_set_errno(error, errno, "cannot make the link '%s' to '%s'", link, path);
    return TRUE;
}

/* ---- status ---- */

static void
fill_status(VirDomstatusStatus *status, VirQemuDomain *dom, VirQemuProcess *process)
{
    status->state = (guint8)(dom->state + 1);
    status->reason = g_strdup(vir_qemu_reason_name(dom->state, dom->reason));
    status->pid = (int)vir_qemu_process_pid(process);
    status->has_pid = true;
    status->process_start = vir_qemu_process_started(process);
    status->has_process_start = status->process_start != 0;
    status->monitor = g_strconcat(dom->lib_dir, "/monitor.sock", NULL);
    status->monitor_type = VIR_DOMSTATUS_STATUS_MONITOR_TYPE_UNIX;
    status->lib_dir = g_strdup(dom->lib_dir);
    status->fakereboot = dom->fake_reboot;
    status->autodestroy = dom->autodestroy;
    status->balloon = dom->balloon;
    status->has_balloon = true;
    for (guint i = 0; dom->vcpu_tids != NULL && i < dom->vcpu_tids->len; i++) {
        VirDomstatusVcpuThread *vcpu = vir_domstatus_vcpu_thread_new();

        vcpu->id = i;
        vcpu->pid = (int)g_array_index(dom->vcpu_tids, pid_t, i);
        vcpu->has_pid = true;
        vir_xml_append(status, vcpus, vcpu);
    }
}

gboolean
vir_qemu_status_write(VirQemuDomain *dom, GError **error)
{
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);
    g_autoptr(VirDomstatusStatus) status = vir_domstatus_status_new();
    g_autofree char *path = file_of(dom->driver->dirs.state, dom->def->name, ".xml");
    g_autofree char *xml = NULL;
    g_autofree char *text = NULL;

    fill_status(status, dom, process);
    status->domain = dom->def;
    xml = vir_xml_format(&vir_domstatus_status_doc, status, VIR_XML_STATUS | VIR_XML_SECURE, error);
    status->domain = NULL;
    if (xml == NULL)
        return FALSE;
    text = with_header(dom->def->name, xml);
    return vir_file_write_run(path, text, -1, 0600, error);
}

gboolean
vir_qemu_pid_write(VirQemuDomain *dom, GError **error)
{
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);
    g_autofree char *path = file_of(dom->driver->dirs.state, dom->def->name, ".pid");
    g_autofree char *pid = g_strdup_printf("%d\n", (int)vir_qemu_process_pid(process));

    return vir_file_write_run(path, pid, -1, 0644, error);
}

void
vir_qemu_status_remove(VirQemuDriver *driver, const char *name)
{
    static const char *const suffixes[] = {".xml", ".pid"};

    for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *path = file_of(driver->dirs.state, name, suffixes[i]);
        g_autoptr(GError) error = NULL;

        if (!vir_file_remove(path, &error))
            vir_warn("%s", error->message);
    }
}

VirDomstatusStatus *
vir_qemu_status_read(const char *path, GError **error)
{
    gsize len = 0;
    g_autofree char *text = vir_file_read(path, MAX_FILE, &len, error);
    g_autoptr(VirDomstatusStatus) status = NULL;

    if (text == NULL)
        return NULL;
    status = vir_xml_parse(&vir_domstatus_status_doc, text, (gssize)len, path,
                           VIR_XML_STATUS | VIR_XML_NO_CHECK, NULL, error);
    if (status == NULL)
        return NULL;
    if (status->domain == NULL || !status->domain->has_uuid || !status->domain->has_id ||
        !status->has_pid || status->pid <= 0) {
        vir_error_set(error, VIR_ERR_XML_ERROR, "'%s' lacks the domain, its UUID, id or process",
                      path);
        return NULL;
    }
    return g_steal_pointer(&status);
}

/* ---- loading ---- */

GPtrArray *
vir_qemu_xml_names(const char *dir)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) handle = g_dir_open(dir, 0, NULL);
    const char *entry;

    while (handle != NULL && (entry = g_dir_read_name(handle)) != NULL) {
        if (entry[0] != '.' && g_str_has_suffix(entry, ".xml"))
            g_ptr_array_add(names, g_strndup(entry, strlen(entry) - strlen(".xml")));
    }
    return names;
}

typedef struct {
    VirQemuDriver *driver;
    GPtrArray *names;
    GHashTable *autostart; /* names */
    guint next;            /* atomic: of names */
    guint failed;          /* atomic */
} Load;

static VirQemuDef *
load_config(VirQemuDriver *driver, const char *name, GError **error)
{
    g_autofree char *path = file_of(driver->dirs.config, name, ".xml");
    gsize len = 0;
    g_autofree char *text = vir_file_read(path, MAX_FILE, &len, error);
    g_autoptr(VirDomainDef) def = NULL;

    if (text == NULL)
        return NULL;
    def = vir_xml_parse(&vir_domain_domain_doc, text, (gssize)len, path, VIR_XML_INACTIVE, NULL,
                        error);
    if (def == NULL)
        return NULL;
    if (g_strcmp0(def->name, name) != 0 || !def->has_uuid) {
        vir_error_set(error, VIR_ERR_XML_ERROR, "'%s' holds no UUID or another name, '%s'", path,
                      def->name);
        return NULL;
    }
    return vir_qemu_def_new(def, FALSE, error);
}

static void
load_one(Load *load, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirQemuDef) config = load_config(load->driver, name, &error);
    g_autoptr(VirQemuDomain) dom = NULL;
    g_autofree char *save = NULL;

    if (config != NULL)
        dom = vir_qemu_domain_add(load->driver, config, name, config->uuid, TRUE, NULL, &error);
    if (dom == NULL) {
        vir_err("the definition of '%s' is not loaded, its file is kept: %s", name, error->message);
        __atomic_fetch_add(&load->failed, 1, __ATOMIC_RELAXED);
        return;
    }
    save = file_of(load->driver->dirs.save, name, ".save");
    dom->managed_save = access(save, F_OK) == 0;
    dom->autostart = g_hash_table_contains(load->autostart, name);
    dom->hidden = FALSE;
    vir_qemu_domain_publish(dom);
}

static void *
load_some(void *data)
{
    Load *load = data;
    guint i;

    while ((i = __atomic_fetch_add(&load->next, 1, __ATOMIC_RELAXED)) < load->names->len)
        load_one(load, g_ptr_array_index(load->names, i));
    return NULL;
}

void
vir_qemu_config_load_all(VirQemuDriver *driver)
{
    g_autoptr(GPtrArray) names = vir_qemu_xml_names(driver->dirs.config);
    g_autoptr(GPtrArray) links = vir_qemu_xml_names(driver->dirs.autostart);
    g_autoptr(GHashTable) autostart = g_hash_table_new(g_str_hash, g_str_equal);
    Load load = {.driver = driver, .names = names, .autostart = autostart};
    pthread_t threads[MAX_LOADERS];
    guint wanted = MIN(g_get_num_processors() - 1, MAX_LOADERS);
    guint n = 0;

    for (guint i = 0; i < links->len; i++)
        g_hash_table_add(autostart, g_ptr_array_index(links, i));
    /* A few files are read before a thread has begun. */
    while (n < wanted && names->len / FILES_PER_LOADER > n &&
           pthread_create(&threads[n], NULL, load_some, &load) == 0)
        n++;
    load_some(&load);
    while (n > 0)
        pthread_join(threads[--n], NULL);
    vir_info("%u definitions loaded, %u not", names->len - load.failed, load.failed);
}
