/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <string.h>

typedef struct {
    const char *name;
    int id;
    virConnectDomainEventGenericCallback callback;
} EventKind;

/* One registration: which kind, and for whom it is printed. */
typedef struct {
    VirshWait *wait;
    const EventKind *kind;
    gboolean timestamp;
    int id;
} Watch;

static const char *
word(const char *const *words, gsize n, int at)
{
    return at >= 0 && (gsize)at < n && words[at] ? words[at] : "unknown";
}

#define WORD(words, at) word(words, G_N_ELEMENTS(words), at)

G_GNUC_PRINTF(3, 4)
static void
say(Watch *watch, virDomainPtr dom, const char *format, ...)
{
    g_autofree char *tail = NULL;
    va_list args;

    va_start(args, format);
    tail = g_strdup_vprintf(format, args);
    va_end(args);
    virsh_wait_event(watch->wait, watch->timestamp, "event '%s' for domain '%s'%s\n",
                     watch->kind->name, virDomainGetName(dom), tail);
}

static const char *
lifecycle_detail(int event, int detail)
{
    static const char *const defined[] = {"Added", "Updated", "Renamed", "Snapshot"};
    static const char *const undefined[] = {"Removed", "Renamed"};
    static const char *const started[] = {"Booted", "Migrated", "Restored", "Snapshot",
                                          "Event wakeup"};
    static const char *const suspended[] = {"Paused",    "Migrated",  "I/O Error",
                                            "Watchdog",  "Restored",  "Snapshot",
                                            "API error", "Post-copy", "Post-copy Error"};
    static const char *const resumed[] = {"Unpaused", "Migrated", "Snapshot", "Post-copy",
                                          "Post-copy Error"};
    static const char *const stopped[] = {"Shutdown", "Destroyed", "Crashed", "Migrated",
                                          "Saved",    "Failed",    "Snapshot"};
    static const char *const shut[] = {"Finished", "Finished after guest request",
                                       "Finished after host request"};
    static const char *const pmsuspended[] = {"Memory", "Disk"};
    static const char *const crashed[] = {"Panicked", "Crashloaded"};

    switch (event) {
    case VIR_DOMAIN_EVENT_DEFINED:
        return WORD(defined, detail);
    case VIR_DOMAIN_EVENT_UNDEFINED:
        return WORD(undefined, detail);
    case VIR_DOMAIN_EVENT_STARTED:
        return WORD(started, detail);
    case VIR_DOMAIN_EVENT_SUSPENDED:
        return WORD(suspended, detail);
    case VIR_DOMAIN_EVENT_RESUMED:
        return WORD(resumed, detail);
    case VIR_DOMAIN_EVENT_STOPPED:
        return WORD(stopped, detail);
    case VIR_DOMAIN_EVENT_SHUTDOWN:
        return WORD(shut, detail);
    case VIR_DOMAIN_EVENT_PMSUSPENDED:
        return WORD(pmsuspended, detail);
    case VIR_DOMAIN_EVENT_CRASHED:
        return WORD(crashed, detail);
    default:
        return "unknown";
    }
}

static int
on_lifecycle(virConnectPtr conn, virDomainPtr dom, int event, int detail, void *opaque)
{
    static const char *const events[] = {"Defined",   "Undefined",   "Started",
                                         "Suspended", "Resumed",     "Stopped",
                                         "Shutdown",  "PMSuspended", "Crashed"};

    say(opaque, dom, ": %s %s", WORD(events, event), lifecycle_detail(event, detail));
    return 0;
}

static void
on_plain(virConnectPtr conn, virDomainPtr dom, void *opaque)
{
    say(opaque, dom, "%s", "");
}

static void
on_pm(virConnectPtr conn, virDomainPtr dom, int reason, void *opaque)
{
    say(opaque, dom, "%s", "");
}

static void
on_rtc(virConnectPtr conn, virDomainPtr dom, long long offset, void *opaque)
{
    say(opaque, dom, ": %lld", offset);
}

