/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Statistics of all domains at once: no guest, however it hangs, delays the others' answer. */
#include "events.h"
#include "handlers.h"
#include "params.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How long answers of monitors are waited for; what is later is taken from the last answer. */
#define PATIENCE_MS 60

VirQemuStats *
vir_qemu_stats_get(VirQemuDomain *dom)
{
    VIR_LOCK(&dom->lock);

    return dom->stats != NULL ? vir_view_ref(dom->stats) : NULL;
}

static void
stats_keep(VirQemuDomain *dom, VirQemuStats *stats)
{
    VirQemuStats *old;

    pthread_mutex_lock(&dom->lock);
    old = dom->stats;
    dom->stats = stats;
    pthread_mutex_unlock(&dom->lock);
    vir_qemu_stats_unref(old);
}

/* ---- questions to one monitor ---- */

typedef struct VirQemuQuestions {
    VirQmp *qmp; /* NULL: nothing is asked */
    VirPromise *blockstats;
    VirPromise *blocks;
    VirPromise *balloon;
} Questions;

static void
questions_clear(Questions *q)
{
    g_clear_pointer(&q->blockstats, vir_promise_unref);
    g_clear_pointer(&q->blocks, vir_promise_unref);
    g_clear_pointer(&q->balloon, vir_promise_unref);
    g_clear_pointer(&q->qmp, vir_qmp_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Questions, questions_clear)

static void
questions_ask(Questions *q, VirQemuDomain *dom, const char *balloon)
{
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);
    g_autoptr(VirQmp) qmp = process != NULL ? vir_qemu_process_qmp(process) : NULL;

    if (qmp == NULL)
        return;
    q->qmp = vir_qmp_ref(qmp);
    q->blockstats = vir_qmp_send(qmp, "query-blockstats", NULL);
    q->blocks = vir_qmp_send(qmp, "query-block", NULL);
    if (balloon != NULL) {
        json_object *args = json_object_new_object();
        g_autofree char *path = g_strconcat("/machine/peripheral/", balloon, NULL);

        json_object_object_add(args, "path", json_object_new_string(path));
        json_object_object_add(args, "property", json_object_new_string("guest-stats"));
        q->balloon = vir_qmp_send(qmp, "qom-get", args);
    }
}

/* FALSE where the counters did not come in time; the others may lack. */
static gboolean
questions_take(Questions *q, VirQemuDomain *dom, int timeout_ms, GError **error)
{
    json_object *blockstats = NULL;
    json_object *blocks = NULL;
    json_object *balloon = NULL;

    if (!vir_qmp_wait(q->qmp, q->blockstats, "query-blockstats", timeout_ms, &blockstats, error))
        return FALSE;
    if (!vir_qmp_wait(q->qmp, q->blocks, "query-block", timeout_ms, &blocks, error)) {
        json_object_put(blockstats);
        return FALSE;
    }
    /* A guest without a balloon driver has no numbers. */
    if (q->balloon != NULL)
        vir_qmp_wait(q->qmp, q->balloon, "qom-get", timeout_ms, &balloon, NULL);
    /* An answer has one taker: where it was taken before, the counters kept are better. */
    if (blockstats != NULL && blocks != NULL)
        stats_keep(dom, vir_qemu_stats_new(blockstats, blocks, balloon));
    else
        json_object_put(balloon);
    json_object_put(blockstats);
    json_object_put(blocks);
    return TRUE;
}

static void
questions_free(Questions *q)
{
    if (q != NULL)
        questions_clear(q);
    g_free(q);
}

/* Takes @late; of two that came at once the older goes. */
static void
keep_late(VirQemuDomain *dom, Questions *late)
{
    Questions *old;

    pthread_mutex_lock(&dom->lock);
    old = dom->late;
    dom->late = late;
    pthread_mutex_unlock(&dom->lock);
    questions_free(old);
}

void
vir_qemu_stats_forget(VirQemuDomain *dom)
{
    keep_late(dom, NULL);
    stats_keep(dom, NULL);
}

