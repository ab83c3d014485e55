/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running and stopping guests. */
#include "define.h"
#include "events.h"
#include "handlers.h"
#include "lifecycle.h"

#include <string.h>

#define RUN_TIMEOUT_MS (10 * 60 * 1000)
#define START_FLAGS                                                                                \
    (VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_AUTODESTROY | VIR_DOMAIN_START_BYPASS_CACHE |      \
     VIR_DOMAIN_START_FORCE_BOOT | VIR_DOMAIN_START_VALIDATE | VIR_DOMAIN_START_RESET_NVRAM)

/* The guest ends with this connection; one that is closed already ends it now. */
static void
bind_to(VirCall *call, VirQemuDomain *dom, unsigned flags)
{
    VirQemuConn *conn = call->conn;

    if ((flags & VIR_DOMAIN_START_AUTODESTROY) == 0)
        return;
    VIR_LOCK(&conn->lock);
    g_ptr_array_add(conn->autodestroy, vir_object_ref(dom));
}

/* ---- start ---- */

static gboolean
create(VirCall *call, unsigned flags, GError **error)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);

    if (!vir_qemu_check_flags(call, flags, START_FLAGS, error) ||
        !vir_qemu_domain_check(dom, error) || !vir_qemu_start(dom, NULL, flags, error))
        return FALSE;
    bind_to(call, dom, flags);
    return TRUE;
}

HANDLER_VOID(domain_create)
{
    return create(call, 0, error);
}

HANDLER(domain_create_with_flags)
{
    if (!create(call, args->flags, error))
        return FALSE;
    vir_qemu_handle(CALL_DOMAIN(call)->live, CALL_DOMAIN(call)->id, &ret->dom);
    return TRUE;
}

typedef struct {
    VirDomainDef *def;
    unsigned flags;
} Transient;

static void
transient_free(void *data)
{
    Transient *transient = data;

    vir_domain_def_free(transient->def);
    g_free(transient);
}

static gboolean
create_work(VirQemuDomain *dom, void *data, GError **error)
{
    Transient *transient = data;

    if (dom->hidden && !dom->gone && dom->config == NULL) {
        dom->hidden = FALSE;
        if (vir_qemu_start(dom, g_steal_pointer(&transient->def), transient->flags, error))
            return TRUE;
        vir_qemu_domain_forget(dom);
        return FALSE;
    }
    return vir_qemu_domain_check(dom, error) &&
           vir_qemu_start(dom, g_steal_pointer(&transient->def), transient->flags, error);
}

HANDLER(domain_create_xml)
{
    VirQemuDriver *driver = CALL_DRIVER(call);
    g_autoptr(VirDomainDef) def = NULL;
    g_autoptr(VirQemuDomain) dom = NULL;
    g_autoptr(VirDomainView) view = NULL;
    VirQemuDomain *existing = NULL;
    Transient *transient;

    if (!vir_qemu_check_flags(call, args->flags, START_FLAGS, error))
        return FALSE;
    def = vir_qemu_parse_xml(driver, args->xml_desc, (args->flags & VIR_DOMAIN_START_VALIDATE) != 0,
                             error);
    if (def == NULL)
        return FALSE;
    dom = vir_qemu_domain_add(driver, NULL, def->name, def->uuid, TRUE, &existing, error);
    if (dom == NULL && existing == NULL)
        return FALSE;
    if (dom == NULL)
        dom = existing;
    transient = g_new0(Transient, 1);
    transient->def = g_steal_pointer(&def);
    transient->flags = args->flags;
    if (!vir_qemu_domain_run(dom, "create", RUN_TIMEOUT_MS, create_work, transient, transient_free,
                             error))
        return FALSE;
    bind_to(call, dom, args->flags);
    view = vir_object_view(dom);
    if (vir_domain_view_def(view) == NULL)
        return vir_qemu_call_view(call, error) != NULL;
    vir_qemu_handle(vir_domain_view_def(view), view->id, &ret->dom);
    return TRUE;
}

/* ---- pause ---- */

HANDLER_VOID(domain_suspend)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);

    if (!vir_qemu_domain_check_active(dom, error))
        return FALSE;
    if (dom->state == VIR_DOMAIN_PMSUSPENDED) {
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s", "domain is pmsuspended");
    }
    if (dom->state == VIR_DOMAIN_PAUSED)
        return TRUE;
    dom->pause_reason = VIR_DOMAIN_PAUSED_USER;
    if (!vir_qemu_domain_qmp(dom, "stop", NULL, NULL, error)) {
        dom->pause_reason = 0;
        return FALSE;
    }
    /* STOP has come before the answer. */
    vir_qemu_drain_events(dom);
    return TRUE;
}

HANDLER_VOID(domain_resume)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);

    if (!vir_qemu_domain_check_active(dom, error))
        return FALSE;
    if (dom->state == VIR_DOMAIN_PMSUSPENDED)
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s", "domain is pmsuspended");
    if (dom->state == VIR_DOMAIN_RUNNING) {
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s", "domain is already running");
    }
    dom->resume_reason = VIR_DOMAIN_RUNNING_UNPAUSED;
    if (!vir_qemu_domain_qmp(dom, "cont", NULL, NULL, error)) {
        dom->resume_reason = 0;
        return FALSE;
    }
    vir_qemu_drain_events(dom);
    return TRUE;
}

