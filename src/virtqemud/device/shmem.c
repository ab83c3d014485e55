/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

#define SERVER_DIR "/var/lib/libvirt"

static const char *
role_value(const VirDomainShmem *shmem)
{
    if (!shmem->role)
        return NULL;
    return shmem->role == VIR_DOMAIN_SHMEM_ROLE_MASTER ? "on" : "off";
}

static gboolean
add_plain(VirArgv *argv, const VirDomainShmem *shmem, GError **error)
{
    g_autofree char *id = g_strconcat("shmmem-", shmem->info.alias, NULL);
    g_autofree char *path = g_strconcat("/dev/shm/", shmem->name, NULL);

    vir_argv_add_props(argv, "-object",
                       vir_props_new("s:qom-type", "memory-backend-file", "s:id", id, "s:mem-path",
                                     path, "u:size", shmem->size << 20, "b:share", TRUE, NULL));
    return vir_argv_add_named(argv,
                              vir_props_new("s:driver", "ivshmem-plain", "s:memdev", id, "S:master",
                                            role_value(shmem), NULL),
                              &shmem->info, error);
}

static gboolean
add_doorbell(VirArgv *argv, const VirDomainShmem *shmem, GError **error)
{
    g_autofree char *id = g_strconcat("char", shmem->info.alias, NULL);
    g_autofree char *path = shmem->server_path
                                ? g_strdup(shmem->server_path)
                                : g_strdup_printf(SERVER_DIR "/shmem-%s-sock", shmem->name);
    VirDomainChardev src = {.type = VIR_DOMAIN_CHARDEV_TYPE_UNIX,
                            .mode = VIR_DOMAIN_CHARDEV_MODE_CONNECT,
                            .path = path};
    json_object *props = vir_props_new("s:driver", "ivshmem-doorbell", "s:chardev", id, "S:master",
                                       role_value(shmem), NULL);

    if (shmem->msi)
        vir_props_add(props, "U:vectors", (guint64)shmem->msi_vectors, NULL);
    if (shmem->msi)
        vir_props_add(props, "t:ioeventfd", shmem->msi_ioeventfd, NULL);
    return vir_argv_add_named(argv, props, &shmem->info, error) &&
           vir_argv_chardev(argv, &src, id, NULL, error);
}

gboolean
vir_argv_shmems(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_shmems; i++) {
        const VirDomainShmem *shmem = argv->def->devices.shmems[i];
        gboolean plain = shmem->model == VIR_DOMAIN_SHMEM_MODEL_IVSHMEM_PLAIN;

        if (!(plain ? add_plain : add_doorbell)(argv, shmem, error))
            return FALSE;
    }
    return TRUE;
}
