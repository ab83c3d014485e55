/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

static int
compare_pools(const void *a, const void *b)
{
    return strcasecmp(virStoragePoolGetName(*(const virStoragePoolPtr *)a),
                      virStoragePoolGetName(*(const virStoragePoolPtr *)b));
}

static const char *
state_name(int state)
{
    static const char *const names[] = {"inactive", "building", "running", "degraded",
                                        "inaccessible"};

    return state >= 0 && state < (int)G_N_ELEMENTS(names) ? names[state] : "unknown";
}

static char *
size_text(unsigned long long bytes)
{
    const char *unit;
    double value = virsh_human_size(bytes, &unit);

    return g_strdup_printf("%.2f %s", value, unit);
}

static const char *
autostart_text(virStoragePoolPtr pool)
{
    int on = 0;

    if (virStoragePoolGetAutostart(pool, &on) < 0)
        return "no autostart";
    return on ? "yes" : "no";
}

static void
details_row(VirshTable *table, virStoragePoolPtr pool)
{
    virStoragePoolInfo info;
    int persistent = virStoragePoolIsPersistent(pool);
    const char *persistent_text = virsh_yes_no(persistent);
    g_autofree char *capacity = NULL;
    g_autofree char *allocation = NULL;
    g_autofree char *available = NULL;

    if (virStoragePoolGetInfo(pool, &info) < 0) {
        VIRSH_ROW(table, virStoragePoolGetName(pool), "unknown", autostart_text(pool),
                  persistent_text, "-", "-", "-");
        return;
    }
    if (info.state == VIR_STORAGE_POOL_RUNNING || info.state == VIR_STORAGE_POOL_DEGRADED) {
        capacity = size_text(info.capacity);
        allocation = size_text(info.allocation);
        available = size_text(info.available);
    }
    VIRSH_ROW(table, virStoragePoolGetName(pool), state_name(info.state), autostart_text(pool),
              persistent_text, capacity, allocation, available);
}

static unsigned int
list_flags(const VirshCmd *cmd)
{
    unsigned int states = virsh_list_states(cmd, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE,
                                            VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE);

    return states | VIRSH_FLAGS(cmd, {"autostart", VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART},
                                {"no-autostart", VIR_CONNECT_LIST_STORAGE_POOLS_NO_AUTOSTART},
                                {"persistent", VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT},
                                {"transient", VIR_CONNECT_LIST_STORAGE_POOLS_TRANSIENT});
}

VIRSH_COMMAND(pool_list)
{
    gboolean details = virsh_flag(cmd, "details");
    gboolean names = virsh_flag(cmd, "name");
    gboolean uuids = virsh_flag(cmd, "uuid");
    g_autoptr(VirshTable) table = NULL;
    virStoragePoolPtr *pools = NULL;
    int n;

    if (virsh_flag(cmd, "type"))
        return virsh_error(ctl, "option --type of 'pool-list' is not built yet");
    n = virConnectListAllStoragePools(ctl->conn, &pools, list_flags(cmd));
    if (n < 0)
        return virsh_error(ctl, "Failed to list pools");
    table = details ? VIRSH_TABLE("Name", "State", "Autostart", "Persistent", "Capacity",
                                  "Allocation", "Available")
                    : VIRSH_TABLE("Name", "State", "Autostart");
    qsort(pools, n, sizeof(*pools), compare_pools);
    for (int i = 0; i < n; i++) {
        char uuid[VIR_UUID_STRING_BUFLEN] = "";

        virStoragePoolGetUUIDString(pools[i], uuid);
        if (names && uuids)
            virsh_print("%s %-20s\n", uuid, virStoragePoolGetName(pools[i]));
        else if (names)
            virsh_print("%-20s\n", virStoragePoolGetName(pools[i]));
        else if (uuids)
            virsh_print("%s\n", uuid);
        else if (details)
            details_row(table, pools[i]);
        else
            VIRSH_ROW(table, virStoragePoolGetName(pools[i]),
                      virStoragePoolIsActive(pools[i]) ? "active" : "inactive",
                      autostart_text(pools[i]));
        virStoragePoolFree(pools[i]);
    }
    free(pools);
    if (!names && !uuids)
        virsh_table_print(ctl, table);
    return TRUE;
}

