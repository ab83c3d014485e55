/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <stdlib.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathContext, xmlXPathFreeContext)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathObject, xmlXPathFreeObject)

VIRSH_COMMAND(dumpxml)
{
    g_autoptr(virDomain) dom = NULL;
    unsigned int flags = VIRSH_FLAGS(
        cmd, {"inactive", VIR_DOMAIN_XML_INACTIVE}, {"security-info", VIR_DOMAIN_XML_SECURE},
        {"update-cpu", VIR_DOMAIN_XML_UPDATE_CPU}, {"migratable", VIR_DOMAIN_XML_MIGRATABLE});

    dom = virsh_domain(ctl, cmd);
    return virsh_print_xml(ctl, cmd, dom ? virDomainGetXMLDesc(dom, flags) : NULL);
}

VIRSH_COMMAND(domid)
{
    g_autoptr(virDomain) dom =
        virsh_domain_by(ctl, virsh_string(cmd, "domain"), VIRSH_BY_NAME | VIRSH_BY_UUID);
    unsigned int id;

    if (!dom)
        return FALSE;
    id = virDomainGetID(dom);
    if (id == (unsigned int)-1)
        virsh_print("%s\n", "-");
    else
        virsh_print("%d\n", (int)id);
    return TRUE;
}

VIRSH_COMMAND(domname)
{
    g_autoptr(virDomain) dom =
        virsh_domain_by(ctl, virsh_string(cmd, "domain"), VIRSH_BY_ID | VIRSH_BY_UUID);

    return virsh_line(dom ? virDomainGetName(dom) : NULL);
}

VIRSH_COMMAND(domuuid)
{
    g_autoptr(virDomain) dom =
        virsh_domain_by(ctl, virsh_string(cmd, "domain"), VIRSH_BY_NAME | VIRSH_BY_ID);
    char uuid[VIR_UUID_STRING_BUFLEN];

    if (!dom)
        return FALSE;
    if (virDomainGetUUIDString(dom, uuid) < 0)
        return virsh_error(ctl, "failed to get domain UUID");
    virsh_print("%s\n", uuid);
    return TRUE;
}

static void
print_affinity(const unsigned char *map, int n_cpus, gboolean pretty)
{
    virsh_print("%-15s ", "CPU Affinity:");
    if (pretty) {
        g_autofree char *text = virsh_format_cpus(map, n_cpus);

        virsh_print("%s (out of %d)\n", text, n_cpus);
        return;
    }
    for (int i = 0; i < n_cpus; i++)
        virsh_print("%c", VIR_CPU_USED(map, i) ? 'y' : '-');
    virsh_print("\n");
}

static int
host_cpus(VirshCtl *ctl)
{
    int n = virNodeGetCPUMap(ctl->conn, NULL, NULL, 0);
    virNodeInfo info;

    if (n >= 0)
        return n;
    if (virNodeGetInfo(ctl->conn, &info) < 0)
        return -1;
    virsh_forget();
    return VIR_NODEINFO_MAXCPUS(info);
}

/* The vCPUs of a guest that does not run: there is nothing but their affinity. */
static gboolean
vcpuinfo_inactive(virDomainPtr dom, int n_vcpus, int n_cpus, gboolean pretty)
{
    gsize maplen = VIR_CPU_MAPLEN(n_cpus);
    g_autofree unsigned char *maps = g_new0(unsigned char, maplen *n_vcpus);
    int n = virDomainGetVcpuPinInfo(dom, n_vcpus, maps, maplen, VIR_DOMAIN_AFFECT_CONFIG);

    for (int i = 0; i < n; i++) {
        virsh_print("%-15s %d\n", "VCPU:", i);
        virsh_print("%-15s %s\n", "CPU:", "N/A");
        virsh_print("%-15s %s\n", "State:", "N/A");
        virsh_print("%-15s %s\n", "CPU time", "N/A");
        print_affinity(maps + i * maplen, n_cpus, pretty);
        if (i + 1 < n)
            virsh_print("\n");
    }
    return n >= 0;
}

