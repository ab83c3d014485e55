/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disk-chain.h"
#include "events.h"
#include "lifecycle.h"
#include "vir-error.h"
#include "vir-log.h"
#include <libvirt/libvirt.h>
#include <string.h>

VIR_LOG_INIT("qemu.events");

/* QEMU that was told to end flushes its disks first. */
#define TERMINATE_MS 10000

static const char *
text_of(json_object *data, const char *name)
{
    json_object *value;

    if (data == NULL || !json_object_object_get_ex(data, name, &value) ||
        !json_object_is_type(value, json_type_string))
        return NULL;
    return json_object_get_string(value);
}

static gint64
number_of(json_object *data, const char *name)
{
    json_object *value;

    if (data == NULL || !json_object_object_get_ex(data, name, &value))
        return 0;
    return json_object_get_int64(value);
}

static gboolean
flag_of(json_object *data, const char *name)
{
    json_object *value;

    return data != NULL && json_object_object_get_ex(data, name, &value) &&
           json_object_get_boolean(value);
}

static int
suspended_detail(int reason)
{
    switch (reason) {
    case VIR_DOMAIN_PAUSED_IOERROR:
        return VIR_DOMAIN_EVENT_SUSPENDED_IOERROR;
    case VIR_DOMAIN_PAUSED_WATCHDOG:
        return VIR_DOMAIN_EVENT_SUSPENDED_WATCHDOG;
    case VIR_DOMAIN_PAUSED_MIGRATION:
        return VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED;
    default:
        return VIR_DOMAIN_EVENT_SUSPENDED_PAUSED;
    }
}

static void
on_stop(VirQemuDomain *dom, json_object *data)
{
    int reason = dom->pause_reason;

    dom->pause_reason = 0;
    if (dom->state != VIR_DOMAIN_RUNNING)
        return;
    vir_qemu_set_state(dom, VIR_DOMAIN_PAUSED, reason);
    vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_SUSPENDED, suspended_detail(reason));
}

static void
on_resume(VirQemuDomain *dom, json_object *data)
{
    int reason = dom->resume_reason != 0 ? dom->resume_reason : VIR_DOMAIN_RUNNING_UNPAUSED;

    dom->resume_reason = 0;
    if (dom->state == VIR_DOMAIN_RUNNING)
        return;
    vir_qemu_set_state(dom, VIR_DOMAIN_RUNNING, reason);
    vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_RESUMED, VIR_DOMAIN_EVENT_RESUMED_UNPAUSED);
}

/* Resets the halted guest and lets it run again, without telling clients of the halt. */
static void
restart_guest(VirQemuDomain *dom)
{
    g_autoptr(GError) error = NULL;

    dom->fake_reboot = FALSE;
    dom->resume_reason = VIR_DOMAIN_RUNNING_BOOTED;
    if (vir_qemu_domain_qmp(dom, "system_reset", NULL, NULL, &error) &&
        vir_qemu_domain_qmp(dom, "cont", NULL, NULL, &error))
        return;
    vir_err("domain '%s' cannot be started again after it halted: %s", dom->def->name,
            error->message);
    vir_qemu_set_state(dom, VIR_DOMAIN_SHUTDOWN, VIR_DOMAIN_SHUTDOWN_USER);
}

void
vir_qemu_after_shutdown(VirQemuDomain *dom, int action, int reason)
{
    g_autoptr(VirQemuProcess) process = NULL;

    switch (action) {
    case VIR_DOMAIN_LIFECYCLE_PRESERVE:
        return;
    case VIR_DOMAIN_LIFECYCLE_RESTART:
    case VIR_DOMAIN_LIFECYCLE_RENAME_RESTART:
    case VIR_DOMAIN_LIFECYCLE_COREDUMP_RESTART:
        restart_guest(dom);
        return;
    default:
        break;
    }
    dom->stop_reason = reason;
    process = vir_qemu_domain_process(dom);
    vir_qemu_process_terminate(process, TERMINATE_MS);
}

