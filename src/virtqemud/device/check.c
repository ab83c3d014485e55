/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

const char *
vir_model_refused(const VirModelPart *parts, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        if (parts[i].asked && !parts[i].possible)
            return parts[i].what;
    }
    return NULL;
}

gboolean
vir_model_needs(const VirModel *model, VirQemuCapsFlag flag, GError **error, const char *format,
                ...)
{
    g_autofree char *what = NULL;
    va_list args;

    if (vir_qemu_caps_has(model->caps, flag))
        return TRUE;
    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "emulator '%s' has no %s",
                         model->caps->binary, what);
}

typedef struct {
    const VirModel *model;
    VirDeviceCheck check;
} Pass;

static gboolean
check_one(const VirDomainDevice *device, void *data, GError **error)
{
    const Pass *pass = data;

    return pass->check(pass->model, device, error) || vir_domain_device_blame(device, error);
}

gboolean
vir_check_each(const VirModel *model, VirDomainDeviceKind kind, VirDeviceCheck check,
               GError **error)
{
    Pass pass = {model, check};

    if (kind == VIR_DOMAIN_DEVICE_LAST)
        return vir_domain_each_device(model->def, check_one, &pass, error);
    return vir_domain_each_device_of(model->def, kind, check_one, &pass, error);
}
