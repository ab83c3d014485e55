/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

/* More processors than an interrupt without the extension can be sent to. */
#define MAX_CPUS_WITHOUT_EIM 255

gboolean
vir_complete_iommu(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    VirDomainIommu *iommu = def->devices.iommu;

    if (iommu && iommu->intremap == VIR_TRISTATE_ON && !def->features.ioapic)
        def->features.ioapic = VIR_DOMAIN_FEATURES_IOAPIC_QEMU;
    if (!(model->flags & VIR_MODEL_ABI_UPDATE) || !vir_def_is_q35(def) ||
        def->vcpus_max <= MAX_CPUS_WITHOUT_EIM)
        return TRUE;
    if (!iommu && vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_INTEL_IOMMU)) {
        iommu = def->devices.iommu = vir_domain_iommu_new();
        iommu->model = VIR_DOMAIN_IOMMU_MODEL_INTEL;
    }
    if (!iommu || iommu->model != VIR_DOMAIN_IOMMU_MODEL_INTEL)
        return TRUE;
    if (!def->features.ioapic)
        def->features.ioapic = VIR_DOMAIN_FEATURES_IOAPIC_QEMU;
    if (!iommu->intremap)
        iommu->intremap = VIR_TRISTATE_ON;
    if (!iommu->eim)
        iommu->eim = VIR_TRISTATE_ON;
    return TRUE;
}

static gboolean
has_options(const VirDomainIommu *iommu)
{
    return iommu->intremap || iommu->caching_mode || iommu->eim || iommu->iotlb ||
           iommu->has_aw_bits || iommu->dma_translation || iommu->passthrough || iommu->xtsup;
}

static gboolean
check_place(const VirModel *model, const VirDomainIommu *iommu, GError **error)
{
    const VirDomainDef *def = model->def;
    const char *name = vir_domain_iommu_model_to_string(iommu->model);
    const char *boards;
    gboolean fits;
    gboolean known;

    switch (iommu->model) {
    case VIR_DOMAIN_IOMMU_MODEL_INTEL:
        boards = "q35";
        fits = vir_def_is_q35(def);
        known = vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_INTEL_IOMMU);
        break;
    case VIR_DOMAIN_IOMMU_MODEL_SMMUV3:
        boards = "virt of ARM";
        fits = vir_def_is_arm_virt(def);
        known = vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_MACHINE_VIRT_IOMMU);
        break;
    case VIR_DOMAIN_IOMMU_MODEL_VIRTIO:
        boards = "q35 and virt of ARM";
        fits = vir_def_is_q35(def) || vir_def_is_arm_virt(def);
        known = vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_VIRTIO_IOMMU_PCI) &&
                vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_VIRTIO_IOMMU_BOOT_BYPASS);
        break;
    default:
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "iommu: model '%s' is not supported yet", name);
    }
    if (!fits)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "iommu: model '%s' is of machine types %s, the guest has '%s' of %s",
                             name, boards, def->os.machine, def->os.arch);
    return known ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "iommu: emulator '%s' has no model '%s'", model->caps->binary, name);
}

#define HAS(flag) vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_INTEL_IOMMU_##flag)

/* Options of intel-iommu and what each of them needs of QEMU. */
static gboolean
check_intel(const VirModel *model, const VirDomainIommu *iommu, GError **error)
{
    const VirModelPart options[] = {
        {iommu->intremap, "intremap", HAS(INTREMAP)},
        {iommu->caching_mode, "caching_mode", HAS(CACHING_MODE)},
        {iommu->eim, "eim", HAS(EIM)},
        {iommu->iotlb, "iotlb", HAS(DEVICE_IOTLB)},
        {iommu->has_aw_bits, "aw_bits", HAS(AW_BITS)},
        {iommu->dma_translation, "dma_translation", HAS(DMA_TRANSLATION)},
    };
    const char *refused = vir_model_refused(options, G_N_ELEMENTS(options));

    if (refused)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "iommu: intel-iommu of emulator '%s' has no driver/@%s",
                             model->caps->binary, refused);
    if (iommu->passthrough || iommu->xtsup)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "iommu: driver/@passthrough and @xtsup are of model 'amd'");
    if (iommu->intremap == VIR_TRISTATE_ON &&
        model->def->features.ioapic != VIR_DOMAIN_FEATURES_IOAPIC_QEMU)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "iommu: interrupt remapping needs the I/O APIC of QEMU "
                             "(features/ioapic/@driver 'qemu')");
    if (iommu->eim == VIR_TRISTATE_ON && iommu->intremap != VIR_TRISTATE_ON)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "iommu: driver/@eim needs interrupt remapping (driver/@intremap "
                             "'on')");
    return TRUE;
}

gboolean
vir_check_iommu(VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;
    const VirDomainIommu *iommu = def->devices.iommu;

    if (!iommu)
        return TRUE;
    if (!check_place(model, iommu, error))
        return FALSE;
    if (iommu->model == VIR_DOMAIN_IOMMU_MODEL_INTEL)
        return check_intel(model, iommu, error);
    if (has_options(iommu))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "iommu: model '%s' has no <driver> options",
                             vir_domain_iommu_model_to_string(iommu->model));
    if (iommu->model == VIR_DOMAIN_IOMMU_MODEL_VIRTIO && !def->features.acpi)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "iommu: the guest finds model 'virtio' through ACPI "
                             "(/domain/features/acpi), and has none");
    return TRUE;
}