gboolean
vir_qemu_stats_refresh(VirQemuDomain *dom, GError **error)
{
    const VirDomainMemballoon *balloon = dom->def->devices.memballoon;
    gboolean has = balloon != NULL && balloon->model != VIR_DOMAIN_MEMBALLOON_MODEL_NONE;
    g_auto(Questions) q = {0};
    g_autoptr(VirQemuStats) kept = NULL;

    questions_ask(&q, dom, has ? balloon->info.alias : NULL);
    if (q.qmp == NULL || dom->unreachable != NULL)
        return vir_qemu_domain_qmp(dom, "query-blockstats", NULL, NULL, error);
    if (!questions_take(&q, dom, dom->driver->conf.monitor_timeout_ms, error))
        return FALSE;
    kept = vir_qemu_stats_get(dom);
    if (kept != NULL)
        return TRUE;
    return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                         "QEMU of domain '%s' answers 'query-blockstats' with nothing",
                         dom->def->name);
}

/* ---- the groups ---- */

static void
add_state(GArray *params, const VirDomainView *view)
{
    vir_params_add_int(params, view->state, "state.state");
    vir_params_add_int(params, view->reason, "state.reason");
}

static void
add_cpu(GArray *params, const VirDomainView *view)
{
    guint64 user = 0;
    guint64 sys = 0;
    guint64 total;

    if (view->live == NULL)
        return;
    total = vir_qemu_cpu_time(view, &user, &sys);
    vir_params_add_ullong(params, total, "cpu.time");
    vir_params_add_ullong(params, user, "cpu.user");
    vir_params_add_ullong(params, sys, "cpu.system");
}

static guint64
resident_kib(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm", (int)pid);
    g_autofree char *text = NULL;
    unsigned long long pages = 0;

    if (pid <= 0 || !g_file_get_contents(path, &text, NULL, NULL) ||
        sscanf(text, "%*u %llu", &pages) != 1)
        return 0;
    return pages * (guint64)sysconf(_SC_PAGESIZE) / 1024;
}

static void
add_balloon(GArray *params, const VirDomainView *view, const VirQemuStats *stats)
{
    const VirQemuDef *def = vir_domain_view_def(view);

    vir_params_add_ullong(params, view->live != NULL ? view->balloon : def->memory,
                          "balloon.current");
    vir_params_add_ullong(params, def->max_memory, "balloon.maximum");
    if (view->live != NULL)
        vir_params_add_ullong(params, resident_kib(view->pid), "balloon.rss");
}

static guint64
thread_time(pid_t pid, pid_t tid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/schedstat", (int)pid, (int)tid);
    g_autofree char *text = NULL;
    unsigned long long ns = 0;

    if (!g_file_get_contents(path, &text, NULL, NULL) || sscanf(text, "%llu", &ns) != 1)
        return 0;
    return ns;
}

static void
add_vcpu(GArray *params, const VirDomainView *view)
{
    const VirQemuDef *def = vir_domain_view_def(view);

    vir_params_add_uint(params, def->vcpus, "vcpu.current");
    vir_params_add_uint(params, def->max_vcpus, "vcpu.maximum");
    for (guint i = 0; view->vcpu_tids != NULL && i < view->vcpu_tids->len; i++) {
        pid_t tid = g_array_index(view->vcpu_tids, pid_t, i);

        vir_params_add_int(params, VIR_VCPU_RUNNING, "vcpu.%u.state", i);
        vir_params_add_ullong(params, thread_time(view->pid, tid), "vcpu.%u.time", i);
    }
}

/* The line of @name in /proc/net/dev: eight counters of receiving, eight of sending. */
static gboolean
net_counters(const char *name, guint64 counters[16])
{
    g_autofree char *text = NULL;
    g_autofree char *key = g_strconcat(name, ":", NULL);
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents("/proc/net/dev", &text, NULL, NULL))
        return FALSE;
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        char *line = g_strstrip(lines[i]);
        char *at = line + strlen(key);

        if (!g_str_has_prefix(line, key))
            continue;
        for (guint c = 0; c < 16; c++)
            counters[c] = g_ascii_strtoull(at, &at, 10);
        return TRUE;
    }
    return FALSE;
}