static void
on_shutdown(VirQemuDomain *dom, json_object *data)
{
    gboolean reset = g_strcmp0(text_of(data, "reason"), "guest-reset") == 0;
    int action = reset ? dom->def->on_reboot : dom->def->on_poweroff;
    gboolean asked = dom->fake_reboot;

    if (dom->state == VIR_DOMAIN_SHUTDOWN)
        return;
    if (asked)
        action = VIR_DOMAIN_LIFECYCLE_RESTART;
    if (action == VIR_DOMAIN_LIFECYCLE_RESTART || action == VIR_DOMAIN_LIFECYCLE_RENAME_RESTART) {
        /* The guest halts (STOP) and goes on (RESUME); to clients it was never away. */
        vir_qemu_after_shutdown(dom, action, 0);
        return;
    }
    vir_qemu_set_state(dom, VIR_DOMAIN_SHUTDOWN, VIR_DOMAIN_SHUTDOWN_USER);
    vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_SHUTDOWN,
                            flag_of(data, "guest") ? VIR_DOMAIN_EVENT_SHUTDOWN_GUEST
                                                   : VIR_DOMAIN_EVENT_SHUTDOWN_HOST);
    vir_qemu_after_shutdown(dom, action, VIR_DOMAIN_SHUTOFF_SHUTDOWN);
}

static void
on_reset(VirQemuDomain *dom, json_object *data)
{
    vir_qemu_emit_reboot(dom);
}

static void
on_panic(VirQemuDomain *dom, json_object *data)
{
    dom->pause_reason = VIR_DOMAIN_PAUSED_CRASHED;
    vir_qemu_set_state(dom, VIR_DOMAIN_CRASHED, VIR_DOMAIN_CRASHED_PANICKED);
    vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_CRASHED, VIR_DOMAIN_EVENT_CRASHED_PANICKED);
    vir_qemu_after_shutdown(dom, dom->def->on_crash, VIR_DOMAIN_SHUTOFF_CRASHED);
}

static void
on_suspend(VirQemuDomain *dom, json_object *data)
{
    if (dom->state != VIR_DOMAIN_RUNNING)
        return;
    vir_qemu_set_state(dom, VIR_DOMAIN_PMSUSPENDED, VIR_DOMAIN_PMSUSPENDED_UNKNOWN);
    vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_PMSUSPENDED, VIR_DOMAIN_EVENT_PMSUSPENDED_MEMORY);
    vir_qemu_emit_pmsuspend(dom, FALSE);
}

static void
on_suspend_disk(VirQemuDomain *dom, json_object *data)
{
    if (dom->state == VIR_DOMAIN_RUNNING)
        vir_qemu_set_state(dom, VIR_DOMAIN_PMSUSPENDED, VIR_DOMAIN_PMSUSPENDED_UNKNOWN);
    vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_PMSUSPENDED, VIR_DOMAIN_EVENT_PMSUSPENDED_DISK);
    vir_qemu_emit_pmsuspend(dom, TRUE);
}

static void
on_wakeup(VirQemuDomain *dom, json_object *data)
{
    if (dom->state == VIR_DOMAIN_PMSUSPENDED) {
        vir_qemu_set_state(dom, VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_WAKEUP);
        vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_WAKEUP);
    }
    vir_qemu_emit_pmwakeup(dom);
}

static void
on_rtc(VirQemuDomain *dom, json_object *data)
{
    vir_qemu_emit_rtc(dom, number_of(data, "offset"));
}

