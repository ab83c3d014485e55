/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"
#include <string.h>

#define DEFAULT_MIB 4

gboolean
vir_complete_shmems(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_shmems; i++) {
        VirDomainShmem *shmem = model->def->devices.shmems[i];

        /* What the first QEMU with shared memory had; the check says what there is today. */
        if (!shmem->model)
            shmem->model = VIR_DOMAIN_SHMEM_MODEL_IVSHMEM;
        if (shmem->model == VIR_DOMAIN_SHMEM_MODEL_IVSHMEM_PLAIN && !shmem->has_size) {
            shmem->size = DEFAULT_MIB;
            shmem->has_size = TRUE;
        }
        if (shmem->model == VIR_DOMAIN_SHMEM_MODEL_IVSHMEM_DOORBELL) {
            shmem->msi = TRUE;
            if (!shmem->msi_ioeventfd)
                shmem->msi_ioeventfd = VIR_TRISTATE_ON;
        }
    }
    return TRUE;
}

static gboolean
check_shmem(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainShmem *shmem = device->shmem;

    if (strchr(shmem->name, '/') || g_str_equal(shmem->name, ".") || g_str_equal(shmem->name, ".."))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "its name is a file's, without '/'");
    if (shmem->has_size && (shmem->size == 0 || (shmem->size & (shmem->size - 1)) != 0))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "its size has to be a power of two and at least 1 MiB");
    if (shmem->has_size && shmem->size > G_MAXUINT64 >> 20)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "its size is beyond all bounds");
    switch (shmem->model) {
    case VIR_DOMAIN_SHMEM_MODEL_IVSHMEM_PLAIN:
        if (shmem->server)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "model 'ivshmem-plain' has no <server>; 'ivshmem-doorbell' has");
        if (shmem->msi)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "<msi> needs a <server> (model 'ivshmem-doorbell')");
        return vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_IVSHMEM_PLAIN, error,
                               "model 'ivshmem-plain'");
    case VIR_DOMAIN_SHMEM_MODEL_IVSHMEM_DOORBELL:
        if (!shmem->server)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "model 'ivshmem-doorbell' needs a <server>");
        if (shmem->has_size)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "the server knows the size of model 'ivshmem-doorbell'");
        return vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_IVSHMEM_DOORBELL, error,
                               "model 'ivshmem-doorbell'");
    default:
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "model 'ivshmem', the default, is no longer in QEMU; use <model "
                             "type='ivshmem-plain'/> or 'ivshmem-doorbell'");
    }
}

gboolean
vir_check_shmems(VirModel *model, GError **error)
{
    return vir_check_each(model, VIR_DOMAIN_DEVICE_SHMEM, check_shmem, error);
}
