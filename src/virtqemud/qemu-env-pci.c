/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-env-pci.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Configuration space of a conventional function: its file has that size where there is no more. */
#define CONVENTIONAL_SIZE 256

gboolean
vir_qemu_env_pci_device(const VirQemuEnv *env, guint domain, guint bus, guint slot, guint function,
                        VirQemuPciDevice *out)
{
    g_autofree char *dir =
        g_strdup_printf("/sys/bus/pci/devices/%04x:%02x:%02x.%x", domain, bus, slot, function);
    g_autofree char *config = g_build_filename(dir, "config", NULL);
    g_autofree char *link = g_build_filename(dir, "iommu_group", NULL);
    g_autofree char *group = NULL;
    struct stat st;

    if (stat(config, &st) < 0)
        return FALSE;
    out->express = st.st_size != CONVENTIONAL_SIZE;
    group = g_file_read_link(link, NULL);
    if (group) {
        g_autofree char *name = g_path_get_basename(group);

        out->iommu_group = atoi(name);
    }
    return TRUE;
}
