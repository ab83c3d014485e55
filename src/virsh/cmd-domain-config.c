/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

/* --size in KiB, where an unscaled number is KiB and a unit says otherwise. */
static gboolean
parse_kib(VirshCtl *ctl, const VirshCmd *cmd, unsigned long *kib)
{
    unsigned long long bytes = 0;

    if (virsh_scaled(ctl, cmd, "size", &bytes, 1024) < 0)
        return FALSE;
    *kib = (unsigned long)(bytes / 1024 + (bytes % 1024 != 0));
    return TRUE;
}

VIRSH_COMMAND(setmem)
{
    g_autoptr(virDomain) dom = NULL;
    unsigned int flags = 0;
    unsigned long kib = 0;

    if (!virsh_affect(ctl, cmd, &flags))
        return FALSE;
    dom = virsh_domain(ctl, cmd);
    if (!dom || !parse_kib(ctl, cmd, &kib))
        return FALSE;
    if (!flags && !virsh_flag(cmd, "current"))
        return virDomainSetMemory(dom, kib) == 0;
    return virDomainSetMemoryFlags(dom, kib, flags) == 0;
}

VIRSH_COMMAND(setmaxmem)
{
    g_autoptr(virDomain) dom = NULL;
    unsigned int flags = 0;
    unsigned long kib = 0;
    int rc;

    if (!virsh_affect(ctl, cmd, &flags))
        return FALSE;
    dom = virsh_domain(ctl, cmd);
    if (!dom || !parse_kib(ctl, cmd, &kib))
        return FALSE;
    if (!flags && !virsh_flag(cmd, "current"))
        rc = virDomainSetMaxMemory(dom, kib);
    else
        rc = virDomainSetMemoryFlags(dom, kib, flags | VIR_DOMAIN_MEM_MAXIMUM);
    if (rc < 0)
        virsh_error(ctl, "Unable to change MaxMemorySize");
    return rc == 0;
}

VIRSH_COMMAND(setvcpus)
{
    g_autoptr(virDomain) dom = NULL;
    unsigned int flags = 0;
    unsigned int count = 0;

    if (!VIRSH_EXCLUSIVE(ctl, cmd, "guest", "config") || !virsh_affect(ctl, cmd, &flags))
        return FALSE;
    dom = virsh_domain(ctl, cmd);
    if (!dom || virsh_uint(ctl, cmd, "count", &count) < 0)
        return FALSE;
    if (count == 0)
        return virsh_error(ctl, "Can't set 0 processors for a VM");
    flags |= VIRSH_FLAGS(cmd, {"guest", VIR_DOMAIN_VCPU_GUEST},
                         {"hotpluggable", VIR_DOMAIN_VCPU_HOTPLUGGABLE});
    if (virsh_flag(cmd, "maximum")) {
        if (!(flags & VIR_DOMAIN_AFFECT_CONFIG))
            return virsh_error(ctl, "Option --%s is required by option --%s", "config", "maximum");
        flags |= VIR_DOMAIN_VCPU_MAXIMUM;
    }
    if (!flags && !virsh_flag(cmd, "current"))
        return virDomainSetVcpus(dom, count) == 0;
    return virDomainSetVcpusFlags(dom, count, flags) == 0;
}

/* The present title or description; "" where there is none, NULL on an error. */
static char *
get_text(virDomainPtr dom, int type, unsigned int flags)
{
    char *text = virDomainGetMetadata(dom, type, NULL, flags);
    char *copy = NULL;

    if (text)
        copy = g_strdup(text);
    else if (virsh_error_code() == VIR_ERR_NO_DOMAIN_METADATA)
        copy = g_strdup("");
    if (copy)
        virsh_forget();
    free(text);
    return copy;
}