static void
add_nets(GArray *params, const VirDomainView *view)
{
    static const char *const names[] = {"bytes", "pkts", "errs", "drop"};
    const VirQemuDef *def = vir_domain_view_def(view);

    if (view->live == NULL)
        return;
    vir_params_add_uint(params, def->n_nets, "net.count");
    for (guint i = 0; i < def->n_nets; i++) {
        guint64 counters[16];

        if (def->nets[i].target == NULL)
            continue;
        vir_params_add_string(params, def->nets[i].target, "net.%u.name", i);
        if (!net_counters(def->nets[i].target, counters))
            continue;
        /* What the host's end sends the guest receives. */
        for (guint n = 0; n < G_N_ELEMENTS(names); n++)
            vir_params_add_ullong(params, counters[8 + n], "net.%u.rx.%s", i, names[n]);
        for (guint n = 0; n < G_N_ELEMENTS(names); n++)
            vir_params_add_ullong(params, counters[n], "net.%u.tx.%s", i, names[n]);
    }
}

static void
add_block(GArray *params, guint i, const VirQemuDevice *disk, const VirQemuBlock *block)
{
    vir_params_add_string(params, disk->target, "block.%u.name", i);
    if (disk->path != NULL)
        vir_params_add_string(params, disk->path, "block.%u.path", i);
    if (block == NULL)
        return;
    vir_params_add_ullong(params, block->rd_ops, "block.%u.rd.reqs", i);
    vir_params_add_ullong(params, block->rd_bytes, "block.%u.rd.bytes", i);
    vir_params_add_ullong(params, block->rd_ns, "block.%u.rd.times", i);
    vir_params_add_ullong(params, block->wr_ops, "block.%u.wr.reqs", i);
    vir_params_add_ullong(params, block->wr_bytes, "block.%u.wr.bytes", i);
    vir_params_add_ullong(params, block->wr_ns, "block.%u.wr.times", i);
    vir_params_add_ullong(params, block->fl_ops, "block.%u.fl.reqs", i);
    vir_params_add_ullong(params, block->fl_ns, "block.%u.fl.times", i);
    vir_params_add_ullong(params, block->highest, "block.%u.allocation", i);
    if (block->capacity != 0)
        vir_params_add_ullong(params, block->capacity, "block.%u.capacity", i);
    if (block->physical != 0)
        vir_params_add_ullong(params, block->physical, "block.%u.physical", i);
}

static void
add_blocks(GArray *params, const VirDomainView *view, const VirQemuStats *stats)
{
    const VirQemuDef *def = vir_domain_view_def(view);

    vir_params_add_uint(params, def->n_disks, "block.count");
    for (guint i = 0; i < def->n_disks; i++) {
        add_block(params, i, &def->disks[i],
                  view->live != NULL ? vir_qemu_stats_block(stats, def->disks[i].alias) : NULL);
    }
}

#define GROUPS                                                                                     \
    (VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_CPU_TOTAL | VIR_DOMAIN_STATS_BALLOON |              \
     VIR_DOMAIN_STATS_VCPU | VIR_DOMAIN_STATS_INTERFACE | VIR_DOMAIN_STATS_BLOCK)

static void
fill_record(remote_domain_stats_record *record, VirQemuDomain *dom, const VirDomainView *view,
            unsigned groups)
{
    g_autoptr(VirQemuStats) stats = vir_qemu_stats_get(dom);
    GArray *params = vir_params_new();

    vir_qemu_handle(vir_domain_view_def(view), view->id, &record->dom);
    if (groups & VIR_DOMAIN_STATS_STATE)
        add_state(params, view);
    if (groups & VIR_DOMAIN_STATS_CPU_TOTAL)
        add_cpu(params, view);
    if (groups & VIR_DOMAIN_STATS_BALLOON)
        add_balloon(params, view, stats);
    if (groups & VIR_DOMAIN_STATS_VCPU)
        add_vcpu(params, view);
    if (groups & VIR_DOMAIN_STATS_INTERFACE)
        add_nets(params, view);
    if (groups & VIR_DOMAIN_STATS_BLOCK)
        add_blocks(params, view, stats);
    record->params.params_val = vir_params_steal(params, &record->params.params_len);
}

