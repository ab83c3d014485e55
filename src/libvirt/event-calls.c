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

/* The callback of an event, its message *m given as arguments. */
#define EVENT(NUMBER, message, Name, ...)                                                          \
    case REMOTE_PROC_DOMAIN_EVENT_##NUMBER: {                                                      \
        const remote_domain_event_##message##_msg *m = msg;                                        \
                                                                                                   \
        ((virConnectDomainEvent##Name##Callback)func)(conn, domain, __VA_ARGS__, opaque);          \
        return;                                                                                    \
    }

static void
call_domain(virConnectPtr conn, virDomainPtr domain, int number, const void *msg,
            VirEventCallback func, void *opaque)
{
    switch (number) {
        EVENT(CALLBACK_LIFECYCLE, callback_lifecycle, , m->msg.event, m->msg.detail);
        EVENT(CALLBACK_RTC_CHANGE, callback_rtc_change, RTCChange, m->msg.offset);
        EVENT(CALLBACK_WATCHDOG, callback_watchdog, Watchdog, m->msg.action);
        EVENT(CALLBACK_IO_ERROR, callback_io_error, IOError, m->msg.srcPath, m->msg.devAlias,
              m->msg.action);
        EVENT(CALLBACK_IO_ERROR_REASON, callback_io_error_reason, IOErrorReason, m->msg.srcPath,
              m->msg.devAlias, m->msg.action, m->msg.reason);
        EVENT(CALLBACK_BLOCK_JOB, callback_block_job, BlockJob, m->msg.path, m->msg.type,
              m->msg.status);
        EVENT(CALLBACK_DISK_CHANGE, callback_disk_change, DiskChange, opt(m->msg.oldSrcPath),
              opt(m->msg.newSrcPath), m->msg.devAlias, m->msg.reason);
        EVENT(CALLBACK_TRAY_CHANGE, callback_tray_change, TrayChange, m->msg.devAlias,
              m->msg.reason);
        EVENT(CALLBACK_PMWAKEUP, callback_pmwakeup, PMWakeup, m->reason);
        EVENT(CALLBACK_PMSUSPEND, callback_pmsuspend, PMSuspend, m->reason);
        EVENT(CALLBACK_BALLOON_CHANGE, callback_balloon_change, BalloonChange, m->msg.actual);
        EVENT(CALLBACK_PMSUSPEND_DISK, callback_pmsuspend_disk, PMSuspendDisk, m->reason);
        EVENT(CALLBACK_DEVICE_REMOVED, callback_device_removed, DeviceRemoved, m->msg.devAlias);
        EVENT(BLOCK_JOB_2, block_job_2, BlockJob, m->dst, m->type, m->status);
        EVENT(CALLBACK_AGENT_LIFECYCLE, callback_agent_lifecycle, AgentLifecycle, m->state,
              m->reason);
        EVENT(CALLBACK_DEVICE_ADDED, callback_device_added, DeviceAdded, m->devAlias);
        EVENT(CALLBACK_MIGRATION_ITERATION, callback_migration_iteration, MigrationIteration,
              m->iteration);
        EVENT(CALLBACK_DEVICE_REMOVAL_FAILED, callback_device_removal_failed, DeviceRemovalFailed,
              m->devAlias);
        EVENT(CALLBACK_METADATA_CHANGE, callback_metadata_change, MetadataChange, m->type,
              opt(m->nsuri));
        EVENT(BLOCK_THRESHOLD, block_threshold, BlockThreshold, m->dev, opt(m->path), m->threshold,
              m->excess);
        EVENT(MEMORY_FAILURE, memory_failure, MemoryFailure, m->recipient, m->action, m->flags);
        EVENT(MEMORY_DEVICE_SIZE_CHANGE, memory_device_size_change, MemoryDeviceSizeChange,
              m->alias, m->size);
        EVENT(NIC_MAC_CHANGE, nic_mac_change, NICMACChange, m->alias, m->oldMAC, m->newMAC);
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_REBOOT:
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_CONTROL_ERROR:
        ((virConnectDomainEventGenericCallback)func)(conn, domain, opaque);
        return;
    case REMOTE_PROC_DOMAIN_EVENT_CALLBACK_GRAPHICS:
        call_graphics(conn, domain, &((const remote_domain_event_callback_graphics_msg *)msg)->msg,
                      (virConnectDomainEventGraphicsCallback)func, opaque);
        return;
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
#undef EVENT

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
