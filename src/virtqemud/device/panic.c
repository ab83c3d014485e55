/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

static gboolean
add_pci_panic(VirArgv *argv, const VirDomainPanic *panic, GError **error)
{
    json_object *props = vir_props_new("s:driver", "pvpanic-pci", NULL);

    if (!vir_props_add_info(props, argv->def, &panic->info, error)) {
        json_object_put(props);
        return FALSE;
    }
    vir_argv_add_props(argv, "-device", props);
    return TRUE;
}

/* The others are firmware calls (pseries, s390) or come with the processor (hyperv). */
gboolean
vir_argv_panics(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_panics; i++) {
        const VirDomainPanic *panic = argv->def->devices.panics[i];

        if (panic->model == VIR_DOMAIN_PANIC_MODEL_PVPANIC) {
            if (!add_pci_panic(argv, panic, error))
                return FALSE;
        } else if (panic->model == VIR_DOMAIN_PANIC_MODEL_ISA) {
            json_object *props = vir_props_new("s:driver", "pvpanic", NULL);

            if (panic->info.address && panic->info.address->has_iobase)
                vir_props_add(props, "u:ioport", (guint64)panic->info.address->iobase, NULL);
            vir_argv_add_props(argv, "-device", props);
        }
    }
    return TRUE;
}

gboolean
vir_argv_vmcoreinfo(VirArgv *argv, GError **error)
{
    const VirDomainFeatures *features = &argv->def->features;

    if (features->vmcoreinfo_present && features->vmcoreinfo != VIR_TRISTATE_OFF)
        vir_argv_add_props(argv, "-device", vir_props_new("s:driver", "vmcoreinfo", NULL));
    return TRUE;
}

gboolean
vir_argv_nvram(VirArgv *argv, GError **error)
{
    const VirDomainNvram *nvram = argv->def->devices.nvram;
    const VirDomainAddress *address = nvram ? nvram->info.address : NULL;

    /* Part of the board: only its place is ours to say. */
    if (address && address->type == VIR_DOMAIN_ADDRESS_TYPE_SPAPR_VIO && address->has_reg)
        vir_argv_addf(argv, "-global", "spapr-nvram.reg=0x%" G_GINT64_MODIFIER "x", address->reg);
    return TRUE;
}

gboolean
vir_argv_incoming(VirArgv *argv, GError **error)
{
    if (argv->context->incoming)
        vir_argv_add(argv, "-incoming", argv->context->incoming);
    return TRUE;
}
