/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-device.h"
#include "vir-domain-vcpu.h"
#include "vir-error.h"

gboolean
vir_device_check_start(const VirDomainDef *def, GError **error)
{
    const VirDomainCputune *tune = def->cputune;
    const struct {
        gboolean there;
        const char *path;
    } lacks[] = {
        {vir_domain_vcpus_fixed(def) != vir_domain_vcpus_now(def),
         "/domain/vcpus/vcpu of hotpluggable='yes' that is enabled"},
        {def->cpuset != NULL, "/domain/vcpu/@cpuset"},
        {tune &&
             (tune->has_shares || tune->has_period || tune->has_quota || tune->has_global_period ||
              tune->has_global_quota || tune->has_emulator_period || tune->has_emulator_quota ||
              tune->has_iothread_period || tune->has_iothread_quota),
         "/domain/cputune: shares, periods and quotas"},
        {tune && (tune->n_vcpupins > 0 || tune->emulatorpin_cpuset || tune->n_iothreadpins > 0),
         "/domain/cputune: pins"},
        {tune && (tune->emulatorsched || tune->n_vcpuscheds > 0 || tune->n_iothreadscheds > 0),
         "/domain/cputune: schedulers"},
        {tune && (tune->n_cachetunes > 0 || tune->n_memorytunes > 0),
         "/domain/cputune: cachetune and memorytune"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(lacks); i++) {
        if (lacks[i].there)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "domain '%s': %s: not supported yet by a start", def->name,
                                 lacks[i].path);
    }
    return TRUE;
}