static void
print_size(const char *label, unsigned long long bytes, gboolean plain)
{
    g_autofree char *text = plain ? g_strdup_printf("%llu", bytes) : size_text(bytes);

    virsh_print("%-15s %s\n", label, text);
}

VIRSH_COMMAND(pool_info)
{
    g_autoptr(virStoragePool) pool = virsh_pool(ctl, cmd, VIRSH_BY_ANY);
    gboolean bytes = virsh_flag(cmd, "bytes");
    char uuid[VIR_UUID_STRING_BUFLEN];
    virStoragePoolInfo info;
    int persistent;

    if (!pool)
        return FALSE;
    virsh_print("%-15s %s\n", "Name:", virStoragePoolGetName(pool));
    if (virStoragePoolGetUUIDString(pool, uuid) == 0)
        virsh_print("%-15s %s\n", "UUID:", uuid);
    if (virStoragePoolGetInfo(pool, &info) < 0)
        return FALSE;
    virsh_print("%-15s %s\n", "State:", state_name(info.state));
    persistent = virStoragePoolIsPersistent(pool);
    virsh_print("%-15s %s\n", "Persistent:", virsh_yes_no(persistent));
    virsh_print("%-15s %s\n", "Autostart:", autostart_text(pool));
    if (info.state == VIR_STORAGE_POOL_RUNNING || info.state == VIR_STORAGE_POOL_DEGRADED) {
        print_size("Capacity:", info.capacity, bytes);
        print_size("Allocation:", info.allocation, bytes);
        print_size("Available:", info.available, bytes);
    }
    return TRUE;
}

VIRSH_COMMAND(pool_uuid)
{
    g_autoptr(virStoragePool) pool = virsh_pool(ctl, cmd, VIRSH_BY_NAME);
    char uuid[VIR_UUID_STRING_BUFLEN];

    return virsh_line(pool && virStoragePoolGetUUIDString(pool, uuid) == 0 ? uuid : NULL);
}

VIRSH_COMMAND(pool_name)
{
    g_autoptr(virStoragePool) pool = virsh_pool(ctl, cmd, VIRSH_BY_UUID);

    return virsh_line(pool ? virStoragePoolGetName(pool) : NULL);
}

VIRSH_COMMAND(pool_dumpxml)
{
    g_autoptr(virStoragePool) pool = virsh_pool(ctl, cmd, VIRSH_BY_ANY);
    unsigned int flags = virsh_flag(cmd, "inactive") ? VIR_STORAGE_XML_INACTIVE : 0;

    return virsh_print_xml(ctl, cmd, pool ? virStoragePoolGetXMLDesc(pool, flags) : NULL);
}

static unsigned int
build_flags(const VirshCmd *cmd, gboolean create)
{
    unsigned int flags = 0;

    if (virsh_flag(cmd, "overwrite"))
        flags |= create ? VIR_STORAGE_POOL_CREATE_WITH_BUILD_OVERWRITE
                        : VIR_STORAGE_POOL_BUILD_OVERWRITE;
    if (virsh_flag(cmd, "no-overwrite"))
        flags |= create ? VIR_STORAGE_POOL_CREATE_WITH_BUILD_NO_OVERWRITE
                        : VIR_STORAGE_POOL_BUILD_NO_OVERWRITE;
    if (create && virsh_flag(cmd, "build"))
        flags |= VIR_STORAGE_POOL_CREATE_WITH_BUILD;
    return flags;
}

