/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virsh.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <stdlib.h>
#include <string.h>

#define XML_LIMIT (10 * 1024 * 1024)

virDomainPtr
virsh_domain_by(VirshCtl *ctl, const char *name, VirshBy by)
{
    virDomainPtr dom = NULL;
    guint64 id;

    if ((by & VIRSH_BY_ID) && g_ascii_string_to_unsigned(name, 10, 0, G_MAXINT, &id, NULL))
        dom = virDomainLookupByID(ctl->conn, (int)id);
    if (!dom && (by & VIRSH_BY_UUID) && strlen(name) == VIR_UUID_STRING_BUFLEN - 1)
        dom = virDomainLookupByUUIDString(ctl->conn, name);
    if (!dom && (by & VIRSH_BY_NAME))
        dom = virDomainLookupByName(ctl->conn, name);
    if (dom) {
        virsh_forget();
        return dom;
    }
    virsh_error(ctl, "failed to get domain '%s'", name);
    if (virsh_error_code() == VIR_ERR_NO_DOMAIN || virsh_error_code() == VIR_ERR_INVALID_ARG)
        virsh_forget(); /* says the same again; anything else is the library's to explain */
    return NULL;
}

virDomainPtr
virsh_domain(VirshCtl *ctl, const VirshCmd *cmd)
{
    return virsh_domain_by(ctl, virsh_string(cmd, "domain"), VIRSH_BY_ANY);
}

#define MAC_LEN 17 /* of aa:bb:cc:dd:ee:ff */

virNetworkPtr
virsh_network(VirshCtl *ctl, const VirshCmd *cmd, VirshBy by)
{
    const char *name = virsh_string(cmd, "network");
    virNetworkPtr network = NULL;

    if ((by & VIRSH_BY_UUID) && strlen(name) == VIR_UUID_STRING_BUFLEN - 1)
        network = virNetworkLookupByUUIDString(ctl->conn, name);
    if (!network && (by & VIRSH_BY_NAME))
        network = virNetworkLookupByName(ctl->conn, name);
    if (network)
        virsh_forget();
    else
        virsh_error(ctl, "failed to get network '%s'", name);
    return network;
}

virNWFilterPtr
virsh_nwfilter(VirshCtl *ctl, const VirshCmd *cmd)
{
    const char *name = virsh_string(cmd, "nwfilter");
    virNWFilterPtr filter = NULL;

    if (strlen(name) == VIR_UUID_STRING_BUFLEN - 1)
        filter = virNWFilterLookupByUUIDString(ctl->conn, name);
    if (!filter)
        filter = virNWFilterLookupByName(ctl->conn, name);
    if (filter)
        virsh_forget();
    else
        virsh_error(ctl, "failed to get nwfilter '%s'", name);
    return filter;
}

virStoragePoolPtr
virsh_pool(VirshCtl *ctl, const VirshCmd *cmd, VirshBy by)
{
    const char *name = virsh_string(cmd, "pool");
    virStoragePoolPtr pool = NULL;

    if ((by & VIRSH_BY_UUID) && strlen(name) == VIR_UUID_STRING_BUFLEN - 1)
        pool = virStoragePoolLookupByUUIDString(ctl->conn, name);
    if (!pool && (by & VIRSH_BY_NAME))
        pool = virStoragePoolLookupByName(ctl->conn, name);
    if (pool)
        virsh_forget();
    else
        virsh_error(ctl, "failed to get pool '%s'", name);
    return pool;
}

/* The volume of --vol: a name in the pool of --pool, or else a key or a path. */
virStorageVolPtr
virsh_volume(VirshCtl *ctl, const VirshCmd *cmd, gboolean with_pool)
{
    const char *name = virsh_string(cmd, "vol");
    const char *pool_name = with_pool ? virsh_string(cmd, "pool") : NULL;
    virStorageVolPtr vol = NULL;

    if (pool_name) {
        g_autoptr(virStoragePool) pool = virsh_pool(ctl, cmd, VIRSH_BY_ANY);

        if (!pool)
            return NULL;
        if (virStoragePoolIsActive(pool) != 1) {
            virsh_error(ctl, "pool '%s' is not active", pool_name);
            return NULL;
        }
        vol = virStorageVolLookupByName(pool, name);
    }
    if (!vol)
        vol = virStorageVolLookupByKey(ctl->conn, name);
    if (!vol)
        vol = virStorageVolLookupByPath(ctl->conn, name);
    if (vol)
        virsh_forget();
    else if (pool_name || !with_pool)
        virsh_error(ctl, "failed to get vol '%s'", name);
    else
        virsh_error(ctl, "failed to get vol '%s', specifying --pool might help", name);
    return vol;
}

virSecretPtr
virsh_secret(VirshCtl *ctl, const VirshCmd *cmd)
{
    const char *uuid = virsh_string(cmd, "secret");
    virSecretPtr secret = virSecretLookupByUUIDString(ctl->conn, uuid);

    if (!secret)
        virsh_error(ctl, "failed to get secret '%s'", uuid);
    return secret;
}