static void
on_watchdog(virConnectPtr conn, virDomainPtr dom, int action, void *opaque)
{
    static const char *const actions[] = {"none",     "pause", "reset",     "poweroff",
                                          "shutdown", "debug", "inject-nmi"};

    say(opaque, dom, ": %s", WORD(actions, action));
}

static const char *const io_error_actions[] = {"none", "pause", "report"};

static void
on_io_error(virConnectPtr conn, virDomainPtr dom, const char *source, const char *alias, int action,
            void *opaque)
{
    say(opaque, dom, ": %s (%s) %s", source, alias, WORD(io_error_actions, action));
}

static void
on_io_error_reason(virConnectPtr conn, virDomainPtr dom, const char *source, const char *alias,
                   int action, const char *reason, void *opaque)
{
    say(opaque, dom, ": %s (%s) %s due to %s", source, alias, WORD(io_error_actions, action),
        reason);
}

static void
on_graphics(virConnectPtr conn, virDomainPtr dom, int phase,
            const virDomainEventGraphicsAddress *local, const virDomainEventGraphicsAddress *remote,
            const char *scheme, const virDomainEventGraphicsSubject *subject, void *opaque)
{
    static const char *const phases[] = {"connect", "initialize", "disconnect"};
    static const char *const families[] = {"IPv4", "IPv6", "unix"};
    g_autoptr(GString) who = g_string_new(NULL);

    for (int i = 0; i < subject->nidentity; i++)
        g_string_append_printf(who, "\n\t%s=%s", subject->identities[i].type,
                               subject->identities[i].name);
    say(opaque, dom, ": %s local[%s %s %s] remote[%s %s %s] %s%s", WORD(phases, phase),
        WORD(families, local->family), local->node, local->service, WORD(families, remote->family),
        remote->node, remote->service, scheme, who->str);
}

static void
on_block_job(virConnectPtr conn, virDomainPtr dom, const char *disk, int type, int status,
             void *opaque)
{
    static const char *const types[] = {"unknown job",  "Block Pull",          "Block Copy",
                                        "Block Commit", "Active Block Commit", "Backup"};
    static const char *const statuses[] = {"completed", "failed", "canceled", "ready"};

    say(opaque, dom, ": %s for %s %s", WORD(types, type), disk, WORD(statuses, status));
}

static void
on_disk_change(virConnectPtr conn, virDomainPtr dom, const char *old_source, const char *new_source,
               const char *alias, int reason, void *opaque)
{
    static const char *const reasons[] = {"changed", "dropped"};

    say(opaque, dom, " disk %s: %s -> %s: %s", alias, old_source ? old_source : "",
        new_source ? new_source : "", WORD(reasons, reason));
}

static void
on_tray(virConnectPtr conn, virDomainPtr dom, const char *alias, int reason, void *opaque)
{
    static const char *const reasons[] = {"opened", "closed"};

    say(opaque, dom, " disk %s: %s", alias, WORD(reasons, reason));
}

static void
on_balloon(virConnectPtr conn, virDomainPtr dom, unsigned long long kib, void *opaque)
{
    say(opaque, dom, ": %lluKiB", kib);
}

static void
on_device(virConnectPtr conn, virDomainPtr dom, const char *alias, void *opaque)
{
    say(opaque, dom, ": %s", alias);
}

static void
say_params(Watch *watch, virDomainPtr dom, const virTypedParameter *params, int n)
{
    g_autoptr(GString) text = g_string_new(":");

    for (int i = 0; i < n; i++) {
        g_autofree char *value = virsh_typed_param(&params[i]);

        g_string_append_printf(text, "\n\t%s: %s", params[i].field, value);
    }
    say(watch, dom, "%s", text->str);
}

static void
on_tunable(virConnectPtr conn, virDomainPtr dom, virTypedParameterPtr params, int n, void *opaque)
{
    say_params(opaque, dom, params, n);
}