VIRSH_COMMAND(vcpuinfo)
{
    static const char *const vcpu_states[] = {"offline", "running", "blocked"};
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    gboolean pretty = virsh_flag(cmd, "pretty");
    g_autofree virVcpuInfo *vcpus = NULL;
    g_autofree unsigned char *maps = NULL;
    virDomainInfo info;
    gsize maplen;
    int n_cpus, n;

    if (!dom)
        return FALSE;
    n_cpus = host_cpus(ctl);
    if (n_cpus < 0 || virDomainGetInfo(dom, &info) < 0)
        return FALSE;
    maplen = VIR_CPU_MAPLEN(n_cpus);
    vcpus = g_new0(virVcpuInfo, info.nrVirtCpu);
    maps = g_new0(unsigned char, (gsize)info.nrVirtCpu *maplen);
    n = virDomainGetVcpus(dom, vcpus, info.nrVirtCpu, maps, maplen);
    if (n < 0) {
        if (info.state != VIR_DOMAIN_SHUTOFF)
            return FALSE;
        virsh_forget();
        return vcpuinfo_inactive(dom, info.nrVirtCpu, n_cpus, pretty);
    }
    for (int i = 0; i < n; i++) {
        virsh_print("%-15s %d\n", "VCPU:", vcpus[i].number);
        virsh_print("%-15s %d\n", "CPU:", vcpus[i].cpu);
        virsh_print("%-15s %s\n", "State:",
                    vcpus[i].state >= 0 && vcpus[i].state < (int)G_N_ELEMENTS(vcpu_states)
                        ? vcpu_states[vcpus[i].state]
                        : "no state");
        if (vcpus[i].cpuTime != 0)
            virsh_print("%-15s %.1lfs\n", "CPU time:", (double)vcpus[i].cpuTime / 1000000000.0);
        print_affinity(maps + i * maplen, n_cpus, pretty);
        if (i + 1 < n)
            virsh_print("\n");
    }
    return TRUE;
}

/* One line of `vcpucount`. A count that does not exist (live of a guest that is off) is left out.
 */
static void
print_count(virDomainPtr dom, const char *which, const char *where, unsigned int flags)
{
    int count = virDomainGetVcpusFlags(dom, flags);

    if (count >= 0)
        virsh_print("%-12s %-12s %3d\n", which, where, count);
    virsh_forget();
}

VIRSH_COMMAND(vcpucount)
{
    g_autoptr(virDomain) dom = NULL;
    unsigned int flags = 0;
    gboolean maximum = virsh_flag(cmd, "maximum");
    gboolean active = virsh_flag(cmd, "active");
    gboolean guest = virsh_flag(cmd, "guest");
    int count;

    if (!VIRSH_EXCLUSIVE(ctl, cmd, "live", "config") ||
        !VIRSH_EXCLUSIVE(ctl, cmd, "active", "maximum") ||
        !VIRSH_EXCLUSIVE(ctl, cmd, "guest", "config") || !virsh_affect(ctl, cmd, &flags))
        return FALSE;
    dom = virsh_domain(ctl, cmd);
    if (!dom)
        return FALSE;
    if (!maximum && !active && !guest && !flags && !virsh_flag(cmd, "current")) {
        print_count(dom, "maximum", "config", VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_VCPU_MAXIMUM);
        print_count(dom, "maximum", "live", VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_VCPU_MAXIMUM);
        print_count(dom, "current", "config", VIR_DOMAIN_AFFECT_CONFIG);
        print_count(dom, "current", "live", VIR_DOMAIN_AFFECT_LIVE);
        return TRUE;
    }
    if (maximum)
        flags |= VIR_DOMAIN_VCPU_MAXIMUM;
    if (guest)
        flags |= VIR_DOMAIN_VCPU_GUEST;
    count = virDomainGetVcpusFlags(dom, flags);
    if (count < 0) {
        if (guest)
            return virsh_error(ctl, "Failed to retrieve vCPU count from the guest");
    }
    virsh_print("%d\n", count);
    return TRUE;
}

/* The parsed XML of a guest; NULL with the error left behind. */
static xmlDocPtr
domain_doc(virDomainPtr dom, unsigned int flags)
{
    char *xml = virDomainGetXMLDesc(dom, flags);
    xmlDocPtr doc = NULL;

    if (xml)
        doc = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR);
    free(xml);
    return doc;
}