/* ---- the call ---- */

/* The flags that choose domains are those of the list of domains. */
static gboolean
chosen(const VirDomainView *view, unsigned flags)
{
    unsigned has = 0;
    unsigned activity =
        VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE;
    unsigned keeping =
        VIR_CONNECT_GET_ALL_DOMAINS_STATS_PERSISTENT | VIR_CONNECT_GET_ALL_DOMAINS_STATS_TRANSIENT;
    unsigned states =
        VIR_CONNECT_GET_ALL_DOMAINS_STATS_RUNNING | VIR_CONNECT_GET_ALL_DOMAINS_STATS_PAUSED |
        VIR_CONNECT_GET_ALL_DOMAINS_STATS_SHUTOFF | VIR_CONNECT_GET_ALL_DOMAINS_STATS_OTHER;
    const unsigned groups[] = {activity, keeping, states};

    has |= view->live != NULL ? VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE
                              : VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE;
    has |= view->config != NULL ? VIR_CONNECT_GET_ALL_DOMAINS_STATS_PERSISTENT
                                : VIR_CONNECT_GET_ALL_DOMAINS_STATS_TRANSIENT;
    if (view->state == VIR_DOMAIN_RUNNING)
        has |= VIR_CONNECT_GET_ALL_DOMAINS_STATS_RUNNING;
    else if (view->state == VIR_DOMAIN_PAUSED)
        has |= VIR_CONNECT_GET_ALL_DOMAINS_STATS_PAUSED;
    else if (view->state == VIR_DOMAIN_SHUTOFF)
        has |= VIR_CONNECT_GET_ALL_DOMAINS_STATS_SHUTOFF;
    else
        has |= VIR_CONNECT_GET_ALL_DOMAINS_STATS_OTHER;
    for (guint i = 0; i < G_N_ELEMENTS(groups); i++) {
        if ((flags & groups[i]) != 0 && (flags & groups[i] & has) == 0)
            return FALSE;
    }
    return TRUE;
}

static GPtrArray *
asked_domains(VirQemuDriver *driver, const remote_connect_get_all_domain_stats_args *args,
              GError **error)
{
    g_autoptr(GPtrArray) domains = NULL;

    if (args->doms.doms_len == 0)
        return vir_registry_list(driver->domains);
    domains = g_ptr_array_new_with_free_func(vir_object_unref);
    for (u_int i = 0; i < args->doms.doms_len; i++) {
        const remote_nonnull_domain *handle = &args->doms.doms_val[i];
        void *dom = vir_registry_by_uuid(driver->domains, (const guint8 *)handle->uuid);

        if (dom == NULL) {
            vir_error_set(error, VIR_ERR_NO_DOMAIN, "no domain with matching name '%s'",
                          handle->name);
            return NULL;
        }
        g_ptr_array_add(domains, dom);
    }
    return g_steal_pointer(&domains);
}

/*
 * A monitor that still owes the last answers is not asked again: who polls a QEMU that hangs would
 * heap up questions. FALSE where it owes them yet.
 */
static gboolean
settle_late(VirQemuDomain *dom)
{
    Questions *late;
    g_autoptr(GError) error = NULL;

    pthread_mutex_lock(&dom->lock);
    late = g_steal_pointer(&dom->late);
    pthread_mutex_unlock(&dom->lock);
    if (late == NULL)
        return TRUE;
    if (!questions_take(late, dom, 0, &error) &&
        vir_error_code(error) == VIR_ERR_OPERATION_TIMEOUT) {
        keep_late(dom, late);
        return FALSE;
    }
    questions_free(late);
    return TRUE;
}