static void
on_agent(virConnectPtr conn, virDomainPtr dom, int state, int reason, void *opaque)
{
    static const char *const agent_states[] = {"unknown", "connected", "disconnected"};
    static const char *const reasons[] = {"unknown", "domain started", "channel event"};

    say(opaque, dom, ": state: '%s' reason: '%s'", WORD(agent_states, state),
        WORD(reasons, reason));
}

static void
on_iteration(virConnectPtr conn, virDomainPtr dom, int iteration, void *opaque)
{
    say(opaque, dom, ": iteration: '%d'", iteration);
}

static void
on_metadata(virConnectPtr conn, virDomainPtr dom, int type, const char *uri, void *opaque)
{
    static const char *const types[] = {"description", "title", "element"};

    say(opaque, dom, ": %s %s", WORD(types, type), uri ? uri : "");
}

static void
on_threshold(virConnectPtr conn, virDomainPtr dom, const char *dev, const char *path,
             unsigned long long threshold, unsigned long long excess, void *opaque)
{
    say(opaque, dom, ": dev: %s(%s) %llu %llu", dev, path ? path : "", threshold, excess);
}

static void
on_memory_failure(virConnectPtr conn, virDomainPtr dom, int recipient, int action,
                  unsigned int flags, void *opaque)
{
    static const char *const recipients[] = {"hypervisor", "guest"};
    static const char *const actions[] = {"ignore", "inject", "fatal", "reset"};

    say(opaque, dom, ":\nrecipient: %s\naction: %s\nflags:\n\taction required: %d\n\trecursive: %d",
        WORD(recipients, recipient), WORD(actions, action),
        !!(flags & VIR_DOMAIN_MEMORY_FAILURE_ACTION_REQUIRED),
        !!(flags & VIR_DOMAIN_MEMORY_FAILURE_RECURSIVE));
}

static void
on_memory_size(virConnectPtr conn, virDomainPtr dom, const char *alias, unsigned long long kib,
               void *opaque)
{
    say(opaque, dom, ":\nalias: %s\nsize: %llu", alias, kib);
}

/* The library calls each kind with the arguments of its own. */
#define CALLBACK(func) ((virConnectDomainEventGenericCallback)(void (*)(void))(func))

static const EventKind kinds[] = {
    {"lifecycle", VIR_DOMAIN_EVENT_ID_LIFECYCLE, CALLBACK(on_lifecycle)},
    {"reboot", VIR_DOMAIN_EVENT_ID_REBOOT, on_plain},
    {"rtc-change", VIR_DOMAIN_EVENT_ID_RTC_CHANGE, CALLBACK(on_rtc)},
    {"watchdog", VIR_DOMAIN_EVENT_ID_WATCHDOG, CALLBACK(on_watchdog)},
    {"io-error", VIR_DOMAIN_EVENT_ID_IO_ERROR, CALLBACK(on_io_error)},
    {"graphics", VIR_DOMAIN_EVENT_ID_GRAPHICS, CALLBACK(on_graphics)},
    {"io-error-reason", VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON, CALLBACK(on_io_error_reason)},
    {"control-error", VIR_DOMAIN_EVENT_ID_CONTROL_ERROR, on_plain},
    {"block-job", VIR_DOMAIN_EVENT_ID_BLOCK_JOB, CALLBACK(on_block_job)},
    {"disk-change", VIR_DOMAIN_EVENT_ID_DISK_CHANGE, CALLBACK(on_disk_change)},
    {"tray-change", VIR_DOMAIN_EVENT_ID_TRAY_CHANGE, CALLBACK(on_tray)},
    {"pm-wakeup", VIR_DOMAIN_EVENT_ID_PMWAKEUP, CALLBACK(on_pm)},
    {"pm-suspend", VIR_DOMAIN_EVENT_ID_PMSUSPEND, CALLBACK(on_pm)},
    {"balloon-change", VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, CALLBACK(on_balloon)},
    {"pm-suspend-disk", VIR_DOMAIN_EVENT_ID_PMSUSPEND_DISK, CALLBACK(on_pm)},
    {"device-removed", VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, CALLBACK(on_device)},
    {"block-job-2", VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2, CALLBACK(on_block_job)},
    {"tunable", VIR_DOMAIN_EVENT_ID_TUNABLE, CALLBACK(on_tunable)},
    {"agent-lifecycle", VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, CALLBACK(on_agent)},
    {"device-added", VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, CALLBACK(on_device)},
    {"migration-iteration", VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION, CALLBACK(on_iteration)},
    {"job-completed", VIR_DOMAIN_EVENT_ID_JOB_COMPLETED, CALLBACK(on_tunable)},
    {"device-removal-failed", VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, CALLBACK(on_device)},
    {"metadata-change", VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, CALLBACK(on_metadata)},
    {"block-threshold", VIR_DOMAIN_EVENT_ID_BLOCK_THRESHOLD, CALLBACK(on_threshold)},
    {"memory-failure", VIR_DOMAIN_EVENT_ID_MEMORY_FAILURE, CALLBACK(on_memory_failure)},
    {"memory-device-size-change", VIR_DOMAIN_EVENT_ID_MEMORY_DEVICE_SIZE_CHANGE,
     CALLBACK(on_memory_size)},
};

