/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    virDomainPtr *items;
    int n;
} DomainList;

static void
domain_list_clear(DomainList *list)
{
    for (int i = 0; i < list->n; i++)
        virDomainFree(list->items[i]);
    free(list->items);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DomainList, domain_list_clear)

static int
domain_id(virDomainPtr dom)
{
    unsigned int id = virDomainGetID(dom);

    virsh_forget();
    return id == (unsigned int)-1 ? -1 : (int)id;
}

/* Active ones by id, then the others by name. */
static int
compare_domains(const void *a, const void *b)
{
    virDomainPtr left = *(const virDomainPtr *)a;
    virDomainPtr right = *(const virDomainPtr *)b;
    int left_id = domain_id(left);
    int right_id = domain_id(right);

    if (left_id < 0 && right_id < 0)
        return strcasecmp(virDomainGetName(left), virDomainGetName(right));
    if (left_id >= 0 && right_id >= 0)
        return left_id < right_id ? -1 : left_id > right_id;
    return left_id < 0 ? 1 : -1;
}

static int
domain_state(VirshCtl *ctl, virDomainPtr dom, int *reason)
{
    int state = -1;

    if (virDomainGetState(dom, &state, reason, 0) < 0) {
        virsh_forget();
        return -1;
    }
    return state;
}

static unsigned int
list_flags(const VirshCmd *cmd)
{
    unsigned int states =
        virsh_list_states(cmd, VIR_CONNECT_LIST_DOMAINS_ACTIVE, VIR_CONNECT_LIST_DOMAINS_INACTIVE);

    return states | VIRSH_FLAGS(cmd, {"persistent", VIR_CONNECT_LIST_DOMAINS_PERSISTENT},
                                {"transient", VIR_CONNECT_LIST_DOMAINS_TRANSIENT},
                                {"with-managed-save", VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE},
                                {"without-managed-save", VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE},
                                {"autostart", VIR_CONNECT_LIST_DOMAINS_AUTOSTART},
                                {"no-autostart", VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART},
                                {"with-snapshot", VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT},
                                {"without-snapshot", VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT},
                                {"with-checkpoint", VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT},
                                {"without-checkpoint", VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT},
                                {"state-running", VIR_CONNECT_LIST_DOMAINS_RUNNING},
                                {"state-paused", VIR_CONNECT_LIST_DOMAINS_PAUSED},
                                {"state-shutoff", VIR_CONNECT_LIST_DOMAINS_SHUTOFF},
                                {"state-other", VIR_CONNECT_LIST_DOMAINS_OTHER});
}

static char *
domain_title(virDomainPtr dom)
{
    char *text = virDomainGetMetadata(dom, VIR_DOMAIN_METADATA_TITLE, NULL, 0);
    char *title = g_strdup(text ? text : "");

    virsh_forget();
    free(text);
    return title;
}

static void
list_row(VirshCtl *ctl, const VirshCmd *cmd, VirshTable *table, virDomainPtr dom)
{
    int id = domain_id(dom);
    g_autofree char *id_text = id < 0 ? g_strdup("-") : g_strdup_printf("%d", id);
    g_autofree char *title = NULL;
    int state = domain_state(ctl, dom, NULL);
    const char *state_name = virsh_domain_state_name(state);

    if (state < 0)
        return; /* it went away meanwhile */
    if (virsh_flag(cmd, "managed-save") && state == VIR_DOMAIN_SHUTOFF &&
        virDomainHasManagedSaveImage(dom, 0) > 0)
        state_name = "saved";
    if (virsh_flag(cmd, "title"))
        title = domain_title(dom);
    VIRSH_ROW(table, id_text, virDomainGetName(dom), state_name, title);
}

static void
list_names(const VirshCmd *cmd, virDomainPtr dom)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new();
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    g_autofree char *id_text = NULL;
    g_autofree char *line = NULL;
    int id = domain_id(dom);

    if (id < 0 && !virsh_flag(cmd, "uuid") && !virsh_flag(cmd, "name"))
        return; /* an id is all that was asked for */
    if (virsh_flag(cmd, "uuid") && virDomainGetUUIDString(dom, uuid) == 0)
        g_ptr_array_add(parts, uuid);
    if (virsh_flag(cmd, "id")) {
        id_text = id < 0 ? g_strdup("-") : g_strdup_printf("%d", id);
        g_ptr_array_add(parts, id_text);
    }
    if (virsh_flag(cmd, "name"))
        g_ptr_array_add(parts, (char *)virDomainGetName(dom));
    g_ptr_array_add(parts, NULL);
    line = g_strjoinv(" ", (char **)parts->pdata);
    virsh_print("%s\n", line);
}

