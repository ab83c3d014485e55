/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "events.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "vir-server.h"

void
vir_qemu_handle(const VirQemuDef *def, int id, remote_nonnull_domain *handle)
{
    handle->name = g_strdup(def->name);
    memcpy(handle->uuid, def->uuid, VIR_UUID_LEN);
    handle->id = id;
}

static void
handle_of(VirQemuDomain *dom, remote_nonnull_domain *handle)
{
    const VirQemuDef *def = dom->live != NULL ? dom->live : dom->config;

    vir_qemu_handle(def, dom->live != NULL ? dom->id : -1, handle);
}

static void
emit(VirQemuDomain *dom, int id, void *payload, GDestroyNotify payload_free)
{
    const VirQemuDef *def = dom->live != NULL ? dom->live : dom->config;
    VirEvent event = {
        .klass = VIR_CLASS_DOMAIN,
        .event_id = id,
        .name = g_strdup(def->name),
        .payload = payload,
        .payload_free = payload_free,
    };

    memcpy(event.uuid, dom->base.uuid, VIR_UUID_LEN);
    vir_event_hub_emit(dom->driver->events, &event);
}

/* MESSAGE(name) declares `msg`, a payload of the protocol's structure, and frees it by its table.
 */
#define MESSAGE(name)                                                                              \
    static void name##_free(void *msg)                                                             \
    {                                                                                              \
        vir_xdr_free(&vir_xdr_##name, msg);                                                        \
    }
#define NEW_MESSAGE(name)                                                                          \
    name *msg = g_new0(name, 1);                                                                   \
    handle_of(dom, &msg->dom)

MESSAGE(remote_domain_event_lifecycle_msg)
MESSAGE(remote_domain_event_reboot_msg)
MESSAGE(remote_domain_event_rtc_change_msg)
MESSAGE(remote_domain_event_watchdog_msg)
MESSAGE(remote_domain_event_io_error_msg)
MESSAGE(remote_domain_event_io_error_reason_msg)
MESSAGE(remote_domain_event_control_error_msg)
MESSAGE(remote_domain_event_device_removed_msg)
MESSAGE(remote_domain_event_callback_device_removal_failed_msg)
MESSAGE(remote_domain_event_tray_change_msg)
MESSAGE(remote_domain_event_balloon_change_msg)
MESSAGE(remote_domain_event_pmwakeup_msg)
MESSAGE(remote_domain_event_pmsuspend_msg)
MESSAGE(remote_domain_event_pmsuspend_disk_msg)
MESSAGE(remote_domain_event_callback_agent_lifecycle_msg)
MESSAGE(remote_domain_event_callback_metadata_change_msg)
MESSAGE(qemu_domain_monitor_event_msg)

void
vir_qemu_emit_lifecycle(VirQemuDomain *dom, int event, int detail)
{
    NEW_MESSAGE(remote_domain_event_lifecycle_msg);

    msg->event = event;
    msg->detail = detail;
    emit(dom, VIR_DOMAIN_EVENT_ID_LIFECYCLE, msg, remote_domain_event_lifecycle_msg_free);
}

void
vir_qemu_emit_reboot(VirQemuDomain *dom)
{
    NEW_MESSAGE(remote_domain_event_reboot_msg);

    emit(dom, VIR_DOMAIN_EVENT_ID_REBOOT, msg, remote_domain_event_reboot_msg_free);
}

void
vir_qemu_emit_rtc(VirQemuDomain *dom, gint64 offset)
{
    NEW_MESSAGE(remote_domain_event_rtc_change_msg);

    msg->offset = offset;
    emit(dom, VIR_DOMAIN_EVENT_ID_RTC_CHANGE, msg, remote_domain_event_rtc_change_msg_free);
}

void
vir_qemu_emit_watchdog(VirQemuDomain *dom, int action)
{
    NEW_MESSAGE(remote_domain_event_watchdog_msg);

    msg->action = action;
    emit(dom, VIR_DOMAIN_EVENT_ID_WATCHDOG, msg, remote_domain_event_watchdog_msg_free);
}

static void
emit_io_error(VirQemuDomain *dom, const char *path, const char *alias, int action)
{
    NEW_MESSAGE(remote_domain_event_io_error_msg);

    msg->srcPath = g_strdup(path);
    msg->devAlias = g_strdup(alias);
    msg->action = action;
    emit(dom, VIR_DOMAIN_EVENT_ID_IO_ERROR, msg, remote_domain_event_io_error_msg_free);
}

void
vir_qemu_emit_io_error(VirQemuDomain *dom, const char *path, const char *alias, int action,
                       const char *reason)
{
    NEW_MESSAGE(remote_domain_event_io_error_reason_msg);

    emit_io_error(dom, path, alias, action);
    msg->srcPath = g_strdup(path);
    msg->devAlias = g_strdup(alias);
    msg->action = action;
    msg->reason = g_strdup(reason);
    emit(dom, VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON, msg,
         remote_domain_event_io_error_reason_msg_free);
}

void
vir_qemu_emit_control_error(VirQemuDomain *dom)
{
    NEW_MESSAGE(remote_domain_event_control_error_msg);

    emit(dom, VIR_DOMAIN_EVENT_ID_CONTROL_ERROR, msg, remote_domain_event_control_error_msg_free);
}

void
vir_qemu_emit_device_removed(VirQemuDomain *dom, const char *alias)
{
    NEW_MESSAGE(remote_domain_event_device_removed_msg);

    msg->devAlias = g_strdup(alias);
    emit(dom, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, msg, remote_domain_event_device_removed_msg_free);
}

void
vir_qemu_emit_device_removal_failed(VirQemuDomain *dom, const char *alias)
{
    NEW_MESSAGE(remote_domain_event_callback_device_removal_failed_msg);

    msg->devAlias = g_strdup(alias);
    emit(dom, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, msg,
         remote_domain_event_callback_device_removal_failed_msg_free);
}

void
vir_qemu_emit_tray(VirQemuDomain *dom, const char *alias, int reason)
{
    NEW_MESSAGE(remote_domain_event_tray_change_msg);

    msg->devAlias = g_strdup(alias);
    msg->reason = reason;
    emit(dom, VIR_DOMAIN_EVENT_ID_TRAY_CHANGE, msg, remote_domain_event_tray_change_msg_free);
}

void
vir_qemu_emit_balloon(VirQemuDomain *dom, guint64 actual)
{
    NEW_MESSAGE(remote_domain_event_balloon_change_msg);

    msg->actual = actual;
    emit(dom, VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, msg, remote_domain_event_balloon_change_msg_free);
}

void
vir_qemu_emit_pmwakeup(VirQemuDomain *dom)
{
    NEW_MESSAGE(remote_domain_event_pmwakeup_msg);

    emit(dom, VIR_DOMAIN_EVENT_ID_PMWAKEUP, msg, remote_domain_event_pmwakeup_msg_free);
}

static void
emit_pmsuspend_disk(VirQemuDomain *dom)
{
    NEW_MESSAGE(remote_domain_event_pmsuspend_disk_msg);

    emit(dom, VIR_DOMAIN_EVENT_ID_PMSUSPEND_DISK, msg, remote_domain_event_pmsuspend_disk_msg_free);
}

static void
emit_pmsuspend_memory(VirQemuDomain *dom)
{
    NEW_MESSAGE(remote_domain_event_pmsuspend_msg);

    emit(dom, VIR_DOMAIN_EVENT_ID_PMSUSPEND, msg, remote_domain_event_pmsuspend_msg_free);
}

void
vir_qemu_emit_pmsuspend(VirQemuDomain *dom, gboolean disk)
{
    if (disk)
        emit_pmsuspend_disk(dom);
    else
        emit_pmsuspend_memory(dom);
}

void
vir_qemu_emit_agent(VirQemuDomain *dom, int state, int reason)
{
    NEW_MESSAGE(remote_domain_event_callback_agent_lifecycle_msg);

    msg->state = state;
    msg->reason = reason;
    emit(dom, VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, msg,
         remote_domain_event_callback_agent_lifecycle_msg_free);
}

static remote_string
optional_string(const char *text)
{
    remote_string string = NULL;

    if (text != NULL) {
        string = g_new0(remote_nonnull_string, 1);
        *string = g_strdup(text);
    }
    return string;
}

void
vir_qemu_emit_metadata(VirQemuDomain *dom, int type, const char *uri)
{
    NEW_MESSAGE(remote_domain_event_callback_metadata_change_msg);

    msg->type = type;
    msg->nsuri = optional_string(uri);
    emit(dom, VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, msg,
         remote_domain_event_callback_metadata_change_msg_free);
}

void
vir_qemu_emit_monitor(VirQemuDomain *dom, const VirQemuEvent *event)
{
    NEW_MESSAGE(qemu_domain_monitor_event_msg);

    msg->event = g_strdup(event->name);
    msg->seconds = event->micros / G_USEC_PER_SEC;
    msg->micros = (u_int)(event->micros % G_USEC_PER_SEC);
    if (event->data != NULL) {
        msg->details =
            optional_string(json_object_to_json_string_ext(event->data, JSON_C_TO_STRING_PLAIN));
    }
    emit(dom, VIR_EVENT_ID_QEMU_MONITOR, msg, qemu_domain_monitor_event_msg_free);
}