virInterfacePtr
virsh_iface(VirshCtl *ctl, const VirshCmd *cmd)
{
    const char *name = virsh_string(cmd, "interface");
    virInterfacePtr iface;

    if (strlen(name) == MAC_LEN && name[2] == ':')
        iface = virInterfaceLookupByMACString(ctl->conn, name);
    else
        iface = virInterfaceLookupByName(ctl->conn, name);
    if (iface)
        virsh_forget();
    else
        virsh_error(ctl, "failed to get interface '%s'", name);
    return iface;
}

virNodeDevicePtr
virsh_nodedev(VirshCtl *ctl, const VirshCmd *cmd, const char *option)
{
    const char *name = virsh_string(cmd, option);
    virNodeDevicePtr dev = virNodeDeviceLookupByName(ctl->conn, name);

    if (!dev)
        virsh_error(ctl, "Could not find matching device '%s'", name);
    return dev;
}

static const char *const running_reasons[] = {
    "unknown",       "booted",   "migrated",           "restored",
    "from snapshot", "unpaused", "migration canceled", "save canceled",
    "event wakeup",  "crashed",  "post-copy",          "post-copy failed",
};
static const char *const paused_reasons[] = {
    "unknown",   "user",        "migrating",     "saving",           "dumping",
    "I/O error", "watchdog",    "from snapshot", "shutting down",    "creating snapshot",
    "crashed",   "starting up", "post-copy",     "post-copy failed", "api error",
};
static const char *const shutdown_reasons[] = {"unknown", "user"};
static const char *const shutoff_reasons[] = {
    "unknown", "shutdown", "destroyed",     "crashed", "migrated",
    "saved",   "failed",   "from snapshot", "daemon",
};
static const char *const crashed_reasons[] = {"unknown", "panicked"};
static const char *const no_reasons[] = {"unknown"};

static const struct {
    const char *name;
    const char *const *reasons;
    int n_reasons;
} states[] = {
    [VIR_DOMAIN_NOSTATE] = {"no state", no_reasons, G_N_ELEMENTS(no_reasons)},
    [VIR_DOMAIN_RUNNING] = {"running", running_reasons, G_N_ELEMENTS(running_reasons)},
    [VIR_DOMAIN_BLOCKED] = {"idle", no_reasons, G_N_ELEMENTS(no_reasons)},
    [VIR_DOMAIN_PAUSED] = {"paused", paused_reasons, G_N_ELEMENTS(paused_reasons)},
    [VIR_DOMAIN_SHUTDOWN] = {"in shutdown", shutdown_reasons, G_N_ELEMENTS(shutdown_reasons)},
    [VIR_DOMAIN_SHUTOFF] = {"shut off", shutoff_reasons, G_N_ELEMENTS(shutoff_reasons)},
    [VIR_DOMAIN_CRASHED] = {"crashed", crashed_reasons, G_N_ELEMENTS(crashed_reasons)},
    [VIR_DOMAIN_PMSUSPENDED] = {"pmsuspended", no_reasons, G_N_ELEMENTS(no_reasons)},
};

const char *
virsh_domain_state_name(int state)
{
    if (state < 0 || state >= (int)G_N_ELEMENTS(states))
        return "no state";
    return states[state].name;
}

const char *
virsh_domain_reason_name(int state, int reason)
{
    if (state < 0 || state >= (int)G_N_ELEMENTS(states) || reason < 0 ||
        reason >= states[state].n_reasons)
        return "unknown";
    return states[state].reasons[reason];
}

gboolean
virsh_affect(VirshCtl *ctl, const VirshCmd *cmd, unsigned int *flags)
{
    if (!VIRSH_EXCLUSIVE(ctl, cmd, "current", "live") ||
        !VIRSH_EXCLUSIVE(ctl, cmd, "current", "config"))
        return FALSE;
    *flags |=
        VIRSH_FLAGS(cmd, {"config", VIR_DOMAIN_AFFECT_CONFIG}, {"live", VIR_DOMAIN_AFFECT_LIVE});
    return TRUE;
}

gboolean
virsh_affect_device(VirshCtl *ctl, const VirshCmd *cmd, virDomainPtr dom, unsigned int *flags)
{
    if (!VIRSH_EXCLUSIVE(ctl, cmd, "persistent", "current") || !virsh_affect(ctl, cmd, flags))
        return FALSE;
    if (virsh_flag(cmd, "persistent")) {
        *flags |= VIR_DOMAIN_AFFECT_CONFIG;
        if (virDomainIsActive(dom) == 1)
            *flags |= VIR_DOMAIN_AFFECT_LIVE;
    }
    return TRUE;
}

