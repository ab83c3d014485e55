/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"
#include <unistd.h>

/* All TPMs but a proxy's have one backend, as a guest has one of them. */
#define CHARDEV "chrtpm"

/* The host's TPM and the file that ends a command of it. */
static gboolean
add_passthrough(VirArgv *argv, const VirDomainTpm *tpm, const char *id, GError **error)
{
    const char *path = tpm->device;
    g_autofree char *device = NULL;
    g_autofree char *cancel = NULL;
    int fds[2];

    if (!argv->env->open_tpm)
        return vir_argv_unsupported(argv, error, "/domain/devices/tpm/backend/@type 'passthrough'");
    if (!argv->env->open_tpm(argv->env, path, fds, error))
        return FALSE;
    device = vir_argv_add_fdset(argv, fds[0], tpm->info.alias, "tpm");
    cancel = vir_argv_add_fdset(argv, fds[1], tpm->info.alias, "cancel");
    vir_argv_addf(argv, "-tpmdev", "passthrough,id=%s,path=%s,cancel-path=%s", id, device, cancel);
    return TRUE;
}

static gboolean
add_socket(VirArgv *argv, const char *path, const char *id, GError **error)
{
    g_autofree char *copy = g_strdup(path);
    VirDomainChardev src = {.type = VIR_DOMAIN_CHARDEV_TYPE_UNIX,
                            .mode = VIR_DOMAIN_CHARDEV_MODE_CONNECT,
                            .path = copy};

    if (!vir_argv_chardev(argv, &src, CHARDEV, NULL, error))
        return FALSE;
    vir_argv_addf(argv, "-tpmdev", "emulator,id=%s,chardev=%s", id, CHARDEV);
    return TRUE;
}

static gboolean
add_backend(VirArgv *argv, const VirDomainTpm *tpm, const char *id, GError **error)
{
    g_autofree char *socket = NULL;

    switch (tpm->backend) {
    case VIR_DOMAIN_TPM_BACKEND_PASSTHROUGH:
        return add_passthrough(argv, tpm, id, error);
    case VIR_DOMAIN_TPM_BACKEND_EXTERNAL:
        return add_socket(argv, tpm->external->path, id, error);
    default:
        if (!argv->env->start_tpm)
            return vir_argv_unsupported(argv, error,
                                        "/domain/devices/tpm/backend/@type 'emulator'");
        socket = argv->env->start_tpm(argv->env, argv->context->lib_dir, argv->def, tpm, error);
        return socket && add_socket(argv, socket, id, error);
    }
}

static gboolean
add_tpm(VirArgv *argv, const VirDomainTpm *tpm, GError **error)
{
    g_autofree char *id = g_strconcat("tpm-", tpm->info.alias, NULL);
    const char *model = vir_domain_tpm_model_to_string(tpm->model);
    json_object *props;

    if (tpm->model == VIR_DOMAIN_TPM_MODEL_SPAPR_TPM_PROXY)
        return vir_argv_add_named(
            argv, vir_props_new("s:driver", model, "S:host-path", tpm->device, NULL), &tpm->info,
            error);
    if (!add_backend(argv, tpm, id, error)) {
        g_prefix_error(error, "TPM '%s': ", tpm->info.alias);
        return FALSE;
    }
    if (tpm->model == VIR_DOMAIN_TPM_MODEL_TPM_TIS && !vir_def_is_x86(argv->def))
        model = "tpm-tis-device";
    props = vir_props_new("s:driver", model, "s:tpmdev", id, NULL);
    return vir_argv_add_named(argv, props, &tpm->info, error);
}

gboolean
vir_argv_tpms(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_tpms; i++) {
        if (!add_tpm(argv, argv->def->devices.tpms[i], error))
            return FALSE;
    }
    return TRUE;
}
