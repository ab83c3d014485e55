/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reconnect.h"

#include "events.h"
#include "lifecycle.h"
#include "persist.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-log.h"
#include <errno.h>
#include <libvirt/libvirt.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

VIR_LOG_INIT("qemu.reconnect");

#define MAX_COMMAND_LINE (4 * 1024 * 1024)

/* ---- what the monitor says ---- */

static const struct {
    const char *status;
    int state;
    int reason;
} states[] = {
    {"running", VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_UNKNOWN},
    {"paused", VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_UNKNOWN},
    {"prelaunch", VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_UNKNOWN},
    {"debug", VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_UNKNOWN},
    {"io-error", VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_IOERROR},
    {"watchdog", VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_WATCHDOG},
    {"guest-panicked", VIR_DOMAIN_CRASHED, VIR_DOMAIN_CRASHED_PANICKED},
    {"suspended", VIR_DOMAIN_PMSUSPENDED, VIR_DOMAIN_PMSUSPENDED_UNKNOWN},
    {"shutdown", VIR_DOMAIN_SHUTDOWN, VIR_DOMAIN_SHUTDOWN_USER},
};

/* The guest halted while nobody looked: what its SHUTDOWN event would have done is done now. */
static void
halted_unseen(VirQemuDomain *dom)
{
    int action = dom->fake_reboot ? VIR_DOMAIN_LIFECYCLE_RESTART : dom->def->on_poweroff;

    vir_qemu_after_shutdown(dom, action, VIR_DOMAIN_SHUTOFF_SHUTDOWN);
}

static void
apply_status(VirQemuDomain *dom, const char *status)
{
    for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
        if (g_strcmp0(states[i].status, status) != 0)
            continue;
        /* The reason that we knew before says more, where the state is the same. */
        if (dom->state != states[i].state) {
            dom->state = states[i].state;
            dom->reason = states[i].reason;
        }
        if (dom->state == VIR_DOMAIN_SHUTDOWN)
            halted_unseen(dom);
        return;
    }
    vir_warn("domain '%s': QEMU says it is '%s', which is not known", dom->def->name, status);
}

gboolean
vir_qemu_resync(VirQemuDomain *dom, GError **error)
{
    json_object *answer = NULL;
    json_object *status;

    dom->unsure = FALSE;
    if (!vir_qemu_domain_qmp(dom, "query-status", NULL, &answer, error)) {
        dom->unsure = TRUE;
        return FALSE;
    }
    if (json_object_object_get_ex(answer, "status", &status) &&
        json_object_is_type(status, json_type_string))
        apply_status(dom, json_object_get_string(status));
    json_object_put(answer);
    if (!vir_qemu_refresh(dom, error))
        return FALSE;
    return vir_qemu_domain_save_live(dom, error);
}

/* ---- taking back ---- */

typedef struct {
    char *monitor;
} Taken;

static void
taken_free(void *data)
{
    Taken *taken = data;

    g_free(taken->monitor);
    g_free(taken);
}

static void
set_unreachable(VirQemuDomain *dom, const char *why)
{
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);

    g_free(dom->unreachable);
    dom->unreachable = g_strdup_printf(
        "its monitor cannot be used (%s): mend that and restart virtqemud, or destroy the domain "
        "(process %d)",
        why, (int)vir_qemu_process_pid(process));
    dom->reason = 0;
    vir_warn("domain '%s' is kept as its status file says, but %s", dom->def->name,
             dom->unreachable);
    vir_qemu_domain_publish(dom);
}