char *
virsh_read_file(VirshCtl *ctl, const char *path)
{
    g_autoptr(GString) text = g_string_new(NULL);
    FILE *file = fopen(path, "re");

    if (!file) {
        virsh_error(ctl, "Failed to open file '%s': %s", path, g_strerror(errno));
        return NULL;
    }
    for (;;) {
        char buffer[8192];
        gsize n = fread(buffer, 1, sizeof(buffer), file);

        if (n == 0)
            break;
        if (text->len + n > XML_LIMIT) {
            fclose(file);
            virsh_error(ctl, "Failed to read file '%s': %s", path, g_strerror(EOVERFLOW));
            return NULL;
        }
        g_string_append_len(text, buffer, n);
    }
    if (ferror(file)) {
        virsh_error(ctl, "Failed to read file '%s': %s", path, g_strerror(errno));
        fclose(file);
        return NULL;
    }
    fclose(file);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *
virsh_typed_param(const virTypedParameter *param)
{
    switch (param->type) {
    case VIR_TYPED_PARAM_INT:
        return g_strdup_printf("%d", param->value.i);
    case VIR_TYPED_PARAM_UINT:
        return g_strdup_printf("%u", param->value.ui);
    case VIR_TYPED_PARAM_LLONG:
        return g_strdup_printf("%lld", param->value.l);
    case VIR_TYPED_PARAM_ULLONG:
        return g_strdup_printf("%llu", param->value.ul);
    case VIR_TYPED_PARAM_DOUBLE:
        return g_strdup_printf("%f", param->value.d);
    case VIR_TYPED_PARAM_BOOLEAN:
        return g_strdup(param->value.b ? "yes" : "no");
    case VIR_TYPED_PARAM_STRING:
        return g_strdup(param->value.s);
    default:
        return g_strdup_printf("(unknown type %d)", param->type);
    }
}

double
virsh_human_size(unsigned long long bytes, const char **unit)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes;
    gsize i = 0;

    for (; value >= 1024 && i + 1 < G_N_ELEMENTS(units); i++)
        value /= 1024;
    *unit = units[i];
    return value;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathContext, xmlXPathFreeContext)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathObject, xmlXPathFreeObject)

gboolean
virsh_print_xml(VirshCtl *ctl, const VirshCmd *cmd, char *text)
{
    g_autofree char *xml = text;
    const char *xpath = virsh_string(cmd, "xpath");
    gboolean wrap = virsh_flag(cmd, "wrap");
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(xmlXPathContext) context = NULL;
    g_autoptr(xmlXPathObject) found = NULL;
    int n;

    if (!xml)
        return FALSE;
    if (!xpath) {
        virsh_print("%s", xml);
        return TRUE;
    }
    doc = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL,
                        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOBLANKS);
    context = doc ? xmlXPathNewContext(doc) : NULL;
    found = context ? xmlXPathEvalExpression(BAD_CAST xpath, context) : NULL;
    if (!found || found->type != XPATH_NODESET)
        return virsh_error(ctl, "xpath expression '%s' does not select nodes", xpath);
    n = found->nodesetval ? found->nodesetval->nodeNr : 0;
    if (wrap)
        virsh_print(n > 0 ? "<nodes>\n" : "<nodes/>\n");
    for (int i = 0; i < n; i++) {
        xmlBufferPtr buffer = xmlBufferCreate();

        xmlNodeDump(buffer, doc, found->nodesetval->nodeTab[i], wrap ? 1 : 0, 1);
        virsh_print("%s%s\n", wrap ? "  " : "", (const char *)xmlBufferContent(buffer));
        xmlBufferFree(buffer);
    }
    if (wrap && n > 0)
        virsh_print("</nodes>\n");
    return TRUE;
}

char *
virsh_format_cpus(const unsigned char *map, gsize n_cpus)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (gsize i = 0; i < n_cpus; i++) {
        gsize first = i;

        if (!VIR_CPU_USED(map, i))
            continue;
        while (i + 1 < n_cpus && VIR_CPU_USED(map, i + 1))
            i++;
        g_string_append_printf(out, "%s%zu", out->len ? "," : "", first);
        if (i > first)
            g_string_append_printf(out, "-%zu", i);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* "0-3,^2,7" or "r" (all) into a map of n_cpus bits. */
gboolean
virsh_parse_cpus(VirshCtl *ctl, const char *text, unsigned char *map, int n_cpus)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    memset(map, 0, VIR_CPU_MAPLEN(n_cpus));
    for (gsize i = 0; parts[i]; i++) {
        const char *part = parts[i];
        gboolean except = *part == '^';
        g_auto(GStrv) range = g_strsplit(part + except, "-", 2);
        guint64 first = 0, last = 0;

        if (strcmp(text, "r") == 0) {
            last = n_cpus - 1;
        } else if (!range[0] ||
                   !g_ascii_string_to_unsigned(range[0], 10, 0, n_cpus - 1, &first, NULL) ||
                   (range[1] &&
                    !g_ascii_string_to_unsigned(range[1], 10, first, G_MAXINT, &last, NULL))) {
            return virsh_error(ctl, "Invalid cpulist '%s'", text);
        } else if (!range[1]) {
            last = first;
        }
        for (guint64 cpu = first; cpu <= last && cpu < (guint64)n_cpus; cpu++) {
            if (except)
                VIR_UNUSE_CPU(map, cpu);
            else
                VIR_USE_CPU(map, cpu);
        }
    }
    return TRUE;
}