/* What an XPath expression says as text, from `node` on; NULL when that is empty. */
static char *
node_string(xmlDocPtr doc, xmlNodePtr node, const char *xpath)
{
    g_autoptr(xmlXPathContext) context = xmlXPathNewContext(doc);
    g_autoptr(xmlXPathObject) found = NULL;
    g_autofree char *expression = g_strdup_printf("string(%s)", xpath);

    context->node = node ? node : xmlDocGetRootElement(doc);
    found = xmlXPathEvalExpression(BAD_CAST expression, context);
    if (!found || !found->stringval || !*found->stringval)
        return NULL;
    return g_strdup((const char *)found->stringval);
}

static xmlXPathObjectPtr
select_nodes(xmlDocPtr doc, const char *xpath)
{
    g_autoptr(xmlXPathContext) context = xmlXPathNewContext(doc);

    return xmlXPathEvalExpression(BAD_CAST xpath, context);
}

static int
count_nodes(xmlXPathObjectPtr found)
{
    return found && found->nodesetval ? found->nodesetval->nodeNr : 0;
}

/* Where the data of a disk come from, as one word. */
static char *
disk_source(xmlDocPtr doc, xmlNodePtr disk)
{
    g_autofree char *type = node_string(doc, disk, "@type");
    g_autofree char *pool = NULL;
    g_autofree char *volume = NULL;

    if (g_strcmp0(type, "nvme") == 0) {
        g_autofree char *namespc = node_string(doc, disk, "source/@namespace");

        return g_strdup_printf("nvme://:/%s", namespc ? namespc : "");
    }
    if (g_strcmp0(type, "volume") == 0) {
        pool = node_string(doc, disk, "source/@pool");
        volume = node_string(doc, disk, "source/@volume");
        return pool && volume ? g_strdup_printf("%s/%s", pool, volume) : NULL;
    }
    return node_string(doc, disk, "source/@file|source/@dev|source/@dir|source/@name");
}

VIRSH_COMMAND(domblklist)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    gboolean details = virsh_flag(cmd, "details");
    g_autoptr(VirshTable) table = NULL;
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(xmlXPathObject) disks = NULL;

    if (!dom)
        return FALSE;
    doc = domain_doc(dom, virsh_flag(cmd, "inactive") ? VIR_DOMAIN_XML_INACTIVE : 0);
    if (!doc)
        return FALSE;
    disks = select_nodes(doc, "/domain/devices/disk");
    table = details ? VIRSH_TABLE("Type", "Device", "Target", "Source")
                    : VIRSH_TABLE("Target", "Source");
    for (int i = 0; i < count_nodes(disks); i++) {
        xmlNodePtr disk = disks->nodesetval->nodeTab[i];
        g_autofree char *type = node_string(doc, disk, "@type");
        g_autofree char *device = node_string(doc, disk, "@device");
        g_autofree char *target = node_string(doc, disk, "target/@dev");
        g_autofree char *source = disk_source(doc, disk);

        if (details)
            VIRSH_ROW(table, type, device ? device : "disk", target, source);
        else
            VIRSH_ROW(table, target, source);
    }
    virsh_table_print(ctl, table);
    return TRUE;
}

VIRSH_COMMAND(domiflist)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    g_autoptr(VirshTable) table = VIRSH_TABLE("Interface", "Type", "Source", "Model", "MAC");
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(xmlXPathObject) nics = NULL;

    if (!dom)
        return FALSE;
    doc = domain_doc(dom, virsh_flag(cmd, "inactive") ? VIR_DOMAIN_XML_INACTIVE : 0);
    if (!doc)
        return FALSE;
    nics = select_nodes(doc, "/domain/devices/interface");
    for (int i = 0; i < count_nodes(nics); i++) {
        xmlNodePtr nic = nics->nodesetval->nodeTab[i];
        g_autofree char *type = node_string(doc, nic, "@type");
        g_autofree char *source = node_string(
            doc, nic, "source/@bridge|source/@dev|source/@network|source/@name|source/@path");
        g_autofree char *target = node_string(doc, nic, "target/@dev");
        g_autofree char *model = node_string(doc, nic, "model/@type");
        g_autofree char *mac = node_string(doc, nic, "mac/@address");

        VIRSH_ROW(table, target, type, source, model, mac);
    }
    virsh_table_print(ctl, table);
    return TRUE;
}

static char *
size_text(unsigned long long bytes, gboolean human)
{
    const char *unit;
    double value = virsh_human_size(bytes, &unit);

    return human ? g_strdup_printf("%.3f %s", value, unit) : g_strdup_printf("%llu", bytes);
}