VIRSH_COMMAND(list)
{
    g_auto(DomainList) list = {NULL, 0};
    g_autoptr(VirshTable) table = NULL;
    gboolean names = virsh_flag(cmd, "name") || virsh_flag(cmd, "uuid") || virsh_flag(cmd, "id");

    if (!VIRSH_EXCLUSIVE(ctl, cmd, "table", "name") ||
        !VIRSH_EXCLUSIVE(ctl, cmd, "table", "uuid") || !VIRSH_EXCLUSIVE(ctl, cmd, "table", "id") ||
        !VIRSH_EXCLUSIVE(ctl, cmd, "all", "inactive"))
        return FALSE;
    list.n = virConnectListAllDomains(ctl->conn, &list.items, list_flags(cmd));
    if (list.n < 0) {
        list.n = 0;
        return virsh_error(ctl, "Failed to list domains");
    }
    qsort(list.items, list.n, sizeof(*list.items), compare_domains);
    table = virsh_flag(cmd, "title") ? VIRSH_TABLE("Id", "Name", "State", "Title")
                                     : VIRSH_TABLE("Id", "Name", "State");
    for (int i = 0; i < list.n; i++) {
        if (names)
            list_names(cmd, list.items[i]);
        else
            list_row(ctl, cmd, table, list.items[i]);
    }
    if (!names)
        virsh_table_print(ctl, table);
    return TRUE;
}

VIRSH_COMMAND(domstate)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    int reason = 0;
    int state;

    if (!dom || virDomainGetState(dom, &state, &reason, 0) < 0)
        return FALSE;
    virsh_print("%s", virsh_domain_state_name(state));
    if (virsh_flag(cmd, "reason"))
        virsh_print(" (%s)", virsh_domain_reason_name(state, reason));
    virsh_print("\n");
    return TRUE;
}

static void
print_security(VirshCtl *ctl, virDomainPtr dom)
{
    virSecurityModel model;
    virSecurityLabelPtr labels = NULL;
    int n;

    memset(&model, 0, sizeof(model));
    if (virNodeGetSecurityModel(ctl->conn, &model) < 0) {
        virsh_forget();
        return;
    }
    if (!*model.model)
        return;
    virsh_print("%-15s %s\n", "Security model:", model.model);
    virsh_print("%-15s %s\n", "Security DOI:", model.doi);
    n = virDomainGetSecurityLabelList(dom, &labels);
    if (n < 0)
        virsh_forget();
    for (int i = 0; i < n; i++) {
        if (*labels[i].label)
            virsh_print("%-15s %s (%s)\n", "Security label:", labels[i].label,
                        labels[i].enforcing ? "enforcing" : "permissive");
    }
    free(labels);
}

static void
print_messages(virDomainPtr dom)
{
    char **messages = NULL;
    int n = virDomainGetMessages(dom, &messages, 0);

    if (n < 0)
        virsh_forget();
    for (int i = 0; i < n; i++) {
        virsh_print("%-15s %s\n", i == 0 ? "Messages:" : "", messages[i]);
        free(messages[i]);
    }
    free(messages);
}

static void
print_dominfo(VirshCtl *ctl, virDomainPtr dom, const virDomainInfo *info)
{
    int persistent = virDomainIsPersistent(dom);
    int autostart = 0;
    int saved;

    virsh_print("%-15s %s\n", "State:", virsh_domain_state_name(info->state));
    virsh_print("%-15s %d\n", "CPU(s):", info->nrVirtCpu);
    if (info->cpuTime != 0)
        virsh_print("%-15s %.1lfs\n", "CPU time:", (double)info->cpuTime / 1000000000.0);
    if (info->maxMem != ULONG_MAX)
        virsh_print("%-15s %lu KiB\n", "Max memory:", info->maxMem);
    else
        virsh_print("%-15s %s\n", "Max memory:", "no limit");
    virsh_print("%-15s %lu KiB\n", "Used memory:", info->memory);
    virsh_print("%-15s %s\n", "Persistent:", virsh_yes_no(persistent));
    if (virDomainGetAutostart(dom, &autostart) == 0)
        virsh_print("%-15s %s\n", "Autostart:", autostart ? "enable" : "disable");
    saved = virDomainHasManagedSaveImage(dom, 0);
    virsh_print("%-15s %s\n", "Managed save:", virsh_yes_no(saved));
    virsh_forget();
}

