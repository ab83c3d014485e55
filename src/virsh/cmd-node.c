/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Interfaces and devices of the host, network filters, secrets: what is looked at. */

#include "commands.h"

#include <stdlib.h>
#include <string.h>

static int
compare_interfaces(const void *a, const void *b)
{
    return strcmp(virInterfaceGetName(*(const virInterfacePtr *)a),
                  virInterfaceGetName(*(const virInterfacePtr *)b));
}

VIRSH_COMMAND(iface_list)
{
    g_autoptr(VirshTable) table = VIRSH_TABLE("Name", "State", "MAC Address");
    unsigned int flags = virsh_list_states(cmd, VIR_CONNECT_LIST_INTERFACES_ACTIVE,
                                           VIR_CONNECT_LIST_INTERFACES_INACTIVE);
    virInterfacePtr *ifaces = NULL;
    int n;

    n = virConnectListAllInterfaces(ctl->conn, &ifaces, flags);
    if (n < 0)
        return virsh_error(ctl, "Failed to list interfaces");
    qsort(ifaces, n, sizeof(*ifaces), compare_interfaces);
    for (int i = 0; i < n; i++) {
        VIRSH_ROW(table, virInterfaceGetName(ifaces[i]),
                  virInterfaceIsActive(ifaces[i]) ? "active" : "inactive",
                  virInterfaceGetMACString(ifaces[i]));
        virInterfaceFree(ifaces[i]);
    }
    free(ifaces);
    virsh_table_print(ctl, table);
    return TRUE;
}

VIRSH_COMMAND(iface_dumpxml)
{
    g_autoptr(virInterface) iface = virsh_iface(ctl, cmd);
    unsigned int flags = virsh_flag(cmd, "inactive") ? VIR_INTERFACE_XML_INACTIVE : 0;

    return iface && virsh_print_xml(ctl, cmd, virInterfaceGetXMLDesc(iface, flags));
}

VIRSH_COMMAND(iface_mac)
{
    g_autoptr(virInterface) iface = virsh_iface(ctl, cmd);

    return virsh_line(iface ? virInterfaceGetMACString(iface) : NULL);
}

VIRSH_COMMAND(iface_name)
{
    g_autoptr(virInterface) iface = virsh_iface(ctl, cmd);

    return virsh_line(iface ? virInterfaceGetName(iface) : NULL);
}

static gboolean
change_interface(VirshCtl *ctl, const VirshCmd *cmd,
                 int (*func)(virInterfacePtr iface, unsigned int flags), const char *verb,
                 const char *done)
{
    g_autoptr(virInterface) iface = virsh_iface(ctl, cmd);
    const char *name = virsh_string(cmd, "interface");

    if (!iface)
        return FALSE;
    if (func(iface, 0) < 0)
        return virsh_error(ctl, "Failed to %s interface %s", verb, name);
    virsh_say(ctl, "Interface %s %s\n", name, done);
    return TRUE;
}

VIRSH_COMMAND(iface_start)
{
    return change_interface(ctl, cmd, virInterfaceCreate, "start", "started");
}

VIRSH_COMMAND(iface_destroy)
{
    return change_interface(ctl, cmd, virInterfaceDestroy, "destroy", "destroyed");
}

static int
undefine_interface(virInterfacePtr iface, unsigned int flags)
{
    return virInterfaceUndefine(iface);
}

VIRSH_COMMAND(iface_undefine)
{
    return change_interface(ctl, cmd, undefine_interface, "undefine", "undefined");
}

VIRSH_COMMAND(nodedev_dumpxml)
{
    g_autoptr(virNodeDevice) dev = virsh_nodedev(ctl, cmd, "device");
    unsigned int flags = 0;

    return dev && virsh_print_xml(ctl, cmd, virNodeDeviceGetXMLDesc(dev, flags));
}

static int
compare_filters(const void *a, const void *b)
{
    return strcmp(virNWFilterGetName(*(const virNWFilterPtr *)a),
                  virNWFilterGetName(*(const virNWFilterPtr *)b));
}

VIRSH_COMMAND(nwfilter_list)
{
    g_autoptr(VirshTable) table = VIRSH_TABLE("UUID", "Name");
    virNWFilterPtr *filters = NULL;
    int n = virConnectListAllNWFilters(ctl->conn, &filters, 0);

    if (n < 0)
        return virsh_error(ctl, "Failed to list network filters");
    qsort(filters, n, sizeof(*filters), compare_filters);
    for (int i = 0; i < n; i++) {
        char uuid[VIR_UUID_STRING_BUFLEN] = "";

        virNWFilterGetUUIDString(filters[i], uuid);
        VIRSH_ROW(table, uuid, virNWFilterGetName(filters[i]));
        virNWFilterFree(filters[i]);
    }
    free(filters);
    virsh_table_print(ctl, table);
    return TRUE;
}

VIRSH_COMMAND(nwfilter_dumpxml)
{
    g_autoptr(virNWFilter) filter = virsh_nwfilter(ctl, cmd);

    return filter && virsh_print_xml(ctl, cmd, virNWFilterGetXMLDesc(filter, 0));
}

VIRSH_COMMAND(secret_dumpxml)
{
    g_autoptr(virSecret) secret = virsh_secret(ctl, cmd);

    return secret && virsh_print_xml(ctl, cmd, virSecretGetXMLDesc(secret, 0));
}

VIRSH_COMMAND(secret_undefine)
{
    g_autoptr(virSecret) secret = virsh_secret(ctl, cmd);
    const char *uuid = virsh_string(cmd, "secret");

    if (!secret)
        return FALSE;
    if (virSecretUndefine(secret) < 0)
        return virsh_error(ctl, "Failed to delete secret %s", uuid);
    virsh_say(ctl, "Secret %s deleted\n", uuid);
    return TRUE;
}