static gboolean
block_info_row(virDomainPtr dom, const char *target, gboolean human, VirshTable *table)
{
    virDomainBlockInfo info;
    g_autofree char *capacity = NULL;
    g_autofree char *allocation = NULL;
    g_autofree char *physical = NULL;

    if (virDomainGetBlockInfo(dom, target, &info, 0) < 0)
        return FALSE;
    capacity = size_text(info.capacity, human);
    allocation = size_text(info.allocation, human);
    physical = size_text(info.physical, human);
    if (table) {
        VIRSH_ROW(table, target, capacity, allocation, physical);
        return TRUE;
    }
    virsh_print("%-15s %s\n", "Capacity:", capacity);
    virsh_print("%-15s %s\n", "Allocation:", allocation);
    virsh_print("%-15s %s\n", "Physical:", physical);
    return TRUE;
}

VIRSH_COMMAND(domblkinfo)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    const char *device = virsh_string(cmd, "device");
    gboolean human = virsh_flag(cmd, "human");
    g_autoptr(VirshTable) table = NULL;
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(xmlXPathObject) disks = NULL;

    if (!dom)
        return FALSE;
    if (!virsh_flag(cmd, "all")) {
        if (device)
            return block_info_row(dom, device, human, NULL);
        return virsh_error(ctl, "command 'domblkinfo' requires <%s> option", "device");
    }
    doc = domain_doc(dom, 0);
    if (!doc)
        return FALSE;
    disks = select_nodes(doc, "/domain/devices/disk");
    table = VIRSH_TABLE("Target", "Capacity", "Allocation", "Physical");
    for (int i = 0; i < count_nodes(disks); i++) {
        xmlNodePtr disk = disks->nodesetval->nodeTab[i];
        g_autofree char *target = node_string(doc, disk, "target/@dev");
        g_autofree char *source = disk_source(doc, disk);

        if (!target)
            continue;
        if (!source) {
            VIRSH_ROW(table, target, "-", "-", "-");
        } else if (!block_info_row(dom, target, human, table)) {
            return FALSE;
        }
    }
    virsh_table_print(ctl, table);
    return TRUE;
}

/* The counters of a disk: what parameter, its word, its sentence; the order of the output. */
static const struct {
    const char *param;
    const char *name;
    const char *human;
} block_counters[] = {
    {"rd_operations", "rd_req", "number of read operations:"},
    {"rd_bytes", "rd_bytes", "number of bytes read:"},
    {"wr_operations", "wr_req", "number of write operations:"},
    {"wr_bytes", "wr_bytes", "number of bytes written:"},
    {"errs", "errs", "error count:"},
    {"flush_operations", "flush_operations", "number of flush operations:"},
    {"rd_total_times", "rd_total_times", "total duration of reads (ns):"},
    {"wr_total_times", "wr_total_times", "total duration of writes (ns):"},
    {"flush_total_times", "flush_total_times", "total duration of flushes (ns):"},
};

static void
print_counter(const char *device, const char *name, const char *sentence, const char *value,
              gboolean human)
{
    if (human)
        virsh_print(" %-32s %s\n", sentence, value);
    else
        virsh_print("%s%s%s %s\n", device, *device ? " " : "", name, value);
}

/* The five counters that every driver has. */
static gboolean
block_stats_plain(VirshCtl *ctl, virDomainPtr dom, const char *device, gboolean human)
{
    struct _virDomainBlockStats stats;
    long long values[5];

    if (virDomainBlockStats(dom, device, &stats, sizeof(stats)) < 0)
        return virsh_error(ctl, "Failed to get block stats %s %s", virDomainGetName(dom), device);
    values[0] = stats.rd_req;
    values[1] = stats.rd_bytes;
    values[2] = stats.wr_req;
    values[3] = stats.wr_bytes;
    values[4] = stats.errs;
    if (human)
        virsh_print("Device: %s\n", device);
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autofree char *value = g_strdup_printf("%lld", values[i]);

        if (values[i] >= 0)
            print_counter(device, block_counters[i].name, block_counters[i].human, value, human);
    }
    return TRUE;
}