static void
on_watchdog(VirQemuDomain *dom, json_object *data)
{
    static const char *const actions[] = {
        [VIR_DOMAIN_EVENT_WATCHDOG_NONE] = "none",
        [VIR_DOMAIN_EVENT_WATCHDOG_PAUSE] = "pause",
        [VIR_DOMAIN_EVENT_WATCHDOG_RESET] = "reset",
        [VIR_DOMAIN_EVENT_WATCHDOG_POWEROFF] = "poweroff",
        [VIR_DOMAIN_EVENT_WATCHDOG_SHUTDOWN] = "shutdown",
        [VIR_DOMAIN_EVENT_WATCHDOG_DEBUG] = "debug",
        [VIR_DOMAIN_EVENT_WATCHDOG_INJECTNMI] = "inject-nmi",
    };
    const char *name = text_of(data, "action");

    for (guint i = 0; i < G_N_ELEMENTS(actions); i++) {
        if (g_strcmp0(name, actions[i]) != 0)
            continue;
        if (i == VIR_DOMAIN_EVENT_WATCHDOG_PAUSE)
            dom->pause_reason = VIR_DOMAIN_PAUSED_WATCHDOG;
        vir_qemu_emit_watchdog(dom, (int)i);
    }
}

/* Whether @alias is one of the steps of a path among QEMU's objects. */
static gboolean
path_has(const char *path, const char *alias)
{
    g_auto(GStrv) steps = g_strsplit(path, "/", -1);

    return g_strv_contains((const char *const *)steps, alias);
}

/* The disk that QEMU means by the name of a node, or by the device or its path. */
static const VirDomainDisk *
find_disk(VirQemuDomain *dom, json_object *data)
{
    const char *device = text_of(data, "device");
    const char *path = text_of(data, "qom-path");
    const char *node = text_of(data, "node-name");
    const VirDomainDisk *found = node != NULL ? vir_disk_by_node(dom->def, node) : NULL;

    for (guint i = 0; found == NULL && i < dom->def->devices.n_disks; i++) {
        const VirDomainDisk *disk = dom->def->devices.disks[i];
        const char *alias = disk->info.alias;

        if (alias != NULL && ((device != NULL && strcmp(device, alias) == 0) ||
                              (path != NULL && path_has(path, alias))))
            found = disk;
    }
    return found;
}

static void
on_io_error(VirQemuDomain *dom, json_object *data)
{
    const VirDomainDisk *disk = find_disk(dom, data);
    const char *action = text_of(data, "action");
    int value = VIR_DOMAIN_EVENT_IO_ERROR_NONE;

    if (g_strcmp0(action, "stop") == 0) {
        value = VIR_DOMAIN_EVENT_IO_ERROR_PAUSE;
        dom->pause_reason = VIR_DOMAIN_PAUSED_IOERROR;
    } else if (g_strcmp0(action, "report") == 0) {
        value = VIR_DOMAIN_EVENT_IO_ERROR_REPORT;
    }
    vir_qemu_emit_io_error(dom, disk != NULL && disk->src.path != NULL ? disk->src.path : "",
                           disk != NULL && disk->info.alias != NULL ? disk->info.alias : "", value,
                           flag_of(data, "nospace") ? "enospc" : "");
}

static void
on_device_deleted(VirQemuDomain *dom, json_object *data)
{
    const char *device = text_of(data, "device");

    if (device != NULL)
        vir_qemu_emit_device_removed(dom, device);
}

static void
on_unplug_error(VirQemuDomain *dom, json_object *data)
{
    const char *device = text_of(data, "device");

    if (device != NULL)
        vir_qemu_emit_device_removal_failed(dom, device);
}

static void
on_tray(VirQemuDomain *dom, json_object *data)
{
    const char *id = text_of(data, "id");
    gboolean open = flag_of(data, "tray-open");

    for (guint i = 0; id != NULL && i < dom->def->devices.n_disks; i++) {
        VirDomainDisk *disk = dom->def->devices.disks[i];

        if (g_strcmp0(disk->info.alias, id) != 0)
            continue;
        disk->target_tray =
            open ? VIR_DOMAIN_DISK_TARGET_TRAY_OPEN : VIR_DOMAIN_DISK_TARGET_TRAY_CLOSED;
        vir_qemu_domain_save_live(dom, NULL);
        vir_qemu_emit_tray(
            dom, id, open ? VIR_DOMAIN_EVENT_TRAY_CHANGE_OPEN : VIR_DOMAIN_EVENT_TRAY_CHANGE_CLOSE);
    }
}