VIRSH_COMMAND(desc)
{
    g_autoptr(virDomain) dom = NULL;
    gboolean title = virsh_flag(cmd, "title");
    const char *what = title ? "title" : "description";
    const char *What = title ? "Domain title" : "Domain description";
    int type = title ? VIR_DOMAIN_METADATA_TITLE : VIR_DOMAIN_METADATA_DESCRIPTION;
    unsigned int flags = 0;
    g_autofree char *text = virsh_joined(cmd, "new-desc");
    g_autofree char *old = NULL;

    if (!virsh_affect(ctl, cmd, &flags))
        return FALSE;
    dom = virsh_domain(ctl, cmd);
    if (!dom)
        return FALSE;
    if (!text || virsh_flag(cmd, "edit")) {
        old = get_text(dom, type, flags);
        if (!old)
            return FALSE;
        if (!virsh_flag(cmd, "edit")) {
            if (*old)
                virsh_print("%s", old);
            else
                virsh_say(ctl, "No %s for domain: %s", what, virDomainGetName(dom));
            return TRUE;
        }
        if (!text)
            text = virsh_edit_text(ctl, old);
        if (!text)
            return FALSE;
        if (strcmp(text, old) == 0) {
            virsh_say(ctl, "%s not changed\n", What);
            return TRUE;
        }
    }
    if (virDomainSetMetadata(dom, type, text, NULL, NULL, flags) < 0)
        return virsh_error(ctl, "Failed to set new domain %s", what);
    virsh_say(ctl, "%s updated successfully", What);
    return TRUE;
}

VIRSH_COMMAND(metadata)
{
    g_autoptr(virDomain) dom = NULL;
    const char *uri = virsh_string(cmd, "uri");
    const char *key = virsh_string(cmd, "key");
    const char *set = virsh_string(cmd, "set");
    gboolean edit = virsh_flag(cmd, "edit");
    gboolean erase = virsh_flag(cmd, "remove");
    unsigned int flags = 0;
    g_autofree char *edited = NULL;
    char *text;

    if (!virsh_affect(ctl, cmd, &flags) || !VIRSH_EXCLUSIVE(ctl, cmd, "edit", "set", "remove"))
        return FALSE;
    if ((set || edit) && !key)
        return virsh_error(ctl, "metadata key is required when modifying metadata");
    dom = virsh_domain(ctl, cmd);
    if (!dom)
        return FALSE;
    if (set || erase) {
        if (virDomainSetMetadata(dom, VIR_DOMAIN_METADATA_ELEMENT, erase ? NULL : set, key, uri,
                                 flags) < 0)
            return FALSE;
        virsh_say(ctl, erase ? "Metadata removed\n" : "Metadata modified\n");
        return TRUE;
    }
    text = virDomainGetMetadata(dom, VIR_DOMAIN_METADATA_ELEMENT, uri, flags);
    if (!edit) {
        if (text)
            virsh_print("%s\n", text);
        free(text);
        return text != NULL;
    }
    virsh_forget();
    edited = virsh_edit_text(ctl, text ? text : "");
    free(text);
    if (!edited)
        return FALSE;
    if (virDomainSetMetadata(dom, VIR_DOMAIN_METADATA_ELEMENT, edited, key, uri, flags) < 0)
        return FALSE;
    virsh_say(ctl, "Metadata modified\n");
    return TRUE;
}

static gboolean
define_edited(VirshCtl *ctl, const char *xml, gboolean relaxed, gpointer data)
{
    gboolean validate = !GPOINTER_TO_INT(data) && !relaxed;
    g_autoptr(virDomain) dom =
        validate ? virDomainDefineXMLFlags(ctl->conn, xml, VIR_DOMAIN_DEFINE_VALIDATE)
                 : virDomainDefineXML(ctl->conn, xml);

    if (!dom)
        return FALSE;
    virsh_say(ctl, "Domain '%s' XML configuration edited.\n", virDomainGetName(dom));
    return TRUE;
}

VIRSH_COMMAND(edit)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    unsigned int flags = VIR_DOMAIN_XML_SECURE;
    g_autofree char *unchanged = NULL;
    gboolean good;
    char *xml;

    if (!dom)
        return FALSE;
    if (virDomainIsPersistent(dom) == 1)
        flags |= VIR_DOMAIN_XML_INACTIVE;
    xml = virDomainGetXMLDesc(dom, flags);
    if (!xml)
        return FALSE;
    unchanged =
        g_strdup_printf("Domain '%s' XML configuration not changed.\n", virDomainGetName(dom));
    good = virsh_edit(ctl, xml, unchanged, define_edited,
                      GINT_TO_POINTER(virsh_flag(cmd, "skip-validate")));
    free(xml);
    return good;
}

