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
refuse(GError **error, int code, guint i, const char *why)
{
    return vir_error_set(error, code, "shmem[%u]: %s", i + 1, why);
}

static gboolean
check_shmem(const VirModel *model, const VirDomainShmem *shmem, guint i, GError **error)
{
    if (strchr(shmem->name, '/') || g_str_equal(shmem->name, ".") || g_str_equal(shmem->name, ".."))
        return refuse(error, VIR_ERR_XML_ERROR, i, "its name is a file's, without '/'");
    if (shmem->has_size && (shmem->size == 0 || (shmem->size & (shmem->size - 1)) != 0))
        return refuse(error, VIR_ERR_XML_ERROR, i,
                      "its size has to be a power of two and at least 1 MiB");
    if (shmem->has_size && shmem->size > G_MAXUINT64 >> 20)
        return refuse(error, VIR_ERR_XML_ERROR, i, "its size is beyond all bounds");
    switch (shmem->model) {
    case VIR_DOMAIN_SHMEM_MODEL_IVSHMEM_PLAIN:
        if (shmem->server)
            return refuse(error, VIR_ERR_XML_ERROR, i,
                          "model 'ivshmem-plain' has no <server>; 'ivshmem-doorbell' has");
        if (shmem->msi)
            return refuse(error, VIR_ERR_XML_ERROR, i,
                          "<msi> needs a <server> (model 'ivshmem-doorbell')");
        return vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_IVSHMEM_PLAIN) ||
               refuse(error, VIR_ERR_CONFIG_UNSUPPORTED, i,
                      "this emulator has no model 'ivshmem-plain'");
    case VIR_DOMAIN_SHMEM_MODEL_IVSHMEM_DOORBELL:
        if (!shmem->server)
            return refuse(error, VIR_ERR_XML_ERROR, i, "model 'ivshmem-doorbell' needs a <server>");
        if (shmem->has_size)
            return refuse(error, VIR_ERR_XML_ERROR, i,
                          "the server knows the size of model 'ivshmem-doorbell'");
        return vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_IVSHMEM_DOORBELL) ||
               refuse(error, VIR_ERR_CONFIG_UNSUPPORTED, i,
                      "this emulator has no model 'ivshmem-doorbell'");
    default:
        return refuse(error, VIR_ERR_CONFIG_UNSUPPORTED, i,
                      "model 'ivshmem', the default, is no longer in QEMU; use <model "
                      "type='ivshmem-plain'/> or 'ivshmem-doorbell'");
    }
}

gboolean
vir_check_shmems(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_shmems; i++) {
        if (!check_shmem(model, model->def->devices.shmems[i], i, error))
            return FALSE;
    }
    return TRUE;
}
