/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "props.h"

#include "vir-error.h"
#include <stdarg.h>
#include <string.h>

static json_object *
tristate_value(char letter, int value)
{
    if (letter == 'o')
        return json_object_new_string(value == VIR_TRISTATE_ON ? "on" : "off");
    return json_object_new_boolean(value == VIR_TRISTATE_ON);
}

/* The next value of @args, or NULL where the letter's rule leaves it out. */
static json_object *
take_value(char letter, va_list *args)
{
    const char *text;
    guint64 number;
    int flag;

    switch (letter) {
    case 's':
    case 'S':
        text = va_arg(*args, const char *);
        return text ? json_object_new_string(text) : NULL;
    case 'u':
    case 'U':
        number = va_arg(*args, guint64);
        return letter == 'u' || number ? json_object_new_uint64(number) : NULL;
    case 'i':
        return json_object_new_int64(va_arg(*args, gint64));
    case 'b':
    case 'B':
        flag = va_arg(*args, int);
        return letter == 'b' || flag ? json_object_new_boolean(flag) : NULL;
    case 't':
    case 'o':
        flag = va_arg(*args, int);
        return flag == VIR_TRISTATE_ABSENT ? NULL : tristate_value(letter, flag);
    default:
        g_assert(letter == 'a');
        return va_arg(*args, json_object *);
    }
}

static void
add_all(json_object *props, const char *key, va_list *args)
{
    while (key) {
        json_object *value = take_value(key[0], args);

        if (value)
            json_object_object_add(props, key + 2, value);
        key = va_arg(*args, const char *);
    }
}

json_object *
vir_props_new(const char *key, ...)
{
    json_object *props = json_object_new_object();
    va_list args;

    va_start(args, key);
    add_all(props, key, &args);
    va_end(args);
    return props;
}

void
vir_props_add(json_object *props, const char *key, ...)
{
    va_list args;

    va_start(args, key);
    add_all(props, key, &args);
    va_end(args);
}

char *
vir_props_virtio_driver(const char *base, const VirDomainDeviceInfo *info, gboolean transitional,
                        gboolean non_transitional)
{
    switch (info->address ? info->address->type : VIR_DOMAIN_ADDRESS_TYPE_UNSET) {
    case VIR_DOMAIN_ADDRESS_TYPE_CCW:
        return g_strconcat(base, "-ccw", NULL);
    case VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_MMIO:
        return g_strconcat(base, "-device", NULL);
    default:
        return g_strconcat(base, "-pci",
                           transitional       ? "-transitional"
                           : non_transitional ? "-non-transitional"
                                              : "",
                           NULL);
    }
}

/* Name of the bus of a PCI controller: "pci.0", "pcie.0", "pci.3"; NULL where there is none. */
static char *
pci_bus(const VirDomainDef *def, guint index)
{
    const VirDomainController *controller =
        vir_domain_controller_find(def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, index);

    if (controller && controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT)
        return g_strdup("pcie.0");
    /* A board with one bus has a name without a number. */
    if (index == 0 && vir_def_is_arm_versatile(def))
        return g_strdup("pci");
    if (controller && controller->info.alias && index > 0)
        /* A host bridge is no bus, it has one. */
        return g_strconcat(controller->info.alias,
                           controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT ? ".0" : "",
                           NULL);
    return g_strdup_printf("pci.%u", index);
}

static void
add_pci(json_object *props, const VirDomainDef *def, const VirDomainDeviceInfo *info)
{
    const VirDomainAddress *address = info->address;
    g_autofree char *bus = pci_bus(def, address->bus);
    g_autofree char *addr = NULL;

    if (address->function)
        addr = g_strdup_printf("0x%x.0x%x", address->slot, address->function);
    else
        addr = g_strdup_printf("0x%x", address->slot);
    vir_props_add(props, "s:bus", bus, "t:multifunction", address->multifunction, "s:addr", addr,
                  NULL);
    if (info->has_acpi_index)
        vir_props_add(props, "u:acpi-index", (guint64)info->acpi_index, NULL);
    if (info->rom) {
        if (info->rom->bar)
            vir_props_add(props, "u:rombar", (guint64)(info->rom->bar == VIR_TRISTATE_YES), NULL);
        vir_props_add(props, "S:romfile", info->rom->file, NULL);
        if (info->rom->enabled == VIR_TRISTATE_NO)
            vir_props_add(props, "s:romfile", "", NULL);
    }
}

char *
vir_props_bus(const VirDomainDef *def, int type, guint index, guint bus)
{
    const VirDomainController *controller = vir_domain_controller_find(def, type, index);

    /* Aliases are there before anything is plugged, so that only a board's own has none. */
    if (controller && controller->info.alias)
        return g_strdup_printf("%s.%u", controller->info.alias, bus);
    return g_strdup_printf("%s%u.%u", vir_domain_controller_type_to_string((guint)type), index,
                           bus);
}

static void
add_usb(json_object *props, const VirDomainDef *def, const VirDomainAddress *address)
{
    g_autofree char *bus = vir_props_bus(def, VIR_DOMAIN_CONTROLLER_TYPE_USB, address->bus, 0);

    vir_props_add(props, "s:bus", bus, "S:port", address->usb_port, NULL);
}

