/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each event's message in the shape of its callback. */
#include "conn-events.h"
#include "wire.h"

static const char *
opt(const remote_string string)
{
    return string ? *string : NULL;
}

static void
call_graphics(virConnectPtr conn, virDomainPtr domain, const remote_domain_event_graphics_msg *m,
              virConnectDomainEventGraphicsCallback func, void *opaque)
{
    g_autofree virDomainEventGraphicsSubjectIdentity *identities =
        g_new0(virDomainEventGraphicsSubjectIdentity, m->subject.subject_len);
    virDomainEventGraphicsAddress local = {m->local.family, m->local.node, m->local.service};
    virDomainEventGraphicsAddress remote = {m->remote.family, m->remote.node, m->remote.service};
    virDomainEventGraphicsSubject subject = {m->subject.subject_len, identities};

    for (guint i = 0; i < m->subject.subject_len; i++) {
        identities[i].type = m->subject.subject_val[i].type;
        identities[i].name = m->subject.subject_val[i].name;
    }
    func(conn, domain, m->phase, &local, &remote, m->authScheme, &subject, opaque);
}

/* Both events with parameters have this callback. */
static void
call_params(virConnectPtr conn, virDomainPtr domain, const remote_typed_param *wire, u_int n,
            virConnectDomainEventTunableCallback func, void *opaque)
{
    virTypedParameterPtr params = vir_typed_params_from_wire(wire, n, NULL);

    if (!params && n > 0)
        return;
    func(conn, domain, params, n, opaque);
    virTypedParamsFree(params, n);
}

