/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-device.h"

#include "vir-domain-console.h"
#include "vir-error.h"

/* Where the devices of a kind are. */
typedef struct {
    const char *element;
    gsize list;  /* of the list, or of the pointer to the only one, in VirDomainDevices */
    gsize count; /* of the list's length there; 0: there is one at most */
    gsize info;  /* in the device, as those below */
    gboolean is_chardev;
    gsize chardev;
    gsize boot_order; /* 0: the guest cannot boot from it */
    gsize loadparm;   /* 0: nor can it be told what to boot there */
} Kind;

#define DEVICES(member) (((const VirDomainDevices *)NULL)->member)
#define LIST(word, member)                                                                         \
    .element = word, .list = offsetof(VirDomainDevices, member),                                   \
    .count = offsetof(VirDomainDevices, n_##member),                                               \
    .info = offsetof(typeof(**DEVICES(member)), info)
#define BOOTABLE(word, member)                                                                     \
    LIST(word, member), .boot_order = offsetof(typeof(**DEVICES(member)), boot_order)
#define MENU(word, member)                                                                         \
    BOOTABLE(word, member), .loadparm = offsetof(typeof(**DEVICES(member)), boot_loadparm)
#define SRC(type) .is_chardev = TRUE, .chardev = offsetof(type, src)
#define CHARDEV(word, member) LIST(word, member), SRC(typeof(**DEVICES(member)))
#define ONE(member)                                                                                \
    .element = #member, .list = offsetof(VirDomainDevices, member),                                \
    .info = offsetof(typeof(*DEVICES(member)), info)

static const Kind kinds[VIR_DOMAIN_DEVICE_LAST] = {
    [VIR_DOMAIN_DEVICE_DISK] = {MENU("disk", disks)},
    [VIR_DOMAIN_DEVICE_INTERFACE] = {MENU("interface", interfaces)},
    [VIR_DOMAIN_DEVICE_SOUND] = {LIST("sound", sounds)},
    [VIR_DOMAIN_DEVICE_HOSTDEV] = {MENU("hostdev", hostdevs)},
    [VIR_DOMAIN_DEVICE_VIDEO] = {LIST("video", videos)},
    [VIR_DOMAIN_DEVICE_CONTROLLER] = {LIST("controller", controllers)},
    [VIR_DOMAIN_DEVICE_SMARTCARD] = {CHARDEV("smartcard", smartcards)},
    [VIR_DOMAIN_DEVICE_SERIAL] = {CHARDEV("serial", serials)},
    [VIR_DOMAIN_DEVICE_PARALLEL] = {CHARDEV("parallel", parallels)},
    [VIR_DOMAIN_DEVICE_CHANNEL] = {CHARDEV("channel", channels)},
    [VIR_DOMAIN_DEVICE_CONSOLE] = {CHARDEV("console", consoles)},
    [VIR_DOMAIN_DEVICE_INPUT] = {LIST("input", inputs)},
    [VIR_DOMAIN_DEVICE_FILESYSTEM] = {BOOTABLE("filesystem", filesystems)},
    [VIR_DOMAIN_DEVICE_TPM] = {LIST("tpm", tpms)},
    [VIR_DOMAIN_DEVICE_MEMBALLOON] = {ONE(memballoon)},
    [VIR_DOMAIN_DEVICE_WATCHDOG] = {LIST("watchdog", watchdogs)},
    [VIR_DOMAIN_DEVICE_NVRAM] = {ONE(nvram)},
    [VIR_DOMAIN_DEVICE_HUB] = {LIST("hub", hubs)},
    [VIR_DOMAIN_DEVICE_REDIRDEV] = {BOOTABLE("redirdev", redirdevs), SRC(VirDomainRedirdev)},
    [VIR_DOMAIN_DEVICE_RNG] = {CHARDEV("rng", rngs)},
    [VIR_DOMAIN_DEVICE_SHMEM] = {LIST("shmem", shmems)},
    [VIR_DOMAIN_DEVICE_MEMORY] = {LIST("memory", memories)},
    [VIR_DOMAIN_DEVICE_PANIC] = {LIST("panic", panics)},
    [VIR_DOMAIN_DEVICE_IOMMU] = {ONE(iommu)},
    [VIR_DOMAIN_DEVICE_VSOCK] = {ONE(vsock)},
    [VIR_DOMAIN_DEVICE_CRYPTO] = {LIST("crypto", cryptos)},
    [VIR_DOMAIN_DEVICE_PSTORE] = {ONE(pstore)},
};

static gboolean
is_port(VirDomainDeviceKind kind)
{
    return kind >= VIR_DOMAIN_DEVICE_SERIAL && kind <= VIR_DOMAIN_DEVICE_CONSOLE;
}

gboolean
vir_domain_each_device_of(VirDomainDef *def, VirDomainDeviceKind kind, VirDomainDeviceFunc func,
                          void *data, GError **error)
{
    const Kind *at = &kinds[kind];
    char *devices = (char *)&def->devices;
    guint n = at->count ? *(const guint *)(devices + at->count) : 1;

    for (guint i = 0; i < n; i++) {
        char **list = at->count ? *(char ***)(devices + at->list) : (char **)(devices + at->list);
        VirDomainDevice device = {.kind = kind, .element = at->element, .index = i};

        if (!list[i])
            continue;
        device.device = list[i];
        device.info = (VirDomainDeviceInfo *)(list[i] + at->info);
        if (at->is_chardev)
            device.chardev = (VirDomainChardev *)(list[i] + at->chardev);
        if (device.chardev && !device.chardev->type && !is_port(kind))
            device.chardev = NULL;
        /* Zero is no rank, so that the member is zero where there is none. */
        if (at->boot_order)
            device.boot_order = *(const guint *)(list[i] + at->boot_order);
        if (at->loadparm)
            device.loadparm = *(char **)(list[i] + at->loadparm);
        if (!func(&device, data, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_domain_each_device(VirDomainDef *def, VirDomainDeviceFunc func, void *data, GError **error)
{
    for (int kind = 0; kind < VIR_DOMAIN_DEVICE_LAST; kind++) {
        if (!vir_domain_each_device_of(def, (VirDomainDeviceKind)kind, func, data, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_not_ranked(const VirDomainDevice *device, void *data, GError **error)
{
    return device->boot_order == 0;
}

gboolean
vir_domain_has_boot_order(const VirDomainDef *def)
{
    return !vir_domain_each_device((VirDomainDef *)def, is_not_ranked, NULL, NULL);
}

typedef struct {
    const VirDomainDef *def;
    GHashTable *aliases; /* string to "disk[2]" */
    GHashTable *ranks;   /* number to the same */
} Seen;

/* The first console is the first serial port, with the same alias. */
static gboolean
is_other_name(const VirDomainDef *def, const VirDomainDevice *device)
{
    return device->kind == VIR_DOMAIN_DEVICE_CONSOLE && device->index == 0 &&
           vir_domain_console_is_serial(def);
}

static gboolean
see_device(const VirDomainDevice *device, void *data, GError **error)
{
    const Seen *seen = data;
    g_autofree char *name = g_strdup_printf("%s[%u]", device->element, device->index + 1);
    const char *other = device->boot_order
                            ? g_hash_table_lookup(seen->ranks, GUINT_TO_POINTER(device->boot_order))
                            : NULL;

    if (other)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "%s and %s both have boot order %u; each number is for one device",
                             other, name, device->boot_order);
    if (device->boot_order)
        g_hash_table_insert(seen->ranks, GUINT_TO_POINTER(device->boot_order), g_strdup(name));
    if (!device->info->alias || is_other_name(seen->def, device))
        return TRUE;
    other = g_hash_table_lookup(seen->aliases, device->info->alias);
    if (other)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "%s and %s both have the alias '%s'; each is for one device", other,
                             name, device->info->alias);
    g_hash_table_insert(seen->aliases, device->info->alias, g_steal_pointer(&name));
    return TRUE;
}

gboolean
vir_domain_devices_check(const VirDomainDef *def, GError **error)
{
    g_autoptr(GHashTable) aliases = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    g_autoptr(GHashTable) ranks = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    Seen seen = {.def = def, .aliases = aliases, .ranks = ranks};

    return vir_domain_each_device((VirDomainDef *)def, see_device, &seen, error);
}

gboolean
vir_domain_device_blame(const VirDomainDevice *device, GError **error)
{
    g_prefix_error(error, "%s[%u]: ", device->element, device->index + 1);
    return FALSE;
}

VirDomainAddress *
vir_domain_info_new_address(VirDomainDeviceInfo *info, int type)
{
    vir_domain_address_free(info->address);
    info->address = vir_domain_address_new();
    info->address->type = (guint8)type;
    return info->address;
}

static gboolean
complete_device(const VirDomainDevice *device, void *data, GError **error)
{
    VirDomainChardev *src = device->chardev;

    if (is_port(device->kind) && !src->type)
        src->type = VIR_DOMAIN_CHARDEV_TYPE_PTY;
    if (device->kind != VIR_DOMAIN_DEVICE_INTERFACE && device->kind != VIR_DOMAIN_DEVICE_HOSTDEV)
        g_clear_pointer(&device->info->rom, vir_domain_rom_free);
    if (!src || is_port(device->kind))
        return TRUE;
    for (guint i = 0; i < src->n_seclabels; i++)
        vir_domain_device_seclabel_free(src->seclabels[i]);
    g_clear_pointer(&src->seclabels, g_free);
    src->n_seclabels = 0;
    return TRUE;
}

void
vir_domain_devices_complete(VirDomainDef *def)
{
    vir_domain_each_device(def, complete_device, NULL, NULL);
}