/* ---- power ---- */

/* @agent_flag wins where no other way is allowed too. */
static gboolean
check_way(unsigned flags, unsigned agent_flag, unsigned acpi_flag, GError **error)
{
    if ((flags & agent_flag) == 0 || (flags & acpi_flag) != 0)
        return TRUE;
    return vir_error_set(error, VIR_ERR_ARGUMENT_UNSUPPORTED, "%s",
                         "QEMU guest agent is not configured");
}

static gboolean
power_button(VirQemuDomain *dom, gboolean reboot, GError **error)
{
    gboolean before = dom->fake_reboot;

    if (!vir_qemu_domain_check_active(dom, error))
        return FALSE;
    dom->fake_reboot = reboot;
    if (!vir_qemu_domain_qmp(dom, "system_powerdown", NULL, NULL, error)) {
        dom->fake_reboot = before;
        return FALSE;
    }
    if (before != reboot)
        vir_qemu_set_state(dom, dom->state, dom->reason);
    return TRUE;
}

HANDLER_VOID(domain_shutdown)
{
    return power_button(CALL_DOMAIN(call), FALSE, error);
}

HANDLER_VOID(domain_shutdown_flags)
{
    return vir_qemu_check_flags(
               call, args->flags,
               VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN | VIR_DOMAIN_SHUTDOWN_GUEST_AGENT, error) &&
           vir_qemu_domain_check_active(CALL_DOMAIN(call), error) &&
           check_way(args->flags, VIR_DOMAIN_SHUTDOWN_GUEST_AGENT,
                     VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN, error) &&
           power_button(CALL_DOMAIN(call), FALSE, error);
}

HANDLER_VOID(domain_reboot)
{
    return vir_qemu_check_flags(call, args->flags,
                                VIR_DOMAIN_REBOOT_ACPI_POWER_BTN | VIR_DOMAIN_REBOOT_GUEST_AGENT,
                                error) &&
           vir_qemu_domain_check_active(CALL_DOMAIN(call), error) &&
           check_way(args->flags, VIR_DOMAIN_REBOOT_GUEST_AGENT, VIR_DOMAIN_REBOOT_ACPI_POWER_BTN,
                     error) &&
           power_button(CALL_DOMAIN(call), TRUE, error);
}

HANDLER_VOID(domain_reset)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);

    if (!vir_qemu_check_flags(call, args->flags, 0, error) ||
        !vir_qemu_domain_check_active(dom, error) ||
        !vir_qemu_domain_qmp(dom, "system_reset", NULL, NULL, error))
        return FALSE;
    dom->fake_reboot = FALSE;
    return TRUE;
}

HANDLER_VOID(domain_destroy)
{
    return vir_qemu_destroy(CALL_DOMAIN(call), 0, error);
}

HANDLER_VOID(domain_destroy_flags)
{
    return vir_qemu_check_flags(call, args->flags,
                                VIR_DOMAIN_DESTROY_GRACEFUL | VIR_DOMAIN_DESTROY_REMOVE_LOGS,
                                error) &&
           vir_qemu_destroy(CALL_DOMAIN(call), args->flags, error);
}

/* ---- keys ---- */

HANDLER_VOID(domain_inject_nmi)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);

    return vir_qemu_check_flags(call, args->flags, 0, error) &&
           vir_qemu_domain_check_active(dom, error) &&
           vir_qemu_domain_qmp(dom, "inject-nmi", NULL, NULL, error);
}

/* Codes below this are the same for Linux, XT and QEMU. */
#define COMMON_KEYS 0x54

HANDLER_VOID(domain_send_key)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    json_object *keys;
    json_object *command;

    if (!vir_qemu_check_flags(call, args->flags, 0, error) ||
        !vir_qemu_domain_check_active(dom, error))
        return FALSE;
    for (u_int i = 0; i < args->keycodes.keycodes_len; i++) {
        unsigned key = args->keycodes.keycodes_val[i];
        gboolean known =
            args->codeset == VIR_KEYCODE_SET_QNUM ||
            ((args->codeset == VIR_KEYCODE_SET_LINUX || args->codeset == VIR_KEYCODE_SET_XT) &&
             key < COMMON_KEYS);

        if (key == 0 || key > 0xff || !known) {
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "key %u of code set %u cannot be sent", key, args->codeset);
        }
    }
    keys = json_object_new_array();
    for (u_int i = 0; i < args->keycodes.keycodes_len; i++) {
        json_object *key = json_object_new_object();

        json_object_object_add(key, "type", json_object_new_string("number"));
        json_object_object_add(key, "data",
                               json_object_new_int((int)args->keycodes.keycodes_val[i]));
        json_object_array_add(keys, key);
    }
    command = json_object_new_object();
    json_object_object_add(command, "keys", keys);
    if (args->holdtime != 0)
        json_object_object_add(command, "hold-time", json_object_new_int((int)args->holdtime));
    return vir_qemu_domain_qmp(dom, "send-key", command, NULL, error);
}