/* The table of affinities; `wanted` < 0: of all vCPUs. */
static gboolean
print_vcpu_pins(VirshCtl *ctl, virDomainPtr dom, int wanted, unsigned int flags, int n_cpus)
{
    gsize maplen = VIR_CPU_MAPLEN(n_cpus);
    g_autoptr(VirshTable) table = VIRSH_TABLE("VCPU", "CPU Affinity");
    g_autofree unsigned char *maps = NULL;
    gboolean live = flags ? (flags & VIR_DOMAIN_AFFECT_LIVE) != 0 : virDomainIsActive(dom) == 1;
    int n_vcpus = virDomainGetVcpusFlags(
        dom, VIR_DOMAIN_VCPU_MAXIMUM | (live ? VIR_DOMAIN_AFFECT_LIVE : VIR_DOMAIN_AFFECT_CONFIG));
    int n;

    if (n_vcpus < 0)
        return FALSE;
    if (wanted >= n_vcpus)
        return virsh_error(ctl,
                           live ? "vcpu %d is out of range of live cpu count %d"
                                : "vcpu %d is out of range of persistent cpu count %d",
                           wanted, n_vcpus);
    maps = g_new0(unsigned char, maplen *n_vcpus);
    n = virDomainGetVcpuPinInfo(dom, n_vcpus, maps, maplen, flags);
    if (n < 0)
        return FALSE;
    for (int i = 0; i < n; i++) {
        g_autofree char *number = g_strdup_printf("%d", i);
        g_autofree char *cpus = virsh_format_cpus(maps + i * maplen, n_cpus);

        if (wanted < 0 || wanted == i)
            VIRSH_ROW(table, number, cpus);
    }
    virsh_table_print(ctl, table);
    return TRUE;
}

VIRSH_COMMAND(vcpupin)
{
    g_autoptr(virDomain) dom = NULL;
    const char *cpulist = virsh_string(cmd, "cpulist");
    g_autofree unsigned char *map = NULL;
    unsigned int flags = 0;
    unsigned int vcpu = 0;
    int found, n_cpus;

    if (!virsh_affect(ctl, cmd, &flags))
        return FALSE;
    dom = virsh_domain(ctl, cmd);
    if (!dom)
        return FALSE;
    found = virsh_uint(ctl, cmd, "vcpu", &vcpu);
    if (found < 0)
        return FALSE;
    if (cpulist && !found)
        return virsh_error(ctl, "vcpupin: Missing vCPU number in pin mode.");
    n_cpus = virNodeGetCPUMap(ctl->conn, NULL, NULL, 0);
    if (n_cpus < 0)
        return FALSE;
    if (!cpulist)
        return print_vcpu_pins(ctl, dom, found ? (int)MIN(vcpu, G_MAXINT) : -1, flags, n_cpus);
    map = g_new0(unsigned char, VIR_CPU_MAPLEN(n_cpus));
    if (!virsh_parse_cpus(ctl, cpulist, map, n_cpus))
        return FALSE;
    if (flags || virsh_flag(cmd, "current"))
        return virDomainPinVcpuFlags(dom, vcpu, map, VIR_CPU_MAPLEN(n_cpus), flags) == 0;
    return virDomainPinVcpu(dom, vcpu, map, VIR_CPU_MAPLEN(n_cpus)) == 0;
}

VIRSH_COMMAND(set_lifecycle_action)
{
    static const char *const types[] = {"poweroff", "reboot", "crash"};
    static const char *const actions[] = {
        "destroy", "restart", "rename-restart", "preserve", "coredump-destroy", "coredump-restart",
    };
    g_autoptr(virDomain) dom = NULL;
    const char *type_name = virsh_string(cmd, "type");
    const char *action_name = virsh_string(cmd, "action");
    unsigned int flags = 0;
    gsize type, action;

    if (!virsh_affect(ctl, cmd, &flags))
        return FALSE;
    dom = virsh_domain(ctl, cmd);
    if (!dom)
        return FALSE;
    for (type = 0; type < G_N_ELEMENTS(types) && strcmp(types[type], type_name); type++)
        continue;
    for (action = 0; action < G_N_ELEMENTS(actions) && strcmp(actions[action], action_name);
         action++)
        continue;
    if (type == G_N_ELEMENTS(types))
        return virsh_error(ctl, "Invalid lifecycle type '%s'.", type_name);
    if (action == G_N_ELEMENTS(actions))
        return virsh_error(ctl, "Invalid lifecycle action '%s'.", action_name);
    return virDomainSetLifecycleAction(dom, type, action, flags) == 0;
}