static gboolean
connect_work(VirQemuDomain *dom, void *data, GError **error)
{
    const Taken *taken = data;
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);
    g_autoptr(GError) local = NULL;
    int fd;

    if (!vir_qemu_domain_active(dom) || process == NULL)
        return TRUE;
    fd = taken->monitor != NULL ? vir_qemu_connect_socket(taken->monitor, &local) : -1;
    if (fd < 0) {
        set_unreachable(dom, local != NULL ? local->message : "the status file names none");
        return TRUE;
    }
    vir_qemu_process_attach(process, vir_strand_name(dom->base.strand), fd);
    dom->caps = vir_caps_cache_get(dom->driver->caps, dom->def->devices.emulator, NULL);
    if (!vir_qemu_resync(dom, &local)) {
        /* A QEMU that is only late is asked again with the next command. */
        vir_warn("domain '%s' is kept as its status file says: %s", dom->def->name, local->message);
        dom->unsure = TRUE;
        dom->reason = 0;
        vir_qemu_domain_publish(dom);
        return TRUE;
    }
    vir_qemu_drain_events(dom);
    if (dom->autodestroy && vir_qemu_domain_active(dom))
        return vir_qemu_destroy(dom, 0, error);
    return TRUE;
}

/* The domain of the status: one of the definitions, or a transient one. */
static VirQemuDomain *
domain_of(VirQemuDriver *driver, const VirDomainDef *def, GError **error)
{
    VirQemuDomain *existing = NULL;
    VirQemuDomain *dom =
        vir_qemu_domain_add(driver, NULL, def->name, def->uuid, TRUE, &existing, error);

    return dom != NULL ? dom : existing;
}

/*
 * The process that the status names, if it is that one still: by its start time, or, where a file
 * of another make has none, by the UUID in its command line. -1 where it is gone.
 */
static int
open_process(const VirDomstatusStatus *status)
{
    VIR_AUTOCLOSE fd = (int)syscall(SYS_pidfd_open, status->pid, 0);
    g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", status->pid);
    g_autofree char *line = NULL;
    char uuid[VIR_UUID_TEXT_LEN];
    gsize len = 0;
    int taken;

    if (fd < 0)
        return -1;
    if (status->has_process_start &&
        vir_qemu_process_start_time((pid_t)status->pid) != status->process_start)
        return -1;
    vir_uuid_format(status->domain->uuid, uuid);
    if (!status->has_process_start &&
        (!g_file_get_contents(path, &line, &len, NULL) || len > MAX_COMMAND_LINE ||
         memmem(line, len, uuid, strlen(uuid)) == NULL))
        return -1;
    taken = fd;
    fd = -1;
    return taken;
}

static void
take_fields(VirQemuDomain *dom, VirDomstatusStatus *status)
{
    dom->def = g_steal_pointer(&status->domain);
    dom->id = dom->def->id;
    dom->state = status->state - 1;
    dom->reason = vir_qemu_reason_value(dom->state, status->reason);
    dom->lib_dir = g_steal_pointer(&status->lib_dir);
    dom->fake_reboot = status->fakereboot;
    dom->autodestroy = status->autodestroy;
    dom->balloon = status->has_balloon            ? status->balloon
                   : dom->def->has_current_memory ? dom->def->current_memory
                                                  : dom->def->memory;
    dom->vcpu_tids = g_array_new(FALSE, FALSE, sizeof(pid_t));
    for (guint i = 0; i < status->n_vcpus; i++) {
        pid_t tid = (pid_t)status->vcpus[i]->pid;

        g_array_append_val(dom->vcpu_tids, tid);
    }
    dom->ports = g_array_new(FALSE, FALSE, sizeof(int));
    for (guint i = 0; i < dom->def->devices.n_graphics; i++) {
        const VirDomainGraphics *display = dom->def->devices.graphics[i];

        if (display->has_port && display->port > 0)
            g_array_append_val(dom->ports, display->port);
    }
}

static gboolean
gone_work(VirQemuDomain *dom, void *data, GError **error)
{
    if (vir_qemu_domain_active(dom))
        vir_qemu_stopped(dom, VIR_DOMAIN_SHUTOFF_CRASHED);
    return TRUE;
}