VIRSH_COMMAND(pool_define)
{
    const char *path = virsh_string(cmd, "file");
    g_autofree char *xml = virsh_read_file(ctl, path);
    g_autoptr(virStoragePool) pool = NULL;

    if (!xml)
        return FALSE;
    pool = virStoragePoolDefineXML(
        ctl->conn, xml, virsh_flag(cmd, "validate") ? VIR_STORAGE_POOL_DEFINE_VALIDATE : 0);
    if (!pool)
        return virsh_error(ctl, "Failed to define pool from %s", path);
    virsh_say(ctl, "Pool %s defined from %s\n", virStoragePoolGetName(pool), path);
    return TRUE;
}

VIRSH_COMMAND(pool_create)
{
    const char *path = virsh_string(cmd, "file");
    g_autofree char *xml = NULL;
    g_autoptr(virStoragePool) pool = NULL;

    if (!VIRSH_EXCLUSIVE(ctl, cmd, "overwrite", "no-overwrite"))
        return FALSE;
    xml = virsh_read_file(ctl, path);
    if (!xml)
        return FALSE;
    pool = virStoragePoolCreateXML(ctl->conn, xml, build_flags(cmd, TRUE));
    if (!pool)
        return virsh_error(ctl, "Failed to create pool from %s", path);
    virsh_say(ctl, "Pool %s created from %s\n", virStoragePoolGetName(pool), path);
    return TRUE;
}

static gboolean
simple(VirshCtl *ctl, const VirshCmd *cmd, int (*func)(virStoragePoolPtr pool, unsigned int flags),
       unsigned int flags, const char *verb, const char *done)
{
    g_autoptr(virStoragePool) pool = virsh_pool(ctl, cmd, VIRSH_BY_ANY);
    const char *name = virsh_string(cmd, "pool");

    if (!pool)
        return FALSE;
    if (func(pool, flags) < 0)
        return virsh_error(ctl, "Failed to %s pool %s", verb, name);
    virsh_say(ctl, "Pool %s %s\n", name, done);
    return TRUE;
}

VIRSH_COMMAND(pool_start)
{
    if (!VIRSH_EXCLUSIVE(ctl, cmd, "overwrite", "no-overwrite"))
        return FALSE;
    return simple(ctl, cmd, virStoragePoolCreate, build_flags(cmd, TRUE), "start", "started");
}

VIRSH_COMMAND(pool_build)
{
    if (!VIRSH_EXCLUSIVE(ctl, cmd, "overwrite", "no-overwrite"))
        return FALSE;
    return simple(ctl, cmd, virStoragePoolBuild, build_flags(cmd, FALSE), "build", "built");
}

VIRSH_COMMAND(pool_refresh)
{
    return simple(ctl, cmd, virStoragePoolRefresh, 0, "refresh", "refreshed");
}

VIRSH_COMMAND(pool_delete)
{
    return simple(ctl, cmd, virStoragePoolDelete, 0, "delete", "deleted");
}

static int
destroy_pool(virStoragePoolPtr pool, unsigned int flags)
{
    return virStoragePoolDestroy(pool);
}

VIRSH_COMMAND(pool_destroy)
{
    return simple(ctl, cmd, destroy_pool, 0, "destroy", "destroyed");
}

static int
undefine_pool(virStoragePoolPtr pool, unsigned int flags)
{
    return virStoragePoolUndefine(pool);
}

VIRSH_COMMAND(pool_undefine)
{
    return simple(ctl, cmd, undefine_pool, 0, "undefine", "has been undefined");
}

VIRSH_COMMAND(pool_autostart)
{
    g_autoptr(virStoragePool) pool = virsh_pool(ctl, cmd, VIRSH_BY_ANY);
    const char *name = virsh_string(cmd, "pool");
    gboolean off = virsh_flag(cmd, "disable");

    if (!pool)
        return FALSE;
    if (virStoragePoolSetAutostart(pool, !off) < 0)
        return virsh_error(ctl, "failed to %s pool %s as autostarted", off ? "unmark" : "mark",
                           name);
    virsh_say(ctl, "Pool %s %s as autostarted\n", name, off ? "unmarked" : "marked");
    return TRUE;
}
