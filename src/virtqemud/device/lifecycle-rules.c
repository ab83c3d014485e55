/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

/* What QEMU can do when the guest powers off, reboots or crashes. */
gboolean
vir_check_lifecycle(VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;
    static const guint32 simple =
        1U << VIR_DOMAIN_LIFECYCLE_DESTROY | 1U << VIR_DOMAIN_LIFECYCLE_RESTART;
    static const guint32 crash = 1U << VIR_DOMAIN_LIFECYCLE_PRESERVE |
                                 1U << VIR_DOMAIN_LIFECYCLE_COREDUMP_DESTROY |
                                 1U << VIR_DOMAIN_LIFECYCLE_COREDUMP_RESTART;
    const struct {
        const char *name;
        int action;
        guint32 allowed;
    } rows[] = {
        {"on_poweroff", def->on_poweroff, simple},
        {"on_reboot", def->on_reboot, simple},
        {"on_crash", def->on_crash, simple | crash},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].allowed & 1U << rows[i].action)
            continue;
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/%s cannot be '%s' with QEMU", rows[i].name,
                             vir_domain_lifecycle_to_string(rows[i].action));
    }
    /* Both begin with the guest halted, and QEMU does not always tell which it was. */
    if (def->on_poweroff == VIR_DOMAIN_LIFECYCLE_RESTART &&
        def->on_reboot == VIR_DOMAIN_LIFECYCLE_DESTROY) {
        return vir_error_set(
            error, VIR_ERR_CONFIG_UNSUPPORTED,
            "/domain/on_reboot cannot be 'destroy' where on_poweroff is 'restart'");
    }
    if ((def->suspend_to_mem || def->suspend_to_disk) && !vir_def_is_q35(def) &&
        !vir_def_is_i440fx(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/pm: machine type '%s' of architecture '%s' has no sleep "
                             "states of ACPI to be allowed or not; pc and q35 have",
                             def->os.machine, def->os.arch);
    return TRUE;
}