VIRSH_COMMAND(dominfo)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    char uuid[VIR_UUID_STRING_BUFLEN];
    virDomainInfo info;
    char *os;
    int id;

    if (!dom)
        return FALSE;
    id = domain_id(dom);
    if (id < 0)
        virsh_print("%-15s %s\n", "Id:", "-");
    else
        virsh_print("%-15s %d\n", "Id:", id);
    virsh_print("%-15s %s\n", "Name:", virDomainGetName(dom));
    if (virDomainGetUUIDString(dom, uuid) == 0)
        virsh_print("%-15s %s\n", "UUID:", uuid);
    os = virDomainGetOSType(dom);
    if (os)
        virsh_print("%-15s %s\n", "OS Type:", os);
    free(os);
    if (virDomainGetInfo(dom, &info) < 0)
        return FALSE;
    print_dominfo(ctl, dom, &info);
    print_security(ctl, dom);
    print_messages(dom);
    return TRUE;
}

VIRSH_COMMAND(domcontrol)
{
    static const char *const names[] = {"ok", "background job", "occupied", "error"};
    static const char *const causes[] = {"none", "unknown", "monitor failure",
                                         "internal (locking) error"};
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    virDomainControlInfo info;
    const char *name;

    if (!dom || virDomainGetControlInfo(dom, &info, 0) < 0)
        return FALSE;
    name = info.state < G_N_ELEMENTS(names) ? names[info.state] : "unknown";
    if (info.state == VIR_DOMAIN_CONTROL_OK)
        virsh_print("%s\n", name);
    else if (info.state == VIR_DOMAIN_CONTROL_ERROR)
        virsh_print("%s: %s\n", name,
                    info.details < G_N_ELEMENTS(causes) ? causes[info.details] : "unknown");
    else
        virsh_print("%s (%0.3fs)\n", name, info.stateTime / 1000.0);
    return TRUE;
}

static unsigned int
stats_groups(const VirshCmd *cmd)
{
    static const struct {
        const char *name;
        unsigned int group;
    } map[] = {
        {"state", VIR_DOMAIN_STATS_STATE},
        {"cpu-total", VIR_DOMAIN_STATS_CPU_TOTAL},
        {"balloon", VIR_DOMAIN_STATS_BALLOON},
        {"vcpu", VIR_DOMAIN_STATS_VCPU},
        {"interface", VIR_DOMAIN_STATS_INTERFACE},
        {"block", VIR_DOMAIN_STATS_BLOCK},
        {"perf", VIR_DOMAIN_STATS_PERF},
        {"iothread", VIR_DOMAIN_STATS_IOTHREAD},
        {"memory", VIR_DOMAIN_STATS_MEMORY},
        {"dirtyrate", VIR_DOMAIN_STATS_DIRTYRATE},
        {"vm", VIR_DOMAIN_STATS_VM},
    };
    unsigned int groups = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(map); i++) {
        if (virsh_flag(cmd, map[i].name))
            groups |= map[i].group;
    }
    return groups;
}

static unsigned int
stats_flags(const VirshCmd *cmd)
{
    return VIRSH_FLAGS(cmd, {"list-active", VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE},
                       {"list-inactive", VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE},
                       {"list-persistent", VIR_CONNECT_GET_ALL_DOMAINS_STATS_PERSISTENT},
                       {"list-transient", VIR_CONNECT_GET_ALL_DOMAINS_STATS_TRANSIENT},
                       {"list-running", VIR_CONNECT_GET_ALL_DOMAINS_STATS_RUNNING},
                       {"list-paused", VIR_CONNECT_GET_ALL_DOMAINS_STATS_PAUSED},
                       {"list-shutoff", VIR_CONNECT_GET_ALL_DOMAINS_STATS_SHUTOFF},
                       {"list-other", VIR_CONNECT_GET_ALL_DOMAINS_STATS_OTHER},
                       {"enforce", VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS},
                       {"backing", VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING},
                       {"nowait", VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT});
}

static void
unref_domain(gpointer dom)
{
    virDomainFree(dom);
}