VIRSH_COMMAND(domblkstat)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    const char *device = virsh_string(cmd, "device");
    gboolean human = virsh_flag(cmd, "human");
    g_autofree virTypedParameter *params = NULL;
    int n = 0;

    if (!dom)
        return FALSE;
    if (!device)
        device = "";
    if (virDomainBlockStatsFlags(dom, device, NULL, &n, 0) < 0 || n == 0) {
        int code = virsh_error_code();

        if (code != VIR_ERR_OK && code != VIR_ERR_NO_SUPPORT &&
            code != VIR_ERR_OPERATION_UNSUPPORTED)
            return virsh_error(ctl, "Failed to get block stats for domain '%s' device '%s'",
                               virDomainGetName(dom), device);
        virsh_forget();
        return block_stats_plain(ctl, dom, device, human);
    }
    params = g_new0(virTypedParameter, n);
    if (virDomainBlockStatsFlags(dom, device, params, &n, 0) < 0)
        return virsh_error(ctl, "Failed to get block stats for domain '%s' device '%s'",
                           virDomainGetName(dom), device);
    if (human)
        virsh_print("Device: %s\n", device);
    for (gsize i = 0; i < G_N_ELEMENTS(block_counters); i++) {
        virTypedParameterPtr param = virTypedParamsGet(params, n, block_counters[i].param);
        g_autofree char *value = param ? virsh_typed_param(param) : NULL;

        if (value)
            print_counter(device, block_counters[i].name, block_counters[i].human, value, human);
    }
    for (int i = 0; i < n; i++) {
        g_autofree char *value = NULL;
        gboolean known = FALSE;

        for (gsize k = 0; k < G_N_ELEMENTS(block_counters); k++)
            known |= strcmp(block_counters[k].param, params[i].field) == 0;
        if (known)
            continue;
        value = virsh_typed_param(&params[i]);
        print_counter(device, params[i].field, params[i].field, value, human);
    }
    virTypedParamsClear(params, n);
    return TRUE;
}

VIRSH_COMMAND(domifstat)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    const char *device = virsh_string(cmd, "interface");
    struct _virDomainInterfaceStats stats;
    struct {
        const char *name;
        long long value;
    } rows[8];

    if (!dom)
        return FALSE;
    if (virDomainInterfaceStats(dom, device, &stats, sizeof(stats)) < 0)
        return virsh_error(ctl, "Failed to get interface stats %s %s", virDomainGetName(dom),
                           device);
    memcpy(rows,
           (const typeof(rows)){{"rx_bytes", stats.rx_bytes},
                                {"rx_packets", stats.rx_packets},
                                {"rx_errs", stats.rx_errs},
                                {"rx_drop", stats.rx_drop},
                                {"tx_bytes", stats.tx_bytes},
                                {"tx_packets", stats.tx_packets},
                                {"tx_errs", stats.tx_errs},
                                {"tx_drop", stats.tx_drop}},
           sizeof(rows));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].value >= 0)
            virsh_print("%s %s %lld\n", device, rows[i].name, rows[i].value);
    }
    return TRUE;
}

VIRSH_COMMAND(ttyconsole)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    g_autoptr(xmlDoc) doc = dom ? domain_doc(dom, 0) : NULL;
    g_autofree char *tty = doc ? node_string(doc, NULL, "/domain/devices/console/@tty") : NULL;

    return virsh_line(tty);
}

VIRSH_COMMAND(vncdisplay)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    g_autoptr(xmlDoc) doc = NULL;
    g_autofree char *port = NULL;
    g_autofree char *listen = NULL;
    gint64 number;

    if (!dom)
        return FALSE;
    if (virDomainIsActive(dom) == 0)
        return virsh_error(ctl, "Domain is not running");
    doc = domain_doc(dom, 0);
    if (!doc)
        return FALSE;
    port = node_string(doc, NULL, "/domain/devices/graphics[@type='vnc']/@port");
    if (!port || !g_ascii_string_to_signed(port, 10, 0, 65535, &number, NULL))
        return virsh_error(ctl, "Failed to get VNC port. Is this domain using VNC?");
    listen = node_string(doc, NULL, "/domain/devices/graphics[@type='vnc']/@listen");
    if (!listen)
        listen = node_string(doc, NULL, "/domain/devices/graphics[@type='vnc']/listen/@address");
    if (!listen || strcmp(listen, "0.0.0.0") == 0)
        virsh_print(":%d\n", (int)number - 5900);
    else
        virsh_print(strchr(listen, ':') ? "[%s]:%d\n" : "%s:%d\n", listen, (int)number - 5900);
    return TRUE;
}