static const EventKind *
find_kind(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return NULL;
}

static void
unregister(VirshCtl *ctl, GArray *watches)
{
    for (guint i = 0; i < watches->len; i++) {
        int id = g_array_index(watches, Watch, i).id;

        if (id >= 0)
            virConnectDomainEventDeregisterAny(ctl->conn, id);
    }
    virsh_forget();
}

/* With --all, kinds that the driver does not know are left out. */
static gboolean
register_watches(VirshCtl *ctl, virDomainPtr dom, GArray *watches, gboolean all)
{
    gboolean some = FALSE;

    for (guint i = 0; i < watches->len; i++) {
        Watch *watch = &g_array_index(watches, Watch, i);

        watch->id = virConnectDomainEventRegisterAny(ctl->conn, dom, watch->kind->id,
                                                     watch->kind->callback, watch, NULL);
        if (watch->id >= 0)
            some = TRUE;
        else if (!all)
            return FALSE;
    }
    if (some)
        virsh_forget();
    return some;
}

VIRSH_COMMAND(event)
{
    const char *name = virsh_string(cmd, "event");
    gboolean all = virsh_flag(cmd, "all");
    const EventKind *kind = NULL;
    g_autoptr(virDomain) dom = NULL;
    g_autoptr(VirshWait) wait = NULL;
    g_autoptr(GArray) watches = g_array_new(FALSE, TRUE, sizeof(Watch));
    int timeout = 0;
    int found;
    gboolean good;

    if (virsh_flag(cmd, "list")) {
        for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
            virsh_print("%s\n", kinds[i].name);
        return TRUE;
    }
    if (!VIRSH_EXCLUSIVE(ctl, cmd, "all", "event"))
        return FALSE;
    if (!name && !all)
        return virsh_error(ctl, "one of --list, --all, or --event <type> is required");
    kind = name ? find_kind(name) : NULL;
    if (name && !kind)
        return virsh_error(ctl, "unknown event type %s", name);
    found = virsh_int(ctl, cmd, "timeout", &timeout);
    if (found < 0)
        return FALSE;
    if (found > 0 && timeout < 1)
        return virsh_error(ctl, "Numeric value '%s' for <%s> option is malformed or out of range",
                           virsh_string(cmd, "timeout"), "timeout");
    if (virsh_flag(cmd, "domain")) {
        dom = virsh_domain(ctl, cmd);
        if (!dom)
            return FALSE;
    }
    wait = virsh_wait_new(ctl, timeout, virsh_flag(cmd, "loop"));
    if (!wait)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        Watch watch = {wait, &kinds[i], virsh_flag(cmd, "timestamp"), -1};

        if (all || kind == &kinds[i])
            g_array_append_val(watches, watch);
    }
    good = register_watches(ctl, dom, watches, all) && virsh_wait_run(wait);
    unregister(ctl, watches);
    return good;
}