VIRSH_COMMAND(domstats)
{
    g_autoptr(GPtrArray) doms = g_ptr_array_new_with_free_func(unref_domain);
    virDomainStatsRecordPtr *records = NULL;
    gsize n_names;
    const char *const *names = virsh_strings(cmd, "domain", &n_names);
    int n;

    for (gsize i = 0; i < n_names; i++) {
        virDomainPtr dom = virsh_domain_by(ctl, names[i], VIRSH_BY_ANY);

        if (!dom)
            return FALSE;
        g_ptr_array_add(doms, dom);
    }
    if (n_names > 0) {
        g_ptr_array_add(doms, NULL);
        n = virDomainListGetStats((virDomainPtr *)doms->pdata, stats_groups(cmd), &records,
                                  stats_flags(cmd));
        g_ptr_array_set_size(doms, n_names);
    } else {
        n = virConnectGetAllDomainStats(ctl->conn, stats_groups(cmd), &records, stats_flags(cmd));
    }
    if (n < 0)
        return FALSE;
    for (int i = 0; i < n; i++) {
        virsh_print("Domain: '%s'\n", virDomainGetName(records[i]->dom));
        for (int k = 0; k < records[i]->nparams; k++) {
            const virTypedParameter *param = &records[i]->params[k];
            g_autofree char *text = virsh_typed_param(param);

            virsh_print("  %s=%s\n", param->field, text);
        }
        if (i + 1 < n)
            virsh_print("\n");
    }
    virDomainStatsRecordListFree(records);
    return TRUE;
}

VIRSH_COMMAND(dommemstat)
{
    static const char *const names[] = {
        "swap_in",        "swap_out",    "major_fault", "minor_fault",
        "unused",         "available",   "actual",      "rss",
        "usable",         "last_update", "disk_caches", "hugetlb_pgalloc",
        "hugetlb_pgfail",
    };
    g_autoptr(virDomain) dom = NULL;
    virDomainMemoryStatStruct stats[VIR_DOMAIN_MEMORY_STAT_NR];
    unsigned int flags = 0;
    int period = -1;
    int found, n;

    if (!virsh_affect(ctl, cmd, &flags))
        return FALSE;
    dom = virsh_domain(ctl, cmd);
    if (!dom)
        return FALSE;
    found = virsh_int(ctl, cmd, "period", &period);
    if (found < 0)
        return FALSE;
    if (found > 0) {
        if (period < 0)
            return virsh_error(ctl, "Invalid collection period value '%d'", period);
        if (virDomainSetMemoryStatsPeriod(dom, period, flags) < 0)
            return virsh_error(ctl, "Unable to change balloon collection period.");
        return TRUE;
    }
    n = virDomainMemoryStats(dom, stats, VIR_DOMAIN_MEMORY_STAT_NR, 0);
    if (n < 0)
        return virsh_error(ctl, "Failed to get memory statistics for domain %s",
                           virDomainGetName(dom));
    for (int i = 0; i < n; i++) {
        if (stats[i].tag >= 0 && stats[i].tag < (int)G_N_ELEMENTS(names))
            virsh_print("%s %llu\n", names[stats[i].tag], stats[i].val);
    }
    return TRUE;
}

VIRSH_COMMAND(domtime)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    gboolean now = virsh_flag(cmd, "now");
    gboolean sync = virsh_flag(cmd, "sync");
    gboolean pretty = virsh_flag(cmd, "pretty");
    unsigned long long given = 0;
    long long seconds = 0;
    unsigned int nseconds = 0;
    int found;

    if (!dom || !VIRSH_EXCLUSIVE(ctl, cmd, "time", "now", "sync"))
        return FALSE;
    found = virsh_ull(ctl, cmd, "time", &given);
    if (found < 0)
        return FALSE;
    if (found > 0 || now || sync) {
        gint64 us = g_get_real_time();

        seconds = found > 0 ? (long long)given : us / G_USEC_PER_SEC;
        nseconds = now ? (unsigned int)(us % G_USEC_PER_SEC) * 1000 : 0;
        return virDomainSetTime(dom, seconds, nseconds, sync ? VIR_DOMAIN_TIME_SYNC : 0) == 0;
    }
    if (virDomainGetTime(dom, &seconds, &nseconds, 0) < 0)
        return FALSE;
    if (pretty) {
        g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);
        g_autofree char *text = time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : NULL;

        virsh_print("Time: %s", text ? text : "out of range");
    } else {
        virsh_print("Time: %lld", seconds);
    }
    return TRUE;
}