/* Before any job or client: the strand is idle, its state may be touched here. */
static gboolean
take_back(VirQemuDriver *driver, const char *path, GError **error)
{
    g_autoptr(VirDomstatusStatus) status = vir_qemu_status_read(path, error);
    g_autoptr(VirQemuDomain) dom = NULL;
    Taken *taken;
    int pidfd;

    if (status == NULL)
        return FALSE;
    dom = domain_of(driver, status->domain, error);
    if (dom == NULL)
        return FALSE;
    pidfd = open_process(status);
    dom->live = vir_qemu_def_new(status->domain, TRUE, error);
    if (dom->live == NULL) {
        vir_fd_close(&pidfd);
        return FALSE;
    }
    taken = g_new0(Taken, 1);
    taken->monitor = g_strdup(status->monitor);
    take_fields(dom, status);
    driver->last_id = MAX(driver->last_id, dom->id);
    dom->hidden = FALSE;
    if (pidfd >= 0) {
        dom->process = vir_qemu_process_new(dom, (pid_t)status->pid, pidfd, status->process_start);
    }
    vir_registry_set_id(driver->domains, &dom->base, dom->id);
    vir_daemon_inhibit(driver->daemon);
    vir_qemu_domain_publish(dom);
    vir_qemu_domain_post(dom, "reconnect", pidfd >= 0 ? connect_work : gone_work, taken,
                         taken_free);
    return TRUE;
}

/* What is left of a guest whose status cannot be read: shown, not started twice, not touched. */
static void
keep_unreadable(VirQemuDriver *driver, const char *name, const char *path, const char *why)
{
    g_autoptr(VirQemuDomain) dom = vir_registry_by_name(driver->domains, name);
    g_autofree char *pid_path = g_strconcat(driver->dirs.state, "/", name, ".pid", NULL);
    g_autofree char *text = vir_file_read(pid_path, 32, NULL, NULL);
    int pid = text != NULL ? atoi(text) : 0;
    g_autofree char *process = NULL;

    vir_err("the status file '%s' cannot be read and is kept: %s", path, why);
    if (dom == NULL)
        return;
    if (pid > 0 && vir_qemu_process_start_time(pid) != 0)
        process = g_strdup_printf(" (process %d may be one)", pid);
    dom->unreachable = g_strdup_printf("its status file '%s' cannot be read; make sure that no "
                                       "QEMU of it runs%s, remove the file and restart virtqemud",
                                       path, process != NULL ? process : "");
    dom->state = VIR_DOMAIN_NOSTATE;
    dom->reason = VIR_DOMAIN_NOSTATE_UNKNOWN;
    vir_qemu_domain_publish(dom);
}

void
vir_qemu_reconnect_all(VirQemuDriver *driver)
{
    g_autoptr(GPtrArray) names = vir_qemu_xml_names(driver->dirs.state);

    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *path = g_strconcat(driver->dirs.state, "/", name, ".xml", NULL);
        g_autoptr(GError) error = NULL;

        if (!take_back(driver, path, &error))
            keep_unreadable(driver, name, path, error->message);
    }
}

static gboolean
autostart_work(VirQemuDomain *dom, void *data, GError **error)
{
    if (dom->hidden || vir_qemu_domain_active(dom) || dom->unreachable != NULL)
        return TRUE;
    return vir_qemu_start(dom, NULL, 0, error);
}

void
vir_qemu_autostart_all(VirQemuDriver *driver)
{
    g_autofree char *marker = g_strconcat(driver->dirs.state, "/autostarted", NULL);
    g_autoptr(GPtrArray) domains = vir_registry_list(driver->domains);
    g_autoptr(GError) error = NULL;

    /* The folder of states is emptied by a boot: a restarted daemon starts nothing again. */
    if (access(marker, F_OK) == 0)
        return;
    if (!vir_file_write_atomic(marker, "", 0, 0600, &error))
        vir_warn("%s", error->message);
    for (guint i = 0; i < domains->len; i++) {
        VirQemuDomain *dom = g_ptr_array_index(domains, i);

        if (dom->autostart)
            vir_qemu_domain_post(dom, "autostart", autostart_work, NULL, NULL);
    }
}