static void
add_virtio_serial(json_object *props, const VirDomainDef *def, const VirDomainAddress *address)
{
    g_autofree char *bus = vir_props_bus(def, VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL,
                                         address->controller, address->bus);

    vir_props_add(props, "s:bus", bus, "u:nr", (guint64)address->port, NULL);
}

void
vir_props_add_scsi(json_object *props, const VirDomainDef *def, const VirDomainAddress *address)
{
    const VirDomainController *controller =
        vir_domain_controller_find(def, VIR_DOMAIN_CONTROLLER_TYPE_SCSI, address->controller);
    g_autofree char *bus =
        vir_props_bus(def, VIR_DOMAIN_CONTROLLER_TYPE_SCSI, address->controller, 0);

    vir_props_add(props, "s:bus", bus, NULL);
    if (vir_domain_controller_is_parallel_scsi(controller))
        vir_props_add(props, "u:scsi-id", (guint64)address->unit, NULL);
    else
        vir_props_add(props, "u:channel", (guint64)address->bus, "u:scsi-id",
                      (guint64)address->target, "u:lun", (guint64)address->unit, NULL);
}

static void
add_isa(json_object *props, const VirDomainAddress *address)
{
    vir_props_add(props, "U:iobase", (guint64)(address->has_iobase ? address->iobase : 0), "U:irq",
                  (guint64)(address->has_irq ? address->irq : 0), NULL);
}

static void
add_ccw(json_object *props, const VirDomainAddress *address)
{
    g_autofree char *devno =
        g_strdup_printf("%x.%x.%04x", address->cssid, address->ssid, address->devno);

    vir_props_add(props, "s:devno", devno, NULL);
}

static void
add_ccid(json_object *props, const VirDomainDef *def, const VirDomainAddress *address)
{
    g_autofree char *bus =
        vir_props_bus(def, VIR_DOMAIN_CONTROLLER_TYPE_CCID, address->controller, 0);

    vir_props_add(props, "s:bus", bus, NULL);
}

json_object *
vir_props_zpci(const VirDomainDeviceInfo *info)
{
    const VirDomainAddress *address = info->address;
    const VirDomainZpci *zpci;
    g_autofree char *id = NULL;

    if (!address || address->type != VIR_DOMAIN_ADDRESS_TYPE_PCI || !address->zpci)
        return NULL;
    zpci = address->zpci;
    id = g_strdup_printf("zpci%u", zpci->uid);
    return vir_props_new("s:driver", "zpci", "u:uid", (guint64)zpci->uid, "u:fid",
                         (guint64)zpci->fid, "s:target", info->alias, "s:id", id, NULL);
}

gboolean
vir_props_add_info(json_object *props, const VirDomainDef *def, const VirDomainDeviceInfo *info,
                   GError **error)
{
    const VirDomainAddress *address = info->address;

    switch (address ? address->type : VIR_DOMAIN_ADDRESS_TYPE_UNSET) {
    case VIR_DOMAIN_ADDRESS_TYPE_UNSET:
    case VIR_DOMAIN_ADDRESS_TYPE_DRIVE:
    case VIR_DOMAIN_ADDRESS_TYPE_UNASSIGNED:
    case VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_MMIO:
        break;
    case VIR_DOMAIN_ADDRESS_TYPE_CCW:
        add_ccw(props, address);
        break;
    case VIR_DOMAIN_ADDRESS_TYPE_CCID:
        add_ccid(props, def, address);
        break;
    case VIR_DOMAIN_ADDRESS_TYPE_SPAPR_VIO:
        if (address->has_reg)
            vir_props_add(props, "u:reg", address->reg, NULL);
        break;
    case VIR_DOMAIN_ADDRESS_TYPE_PCI:
        add_pci(props, def, info);
        break;
    case VIR_DOMAIN_ADDRESS_TYPE_USB:
        add_usb(props, def, address);
        break;
    case VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_SERIAL:
        add_virtio_serial(props, def, address);
        break;
    case VIR_DOMAIN_ADDRESS_TYPE_ISA:
        add_isa(props, address);
        break;
    default:
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "device '%s': addresses of type '%s' are not supported yet",
                             info->alias, vir_domain_address_type_to_string(address->type));
    }
    return TRUE;
}

const char *
vir_props_word(json_object *value)
{
    if (json_object_is_type(value, json_type_boolean))
        return json_object_get_boolean(value) ? "on" : "off";
    return json_object_get_string(value);
}

char *
vir_props_to_text(json_object *props)
{
    g_autoptr(GString) text = g_string_new(NULL);

    json_object_object_foreach(props, key, value)
    {
        g_autoptr(GString) word = g_string_new(vir_props_word(value));

        g_string_replace(word, ",", ",,", 0);
        if (g_str_equal(key, "driver"))
            g_string_prepend(text, word->str);
        else
            g_string_append_printf(text, ",%s=%s", key, word->str);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

json_object *
vir_props_iothreads(VirDomainDiskIothread *const *threads, guint n)
{
    json_object *list = n > 0 ? json_object_new_array() : NULL;

    for (guint i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("iothread%u", threads[i]->id);
        json_object *queues = threads[i]->n_queues > 0 ? json_object_new_array() : NULL;

        for (guint q = 0; q < threads[i]->n_queues; q++)
            json_object_array_add(queues, json_object_new_int64(threads[i]->queues[q]->id));
        json_object_array_add(list, vir_props_new("s:iothread", name, "a:vqs", queues, NULL));
    }
    return list;
}
