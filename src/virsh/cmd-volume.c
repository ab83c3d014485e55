/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

static const char *
type_name(int type)
{
    static const char *const names[] = {"file", "block", "dir", "network", "net-dir", "ploop"};

    return type >= 0 && type < (int)G_N_ELEMENTS(names) ? names[type] : "unknown";
}

static char *
size_text(unsigned long long bytes)
{
    const char *unit;
    double value = virsh_human_size(bytes, &unit);

    return g_strdup_printf("%.2f %s", value, unit);
}

static int
compare_volumes(const void *a, const void *b)
{
    return strcasecmp(virStorageVolGetName(*(const virStorageVolPtr *)a),
                      virStorageVolGetName(*(const virStorageVolPtr *)b));
}

static void
volume_row(VirshTable *table, virStorageVolPtr vol, gboolean details)
{
    virStorageVolInfo info;
    char *path = virStorageVolGetPath(vol);
    g_autofree char *capacity = NULL;
    g_autofree char *allocation = NULL;
    const char *type = "unknown";

    if (!details) {
        VIRSH_ROW(table, virStorageVolGetName(vol), path);
        free(path);
        return;
    }
    if (virStorageVolGetInfo(vol, &info) == 0) {
        type = type_name(info.type);
        capacity = size_text(info.capacity);
        allocation = size_text(info.allocation);
    }
    VIRSH_ROW(table, virStorageVolGetName(vol), path, type, capacity, allocation);
    free(path);
}

VIRSH_COMMAND(vol_list)
{
    g_autoptr(virStoragePool) pool = virsh_pool(ctl, cmd, VIRSH_BY_ANY);
    gboolean details = virsh_flag(cmd, "details");
    g_autoptr(VirshTable) table = NULL;
    virStorageVolPtr *vols = NULL;
    int n;

    if (!pool)
        return FALSE;
    n = virStoragePoolListAllVolumes(pool, &vols, 0);
    if (n < 0)
        return virsh_error(ctl, "Failed to list volumes");
    table = details ? VIRSH_TABLE("Name", "Path", "Type", "Capacity", "Allocation")
                    : VIRSH_TABLE("Name", "Path");
    qsort(vols, n, sizeof(*vols), compare_volumes);
    for (int i = 0; i < n; i++) {
        volume_row(table, vols[i], details);
        virStorageVolFree(vols[i]);
    }
    free(vols);
    virsh_table_print(ctl, table);
    return TRUE;
}

static void
print_size(const char *label, unsigned long long bytes, gboolean plain)
{
    g_autofree char *text = plain ? g_strdup_printf("%llu bytes", bytes) : size_text(bytes);

    virsh_print("%-15s %s\n", label, text);
}

VIRSH_COMMAND(vol_info)
{
    g_autoptr(virStorageVol) vol = virsh_volume(ctl, cmd, TRUE);
    gboolean bytes = virsh_flag(cmd, "bytes");
    gboolean physical = virsh_flag(cmd, "physical");
    virStorageVolInfo info;

    if (!vol)
        return FALSE;
    virsh_print("%-15s %s\n", "Name:", virStorageVolGetName(vol));
    if ((physical ? virStorageVolGetInfoFlags(vol, &info, VIR_STORAGE_VOL_GET_PHYSICAL)
                  : virStorageVolGetInfo(vol, &info)) < 0)
        return FALSE;
    virsh_print("%-15s %s\n", "Type:", type_name(info.type));
    print_size("Capacity:", info.capacity, bytes);
    print_size(physical ? "Physical:" : "Allocation:", info.allocation, bytes);
    return TRUE;
}

VIRSH_COMMAND(vol_path)
{
    g_autoptr(virStorageVol) vol = virsh_volume(ctl, cmd, TRUE);
    char *path = vol ? virStorageVolGetPath(vol) : NULL;
    gboolean good = path != NULL;

    if (good)
        virsh_print("%s\n", path);
    free(path);
    return good;
}

VIRSH_COMMAND(vol_key)
{
    g_autoptr(virStorageVol) vol = virsh_volume(ctl, cmd, TRUE);

    return virsh_line(vol ? virStorageVolGetKey(vol) : NULL);
}

VIRSH_COMMAND(vol_name)
{
    g_autoptr(virStorageVol) vol = virsh_volume(ctl, cmd, FALSE);

    return virsh_line(vol ? virStorageVolGetName(vol) : NULL);
}

VIRSH_COMMAND(vol_pool)
{
    g_autoptr(virStorageVol) vol = virsh_volume(ctl, cmd, FALSE);
    g_autoptr(virStoragePool) pool = vol ? virStoragePoolLookupByVolume(vol) : NULL;
    char uuid[VIR_UUID_STRING_BUFLEN];

    if (!pool)
        return FALSE;
    if (!virsh_flag(cmd, "uuid"))
        virsh_print("%s\n", virStoragePoolGetName(pool));
    else if (virStoragePoolGetUUIDString(pool, uuid) == 0)
        virsh_print("%s\n", uuid);
    return TRUE;
}

VIRSH_COMMAND(vol_dumpxml)
{
    g_autoptr(virStorageVol) vol = virsh_volume(ctl, cmd, TRUE);

    return virsh_print_xml(ctl, cmd, vol ? virStorageVolGetXMLDesc(vol, 0) : NULL);
}

VIRSH_COMMAND(vol_delete)
{
    g_autoptr(virStorageVol) vol = virsh_volume(ctl, cmd, TRUE);
    const char *name = virsh_string(cmd, "vol");
    unsigned int flags =
        virsh_flag(cmd, "delete-snapshots") ? VIR_STORAGE_VOL_DELETE_WITH_SNAPSHOTS : 0;

    if (!vol)
        return FALSE;
    if (virStorageVolDelete(vol, flags) < 0)
        return virsh_error(ctl, "Failed to delete vol %s", name);
    virsh_say(ctl, "Vol %s deleted\n", name);
    return TRUE;
}

VIRSH_COMMAND(vol_create)
{
    const char *path = virsh_string(cmd, "file");
    g_autoptr(virStoragePool) pool = virsh_pool(ctl, cmd, VIRSH_BY_ANY);
    g_autoptr(virStorageVol) vol = NULL;
    g_autofree char *xml = NULL;
    unsigned int flags = 0;

    if (!pool)
        return FALSE;
    xml = virsh_read_file(ctl, path);
    if (!xml)
        return FALSE;
    flags |= VIRSH_FLAGS(cmd, {"prealloc-metadata", VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA},
                         {"validate", VIR_STORAGE_VOL_CREATE_VALIDATE});
    vol = virStorageVolCreateXML(pool, xml, flags);
    if (!vol)
        return virsh_error(ctl, "Failed to create vol from %s", path);
    virsh_say(ctl, "Vol %s created from %s\n", virStorageVolGetName(vol), path);
    return TRUE;
}