/* All monitors are asked at once, and all together have the same time to answer. */
static void
refresh_all(GPtrArray *domains, GPtrArray *views)
{
    g_autofree Questions *asked = g_new0(Questions, domains->len);
    gint64 until;

    for (guint i = 0; i < domains->len; i++) {
        const VirDomainView *view = g_ptr_array_index(views, i);

        if (view->live != NULL && view->unreachable == NULL && view->live->n_disks > 0 &&
            settle_late(g_ptr_array_index(domains, i)))
            questions_ask(&asked[i], g_ptr_array_index(domains, i), NULL);
    }
    until = g_get_monotonic_time() + (PATIENCE_MS + domains->len / 2) * G_GINT64_CONSTANT(1000);
    for (guint i = 0; i < domains->len; i++) {
        gint64 left = (until - g_get_monotonic_time()) / 1000;

        g_autoptr(GError) error = NULL;

        if (asked[i].qmp == NULL)
            continue;
        if (questions_take(&asked[i], g_ptr_array_index(domains, i), (int)MAX(left, 0), &error) ||
            vir_error_code(error) != VIR_ERR_OPERATION_TIMEOUT) {
            questions_clear(&asked[i]);
        } else {
            keep_late(g_ptr_array_index(domains, i), g_memdup2(&asked[i], sizeof(Questions)));
        }
    }
}

HANDLER(connect_get_all_domain_stats)
{
    const unsigned nowait = VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;
    const unsigned enforce = VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS;
    g_autoptr(GPtrArray) domains = asked_domains(CALL_DRIVER(call), args, error);
    g_autoptr(GPtrArray) chosen_domains = g_ptr_array_new();
    g_autoptr(GPtrArray) views = g_ptr_array_new_with_free_func(vir_view_unref);
    unsigned groups = args->stats != 0 ? args->stats : GROUPS;

    if (domains == NULL)
        return FALSE;
    if ((args->flags & enforce) && (groups & ~(unsigned)GROUPS)) {
        return vir_error_set(error, VIR_ERR_ARGUMENT_UNSUPPORTED,
                             "statistics of the types 0x%x are not supported",
                             groups & ~(unsigned)GROUPS);
    }
    for (guint i = 0; i < domains->len; i++) {
        g_autoptr(VirDomainView) view = vir_object_view(g_ptr_array_index(domains, i));

        if (view->hidden || !chosen(view, args->flags))
            continue;
        g_ptr_array_add(chosen_domains, g_ptr_array_index(domains, i));
        g_ptr_array_add(views, g_steal_pointer(&view));
    }
    if ((args->flags & nowait) == 0 && (groups & VIR_DOMAIN_STATS_BLOCK))
        refresh_all(chosen_domains, views);
    ret->retStats.retStats_val = g_new0(remote_domain_stats_record, views->len);
    ret->retStats.retStats_len = views->len;
    for (guint i = 0; i < views->len; i++) {
        fill_record(&ret->retStats.retStats_val[i], g_ptr_array_index(chosen_domains, i),
                    g_ptr_array_index(views, i), groups);
    }
    return TRUE;
}

HANDLER(domain_interface_stats)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    guint64 counters[16];

    if (!vir_qemu_domain_check_active(dom, error))
        return FALSE;
    for (guint i = 0; i < dom->live->n_nets; i++) {
        const VirQemuDevice *net = &dom->live->nets[i];

        if (g_strcmp0(net->target, args->device) != 0 && g_strcmp0(net->path, args->device) != 0)
            continue;
        if (net->target == NULL || !net_counters(net->target, counters)) {
            return vir_error_set(error, VIR_ERR_OPERATION_UNSUPPORTED,
                                 "the card '%s' has no device on the host to count at",
                                 args->device);
        }
        ret->rx_bytes = (quad_t)counters[8];
        ret->rx_packets = (quad_t)counters[9];
        ret->rx_errs = (quad_t)counters[10];
        ret->rx_drop = (quad_t)counters[11];
        ret->tx_bytes = (quad_t)counters[0];
        ret->tx_packets = (quad_t)counters[1];
        ret->tx_errs = (quad_t)counters[2];
        ret->tx_drop = (quad_t)counters[3];
        return TRUE;
    }
    return vir_error_set(error, VIR_ERR_INVALID_ARG, "'%s' is not a known interface", args->device);
}