/* The URI of the display that <graphics type=scheme> describes; NULL when it has none (yet). */
static char *
display_uri(xmlDocPtr doc, const char *scheme, gboolean with_password)
{
    g_autofree char *base = g_strdup_printf("/domain/devices/graphics[@type='%s']", scheme);
    g_autoptr(xmlXPathObject) found = select_nodes(doc, base);
    xmlNodePtr node = count_nodes(found) ? found->nodesetval->nodeTab[0] : NULL;
    g_autofree char *port = NULL;
    g_autofree char *tls = NULL;
    g_autofree char *socket = NULL;
    g_autofree char *listen = NULL;
    g_autofree char *password = NULL;
    g_autoptr(GString) uri = NULL;
    gint64 number = 0;

    if (!node)
        return NULL;
    port = node_string(doc, node, "@port");
    tls = node_string(doc, node, "@tlsPort");
    socket = node_string(doc, node, "@socket|listen[@type='socket']/@socket");
    if (port && !g_ascii_string_to_signed(port, 10, 1, 65535, &number, NULL))
        number = 0;
    if (!number && !tls && !socket)
        return NULL;
    listen = node_string(doc, node, "@listen|listen/@address");
    if (!listen || strcmp(listen, "0.0.0.0") == 0 || strcmp(listen, "::") == 0) {
        g_free(listen);
        listen = g_strdup("localhost");
    }
    password = with_password ? node_string(doc, node, "@passwd") : NULL;
    uri = g_string_new(NULL);
    if (socket) {
        g_string_append_printf(uri, "%s+unix://%s", scheme, socket);
        return g_string_free(g_steal_pointer(&uri), FALSE);
    }
    g_string_append_printf(uri, "%s://", scheme);
    if (password && strcmp(scheme, "vnc") == 0)
        g_string_append_printf(uri, ":%s@", password);
    g_string_append_printf(uri, strchr(listen, ':') ? "[%s]" : "%s", listen);
    if (number)
        g_string_append_printf(uri, ":%d", (int)number - (strcmp(scheme, "vnc") == 0 ? 5900 : 0));
    if (tls && !g_str_equal(tls, "-1"))
        g_string_append_printf(uri, "%stls-port=%s", "?", tls);
    if (password && strcmp(scheme, "spice") == 0)
        g_string_append_printf(uri, "%spassword=%s", tls ? "&" : "?", password);
    return g_string_free(g_steal_pointer(&uri), FALSE);
}

VIRSH_COMMAND(domdisplay)
{
    static const char *const schemes[] = {"vnc", "spice", "rdp"};
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    const char *type = virsh_string(cmd, "type");
    gboolean secret = virsh_flag(cmd, "include-password");
    gboolean all = virsh_flag(cmd, "all");
    g_autoptr(xmlDoc) doc = NULL;
    gboolean found = FALSE;

    if (!dom)
        return FALSE;
    if (virDomainIsActive(dom) == 0)
        return virsh_error(ctl, "Domain is not running");
    doc = domain_doc(dom, secret ? VIR_DOMAIN_XML_SECURE : 0);
    if (!doc)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++) {
        g_autofree char *uri = NULL;

        if (type && strcmp(type, schemes[i]) != 0)
            continue;
        uri = display_uri(doc, schemes[i], secret);
        if (!uri)
            continue;
        virsh_print("%s\n", uri);
        found = TRUE;
        if (!all)
            break;
    }
    if (!found) {
        if (type)
            virsh_error(ctl, "No graphical display with type '%s' found", type);
        else
            virsh_error(ctl, "No graphical display found");
    }
    return found;
}

VIRSH_COMMAND(domhostname)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    const char *source = virsh_string(cmd, "source");
    unsigned int flags = 0;
    char *name;

    if (!dom)
        return FALSE;
    if (source && strcmp(source, "lease") == 0) {
        flags = VIR_DOMAIN_GET_HOSTNAME_LEASE;
    } else if (source && strcmp(source, "agent") == 0) {
        flags = VIR_DOMAIN_GET_HOSTNAME_AGENT;
    } else if (source)
        return virsh_error(ctl, "Unknown data source '%s'", source);
    name = virDomainGetHostname(dom, flags);
    if (!name)
        return virsh_error(ctl, "failed to get hostname");
    virsh_print("%s\n", name);
    free(name);
    return TRUE;
}
