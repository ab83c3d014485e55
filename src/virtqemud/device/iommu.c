/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

gboolean
vir_argv_iommu(VirArgv *argv, GError **error)
{
    const VirDomainIommu *iommu = argv->def->devices.iommu;
    json_object *props;

    if (!iommu || iommu->model == VIR_DOMAIN_IOMMU_MODEL_SMMUV3)
        return TRUE; /* an option of the machine */
    if (iommu->model == VIR_DOMAIN_IOMMU_MODEL_VIRTIO)
        return vir_argv_add_named(argv, vir_props_new("s:driver", "virtio-iommu", NULL),
                                  &iommu->info, error);
    props = vir_props_new("s:driver", "intel-iommu", "o:intremap", iommu->intremap,
                          "t:caching-mode", iommu->caching_mode, "o:eim", iommu->eim,
                          "t:device-iotlb", iommu->iotlb, NULL);
    if (iommu->has_aw_bits)
        vir_props_add(props, "U:aw-bits", (guint64)iommu->aw_bits, NULL);
    vir_props_add(props, "t:dma-translation", iommu->dma_translation, NULL);
    return vir_argv_add_named(argv, props, &iommu->info, error);
}