static void
call_domain(virConnectPtr conn, virDomainPtr domain, int number, const void *msg,
            VirEventCallback func, void *opaque)
{
    switch (number) {
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE: {
        const remote_domain_event_callback_lifecycle_msg *m = msg;

        ((virConnectDomainEventCallback)func)(conn, domain, m->msg.event, m->msg.detail, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_REBOOT: {
        ((virConnectDomainEventGenericCallback)func)(conn, domain, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_RTC_CHANGE: {
        const remote_domain_event_callback_rtc_change_msg *m = msg;

        ((virConnectDomainEventRTCChangeCallback)func)(conn, domain, m->msg.offset, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_WATCHDOG: {
        const remote_domain_event_callback_watchdog_msg *m = msg;

        ((virConnectDomainEventWatchdogCallback)func)(conn, domain, m->msg.action, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_IO_ERROR: {
        const remote_domain_event_callback_io_error_msg *m = msg;

        ((virConnectDomainEventIOErrorCallback)func)(conn, domain, m->msg.srcPath, m->msg.devAlias,
                                                     m->msg.action, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_IO_ERROR_REASON: {
        const remote_domain_event_callback_io_error_reason_msg *m = msg;

        ((virConnectDomainEventIOErrorReasonCallback)func)(
            conn, domain, m->msg.srcPath, m->msg.devAlias, m->msg.action, m->msg.reason, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_CONTROL_ERROR: {
        ((virConnectDomainEventGenericCallback)func)(conn, domain, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_BLOCK_JOB: {
        const remote_domain_event_callback_block_job_msg *m = msg;

        ((virConnectDomainEventBlockJobCallback)func)(conn, domain, m->msg.path, m->msg.type,
                                                      m->msg.status, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_DISK_CHANGE: {
        const remote_domain_event_callback_disk_change_msg *m = msg;

        ((virConnectDomainEventDiskChangeCallback)func)(conn, domain, opt(m->msg.oldSrcPath),
                                                        opt(m->msg.newSrcPath), m->msg.devAlias,
                                                        m->msg.reason, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_TRAY_CHANGE: {
        const remote_domain_event_callback_tray_change_msg *m = msg;

        ((virConnectDomainEventTrayChangeCallback)func)(conn, domain, m->msg.devAlias,
                                                        m->msg.reason, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_PMWAKEUP: {
        const remote_domain_event_callback_pmwakeup_msg *m = msg;

        ((virConnectDomainEventPMWakeupCallback)func)(conn, domain, m->reason, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_PMSUSPEND: {
        const remote_domain_event_callback_pmsuspend_msg *m = msg;

        ((virConnectDomainEventPMSuspendCallback)func)(conn, domain, m->reason, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_BALLOON_CHANGE: {
        const remote_domain_event_callback_balloon_change_msg *m = msg;

        ((virConnectDomainEventBalloonChangeCallback)func)(conn, domain, m->msg.actual, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_PMSUSPEND_DISK: {
        const remote_domain_event_callback_pmsuspend_disk_msg *m = msg;

        ((virConnectDomainEventPMSuspendDiskCallback)func)(conn, domain, m->reason, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_DEVICE_REMOVED: {
        const remote_domain_event_callback_device_removed_msg *m = msg;

        ((virConnectDomainEventDeviceRemovedCallback)func)(conn, domain, m->msg.devAlias, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_BLOCK_JOB_2: {
        const remote_domain_event_block_job_2_msg *m = msg;

        ((virConnectDomainEventBlockJobCallback)func)(conn, domain, m->dst, m->type, m->status,
                                                      opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_AGENT_LIFECYCLE: {
        const remote_domain_event_callback_agent_lifecycle_msg *m = msg;

        ((virConnectDomainEventAgentLifecycleCallback)func)(conn, domain, m->state, m->reason,
                                                            opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_DEVICE_ADDED: {
        const remote_domain_event_callback_device_added_msg *m = msg;

        ((virConnectDomainEventDeviceAddedCallback)func)(conn, domain, m->devAlias, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_MIGRATION_ITERATION: {
        const remote_domain_event_callback_migration_iteration_msg *m = msg;

        ((virConnectDomainEventMigrationIterationCallback)func)(conn, domain, m->iteration, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_DEVICE_REMOVAL_FAILED: {
        const remote_domain_event_callback_device_removal_failed_msg *m = msg;

        ((virConnectDomainEventDeviceRemovalFailedCallback)func)(conn, domain, m->devAlias, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_METADATA_CHANGE: {
        const remote_domain_event_callback_metadata_change_msg *m = msg;

        ((virConnectDomainEventMetadataChangeCallback)func)(conn, domain, m->type, opt(m->nsuri),
                                                            opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_BLOCK_THRESHOLD: {
        const remote_domain_event_block_threshold_msg *m = msg;

        ((virConnectDomainEventBlockThresholdCallback)func)(conn, domain, m->dev, opt(m->path),
                                                            m->threshold, m->excess, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_MEMORY_FAILURE: {
        const remote_domain_event_memory_failure_msg *m = msg;

        ((virConnectDomainEventMemoryFailureCallback)func)(conn, domain, m->recipient, m->action,
                                                           m->flags, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_MEMORY_DEVICE_SIZE_CHANGE: {
        const remote_domain_event_memory_device_size_change_msg *m = msg;

        ((virConnectDomainEventMemoryDeviceSizeChangeCallback)func)(conn, domain, m->alias, m->size,
                                                                    opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_NIC_MAC_CHANGE: {
        const remote_domain_event_nic_mac_change_msg *m = msg;

        ((virConnectDomainEventNICMACChangeCallback)func)(conn, domain, m->alias, m->oldMAC,
                                                          m->newMAC, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_GRAPHICS: {
        const remote_domain_event_callback_graphics_msg *m = msg;

        call_graphics(conn, domain, &m->msg, (virConnectDomainEventGraphicsCallback)func, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_TUNABLE: {
        const remote_domain_event_callback_tunable_msg *m = msg;

        call_params(conn, domain, m->params.params_val, m->params.params_len,
                    (virConnectDomainEventTunableCallback)func, opaque);
        return;
    }
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_JOB_COMPLETED: {
        const remote_domain_event_callback_job_completed_msg *m = msg;

        call_params(conn, domain, m->params.params_val, m->params.params_len,
                    (virConnectDomainEventTunableCallback)func, opaque);
        return;
    }
    default:
        return;
    }
}

static void
call_network(virConnectPtr conn, int number, const void *msg, VirEventCallback func, void *opaque)
{
    if (number == REMOTE_PROC_NETWORK_EVENT_LIFECYCLE) {
        const remote_network_event_lifecycle_msg *m = msg;
        virNetworkPtr net = vir_network_from_wire(conn, &m->net);

        ((virConnectNetworkEventLifecycleCallback)func)(conn, net, m->event, m->detail, opaque);
        vir_handle_unref(net);
    } else if (number == REMOTE_PROC_NETWORK_EVENT_CALLBACK_METADATA_CHANGE) {
        const remote_network_event_callback_metadata_change_msg *m = msg;
        virNetworkPtr net = vir_network_from_wire(conn, &m->net);

        ((virConnectNetworkEventMetadataChangeCallback)func)(conn, net, m->type, opt(m->nsuri),
                                                             opaque);
        vir_handle_unref(net);
    }
}

static void
call_pool(virConnectPtr conn, int number, const void *msg, VirEventCallback func, void *opaque)
{
    if (number == REMOTE_PROC_STORAGE_POOL_EVENT_LIFECYCLE) {
        const remote_storage_pool_event_lifecycle_msg *m = msg;
        virStoragePoolPtr pool = vir_storage_pool_from_wire(conn, &m->pool);

        ((virConnectStoragePoolEventLifecycleCallback)func)(conn, pool, m->event, m->detail,
                                                            opaque);
        vir_handle_unref(pool);
    } else if (number == REMOTE_PROC_STORAGE_POOL_EVENT_REFRESH) {
        const remote_storage_pool_event_refresh_msg *m = msg;
        virStoragePoolPtr pool = vir_storage_pool_from_wire(conn, &m->pool);

        ((virConnectStoragePoolEventGenericCallback)func)(conn, pool, opaque);
        vir_handle_unref(pool);
    }
}

static void
call_device(virConnectPtr conn, int number, const void *msg, VirEventCallback func, void *opaque)
{
    if (number == REMOTE_PROC_NODE_DEVICE_EVENT_LIFECYCLE) {
        const remote_node_device_event_lifecycle_msg *m = msg;
        virNodeDevicePtr dev = vir_node_device_from_wire(conn, &m->dev);

        ((virConnectNodeDeviceEventLifecycleCallback)func)(conn, dev, m->event, m->detail, opaque);
        vir_handle_unref(dev);
    } else if (number == REMOTE_PROC_NODE_DEVICE_EVENT_UPDATE) {
        const remote_node_device_event_update_msg *m = msg;
        virNodeDevicePtr dev = vir_node_device_from_wire(conn, &m->dev);

        ((virConnectNodeDeviceEventGenericCallback)func)(conn, dev, opaque);
        vir_handle_unref(dev);
    }
}

static void
call_secret(virConnectPtr conn, int number, const void *msg, VirEventCallback func, void *opaque)
{
    if (number == REMOTE_PROC_SECRET_EVENT_LIFECYCLE) {
        const remote_secret_event_lifecycle_msg *m = msg;
        virSecretPtr secret = vir_secret_from_wire(conn, &m->secret);

        ((virConnectSecretEventLifecycleCallback)func)(conn, secret, m->event, m->detail, opaque);
        vir_handle_unref(secret);
    } else if (number == REMOTE_PROC_SECRET_EVENT_VALUE_CHANGED) {
        const remote_secret_event_value_changed_msg *m = msg;
        virSecretPtr secret = vir_secret_from_wire(conn, &m->secret);

        ((virConnectSecretEventGenericCallback)func)(conn, secret, opaque);
        vir_handle_unref(secret);
    }
}

void
vir_conn_event_call(virConnectPtr conn, const VirProc *proc, const void *msg, VirEventCallback func,
                    void *opaque)
{
    if (proc->program->number == REMOTE_PROGRAM && proc->handle.klass == VIR_CLASS_DOMAIN) {
        virDomainPtr domain =
            vir_domain_from_wire(conn, (const void *)((const char *)msg + proc->handle.offset));

        call_domain(conn, domain, proc->number, msg, func, opaque);
        vir_handle_unref(domain);
    } else if (proc->program->number == REMOTE_PROGRAM) {
        call_network(conn, proc->number, msg, func, opaque);
        call_pool(conn, proc->number, msg, func, opaque);
        call_device(conn, proc->number, msg, func, opaque);
        call_secret(conn, proc->number, msg, func, opaque);
    } else if (proc->program->number == QEMU_PROGRAM &&
               proc->number == QEMU_PROC_DOMAIN_MONITOR_EVENT) {
        /* libvirt-qemu.so registers with a function of its own that takes the message. */
        ((void (*)(virConnectPtr, const void *, void *))func)(conn, msg, opaque);
    }
}