static void
on_balloon(VirQemuDomain *dom, json_object *data)
{
    dom->balloon = (guint64)number_of(data, "actual") / 1024;
    dom->def->current_memory = dom->balloon;
    dom->def->has_current_memory = true;
    vir_qemu_domain_save_live(dom, NULL);
    vir_qemu_emit_balloon(dom, dom->balloon);
}

static void
on_port(VirQemuDomain *dom, json_object *data)
{
    const char *id = text_of(data, "id");
    gboolean open = flag_of(data, "open");

    for (guint i = 0; id != NULL && i < dom->def->devices.n_channels; i++) {
        VirDomainChannel *channel = dom->def->devices.channels[i];

        if (g_strcmp0(channel->info.alias, id) != 0)
            continue;
        channel->state =
            open ? VIR_DOMAIN_CHANNEL_STATE_CONNECTED : VIR_DOMAIN_CHANNEL_STATE_DISCONNECTED;
        vir_qemu_domain_save_live(dom, NULL);
        if (g_strcmp0(channel->name, "org.qemu.guest_agent.0") == 0) {
            vir_qemu_emit_agent(dom,
                                open ? VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED
                                     : VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_DISCONNECTED,
                                VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_REASON_CHANNEL);
        }
    }
}

static const struct {
    const char *name;
    void (*handle)(VirQemuDomain *dom, json_object *data);
} handlers[] = {
    {"BALLOON_CHANGE", on_balloon},
    {"BLOCK_IO_ERROR", on_io_error},
    {"DEVICE_DELETED", on_device_deleted},
    {"DEVICE_TRAY_MOVED", on_tray},
    {"DEVICE_UNPLUG_GUEST_ERROR", on_unplug_error},
    {"GUEST_PANICKED", on_panic},
    {"RESET", on_reset},
    {"RESUME", on_resume},
    {"RTC_CHANGE", on_rtc},
    {"SHUTDOWN", on_shutdown},
    {"STOP", on_stop},
    {"SUSPEND", on_suspend},
    {"SUSPEND_DISK", on_suspend_disk},
    {"VSERPORT_CHANGE", on_port},
    {"WAKEUP", on_wakeup},
    {"WATCHDOG", on_watchdog},
};

/*
 * STOP between the SHUTDOWN and the RESUME of a restart arrives while the handler of SHUTDOWN
 * waits; it is dropped with what else says that the guest was away.
 */
static gboolean
is_restart_noise(VirQemuDomain *dom, const VirQemuEvent *event)
{
    if (dom->resume_reason != VIR_DOMAIN_RUNNING_BOOTED || dom->state != VIR_DOMAIN_RUNNING)
        return FALSE;
    if (strcmp(event->name, "RESUME") == 0)
        dom->resume_reason = 0;
    return strcmp(event->name, "RESUME") == 0 || strcmp(event->name, "STOP") == 0;
}

void
vir_qemu_drain_events(VirQemuDomain *dom)
{
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);

    while (process != NULL && dom->live != NULL) {
        g_autoptr(VirQemuEvent) event = vir_qemu_process_next_event(process);

        if (event == NULL)
            return;
        vir_debug("%s: %s", vir_strand_name(dom->base.strand), event->name);
        vir_qemu_emit_monitor(dom, event);
        if (is_restart_noise(dom, event))
            continue;
        for (guint i = 0; i < G_N_ELEMENTS(handlers); i++) {
            if (strcmp(handlers[i].name, event->name) == 0)
                handlers[i].handle(dom, event->data);
        }
    }
}
