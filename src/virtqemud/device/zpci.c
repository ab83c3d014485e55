/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pci-plan.h"

#include "vir-domain-device.h"
#include "vir-error.h"

/* zPCI: on s390 each PCI function has two identifiers of its own. */

#define LAST_UID 0xffff

static gboolean
take(GHashTable *taken, guint id, const char *what, GError **error)
{
    return g_hash_table_add(taken, GUINT_TO_POINTER(id)) ||
           vir_error_set(error, VIR_ERR_XML_ERROR, "two PCI devices have the zPCI %s 0x%x", what,
                         id);
}

static gboolean
take_given(const VirPciPlan *plan, GHashTable *uids, GHashTable *fids, GError **error)
{
    for (guint i = 0; i < plan->devices->len; i++) {
        const VirDomainAddress *address =
            g_array_index(plan->devices, VirPciDevice, i).info->address;
        const VirDomainZpci *zpci = address ? address->zpci : NULL;

        if (!zpci)
            continue;
        if (zpci->has_uid && (zpci->uid == 0 || zpci->uid > LAST_UID))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "zPCI uid 0x%04x: it is 0x0001 to 0x%x",
                                 zpci->uid, LAST_UID);
        if ((zpci->has_uid && !take(uids, zpci->uid, "uid", error)) ||
            (zpci->has_fid && !take(fids, zpci->fid, "fid", error)))
            return FALSE;
    }
    return TRUE;
}

static gboolean
assign(VirDomainAddress *address, GHashTable *uids, GHashTable *fids, GError **error)
{
    VirDomainZpci *zpci;

    if (!address->zpci)
        address->zpci = vir_domain_zpci_new();
    zpci = address->zpci;
    for (guint uid = 1; !zpci->has_uid && uid <= LAST_UID; uid++) {
        if (g_hash_table_add(uids, GUINT_TO_POINTER(uid))) {
            zpci->uid = uid;
            zpci->has_uid = TRUE;
        }
    }
    if (!zpci->has_uid)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "no zPCI uid is left");
    for (guint fid = 0; !zpci->has_fid; fid++) {
        if (g_hash_table_add(fids, GUINT_TO_POINTER(fid))) {
            zpci->fid = fid;
            zpci->has_fid = TRUE;
        }
    }
    return TRUE;
}

typedef struct {
    const VirPciPlan *plan;
    GHashTable *uids;
    GHashTable *fids;
    gboolean half_given; /* only those of which the document says one */
} Numbering;

static gboolean
number(const VirDomainDevice *device, void *data, GError **error)
{
    const Numbering *pass = data;
    VirDomainAddress *address = device->info->address;
    const VirDomainZpci *zpci;

    if (!vir_pci_plan_device(pass->plan, device->info))
        return TRUE;
    zpci = address->zpci;
    return (pass->half_given && (!zpci || !(zpci->has_uid || zpci->has_fid))) ||
           assign(address, pass->uids, pass->fids, error);
}

gboolean
vir_pci_complete_zpci(VirPciPlan *plan, GError **error)
{
    g_autoptr(GHashTable) uids = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) fids = g_hash_table_new(NULL, NULL);
    VirDomainDef *def = plan->model->def;
    Numbering pass = {plan, uids, fids, TRUE};

    if (vir_def_is_s390(def) && vir_qemu_caps_has(plan->model->caps, VIR_QEMU_CAPS_DEVICE_ZPCI)) {
        if (!take_given(plan, uids, fids, error) ||
            !vir_domain_each_device(def, number, &pass, error))
            return FALSE;
        pass.half_given = FALSE;
        return vir_domain_each_device(def, number, &pass, error);
    }
    for (guint i = 0; i < plan->devices->len; i++) {
        const VirDomainAddress *address =
            g_array_index(plan->devices, VirPciDevice, i).info->address;

        if (address && address->zpci)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "emulator '%s' has no zPCI, which is of s390 only",
                                 plan->model->caps->binary);
    }
    return TRUE;
}
