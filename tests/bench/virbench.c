/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Measures a daemon through the public API. Each line that is printed is one figure:
 * NAME <tab> VALUE <tab> UNIT. The program is linked to the library by its soname only, so
 * LD_LIBRARY_PATH says whose library is measured along.
 */
#include <dirent.h>
#include <glib.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char *uri;

G_NORETURN static void
fail(const char *what)
{
    const char *message = virGetLastErrorMessage();

    fprintf(stderr, "virbench: %s: %s\n", what, message);
    exit(EXIT_FAILURE);
}

static void
figure(const char *name, double value, const char *unit)
{
    printf("%s\t%.3f\t%s\n", name, value, unit);
    fflush(stdout);
}

static double
since_us(gint64 start)
{
    return (double)(g_get_monotonic_time() - start);
}

static virConnectPtr
open_uri(void)
{
    virConnectPtr conn = virConnectOpen(uri);

    if (!conn)
        fail("open");
    return conn;
}

static int
compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return left < right ? -1 : left > right;
}

static void
percentiles(const char *name, double *values, int n)
{
    g_autofree char *p50 = g_strdup_printf("%s-p50", name);
    g_autofree char *p99 = g_strdup_printf("%s-p99", name);

    qsort(values, n, sizeof(*values), compare_doubles);
    figure(p50, values[n / 2], "us");
    figure(p99, values[(int)((gint64)n * 99 / 100)], "us");
}

static void
bench_connect(char **args)
{
    int n = atoi(args[0]);
    g_autofree double *values = g_new(double, n);

    for (int i = 0; i < n; i++) {
        gint64 start = g_get_monotonic_time();

        virConnectClose(open_uri());
        values[i] = since_us(start);
    }
    percentiles("connect", values, n);
}

static void
call(virConnectPtr conn)
{
    /* Of the driver, so that a proxy has to relay it. */
    if (virConnectNumOfDomains(conn) < 0)
        fail("round trip");
}

static void
bench_rtt(char **args)
{
    int n = atoi(args[0]);
    virConnectPtr conn = open_uri();
    g_autofree double *values = g_new(double, n);
    gint64 begin;

    for (int i = 0; i < 100; i++)
        call(conn);
    begin = g_get_monotonic_time();
    for (int i = 0; i < n; i++) {
        gint64 start = g_get_monotonic_time();

        call(conn);
        values[i] = since_us(start);
    }
    figure("rtt", n / since_us(begin) * 1e6, "calls/s");
    percentiles("rtt", values, n);
    virConnectClose(conn);
}

typedef struct {
    virConnectPtr conn;
    int calls;
} Caller;

static gpointer
caller_thread(gpointer data)
{
    Caller *caller = data;

    for (int i = 0; i < caller->calls; i++)
        call(caller->conn);
    return NULL;
}

/* A thread for each of the @n @items of @size bytes, all at once: the time until all have ended, in
 * us. */
static double
run_all(GThreadFunc work, void *items, gsize size, int n)
{
    g_autofree GThread **threads = g_new0(GThread *, n);
    gint64 begin = g_get_monotonic_time();

    for (int i = 0; i < n; i++)
        threads[i] = g_thread_new("bench", work, (char *)items + (gsize)i * size);
    for (int i = 0; i < n; i++)
        g_thread_join(threads[i]);
    return since_us(begin);
}

static void
bench_rtt_many(char **args)
{
    int clients = atoi(args[0]);
    int calls = atoi(args[1]);
    g_autofree Caller *callers = g_new0(Caller, clients);
    g_autofree char *name = g_strdup_printf("rtt-%d", clients);
    double spent;

    for (int i = 0; i < clients; i++)
        callers[i] = (Caller){open_uri(), calls / clients};
    spent = run_all(caller_thread, callers, sizeof(*callers), clients);
    figure(name, (double)(calls / clients * clients) / spent * 1e6, "calls/s");
    for (int i = 0; i < clients; i++)
        virConnectClose(callers[i].conn);
}

static char *
guest_xml(const char *prefix, int i)
{
    return g_strdup_printf(
        "<domain type='qemu'>"
        "<name>%s%d</name><uuid>b0a1c2d3-0000-4000-8000-%012x</uuid><memory>32768</memory>"
        "<vcpu>1</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os>"
        "<features><acpi/></features><devices>"
        "<emulator>/usr/bin/qemu-system-x86_64</emulator>"
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
        "<source file='/nonexistent/%s%d.qcow2'/><target dev='vda' bus='virtio'/></disk>"
        "<serial type='pty'/><memballoon model='virtio'/></devices></domain>",
        prefix, i, i, prefix, i);
}

static void
bench_define(char **args)
{
    const char *prefix = args[0];
    int n = atoi(args[1]);
    virConnectPtr conn = open_uri();
    gint64 begin = g_get_monotonic_time();

    for (int i = 0; i < n; i++) {
        g_autofree char *xml = guest_xml(prefix, i);
        virDomainPtr dom = virDomainDefineXML(conn, xml);

        if (!dom)
            fail("define");
        virDomainFree(dom);
    }
    figure("define", since_us(begin) / n, "us each");
    virConnectClose(conn);
}

static void
bench_undefine(char **args)
{
    const char *prefix = args[0];
    int n = atoi(args[1]);
    virConnectPtr conn = open_uri();
    gint64 begin = g_get_monotonic_time();

    for (int i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("%s%d", prefix, i);
        virDomainPtr dom = virDomainLookupByName(conn, name);

        if (!dom || virDomainUndefine(dom) < 0)
            fail("undefine");
        virDomainFree(dom);
    }
    figure("undefine", since_us(begin) / n, "us each");
    virConnectClose(conn);
}

static void
bench_list(char **args)
{
    int rounds = atoi(args[0]);
    virConnectPtr conn = open_uri();
    gint64 begin = g_get_monotonic_time();
    int n = 0;

    for (int r = 0; r < rounds; r++) {
        virDomainPtr *doms = NULL;

        n = virConnectListAllDomains(conn, &doms, 0);
        if (n < 0)
            fail("list");
        for (int i = 0; i < n; i++)
            virDomainFree(doms[i]);
        free(doms);
    }
    figure("list", since_us(begin) / rounds / 1000, "ms");
    figure("list-count", n, "domains");
    virConnectClose(conn);
}

static void
bench_dump(char **args)
{
    int limit = atoi(args[0]);
    virConnectPtr conn = open_uri();
    virDomainPtr *doms = NULL;
    int n = virConnectListAllDomains(conn, &doms, 0);
    int count = MIN(n, limit);
    gint64 begin = g_get_monotonic_time();

    if (n < 1)
        fail("list");
    for (int i = 0; i < count; i++) {
        char *xml = virDomainGetXMLDesc(doms[i], 0);

        if (!xml)
            fail("dump");
        free(xml);
    }
    figure("dump", since_us(begin) / count, "us each");
    for (int i = 0; i < n; i++)
        virDomainFree(doms[i]);
    free(doms);
    virConnectClose(conn);
}

static void
bench_stats(char **args)
{
    int rounds = atoi(args[0]);
    virConnectPtr conn = open_uri();
    gint64 begin = g_get_monotonic_time();

    for (int r = 0; r < rounds; r++) {
        virDomainStatsRecordPtr *records = NULL;

        if (virConnectGetAllDomainStats(conn, 0, &records, 0) < 0)
            fail("stats");
        virDomainStatsRecordListFree(records);
    }
    figure("stats", since_us(begin) / rounds / 1000, "ms");
    virConnectClose(conn);
}

/* A guest without disks, so that the start is QEMU's and the daemon's. */
static virDomainPtr
create_guest(virConnectPtr conn, int i)
{
    g_autofree char *xml = g_strdup_printf(
        "<domain type='qemu'><name>bench-start%d</name><memory>32768</memory><vcpu>1</vcpu>"
        "<os><type arch='x86_64' machine='pc'>hvm</type></os><devices>"
        "<emulator>/usr/bin/qemu-system-x86_64</emulator>"
        "<controller type='usb' model='none'/><serial type='pty'/>"
        "<memballoon model='virtio'/></devices></domain>",
        i);
    virDomainPtr dom = virDomainCreateXML(conn, xml, 0);

    if (!dom)
        fail("start");
    return dom;
}

static void
destroy_guest(virDomainPtr dom)
{
    if (virDomainDestroy(dom) < 0)
        fail("destroy");
    virDomainFree(dom);
}

static void
bench_start_destroy(char **args)
{
    int n = atoi(args[0]);
    virConnectPtr conn = open_uri();
    g_autofree double *starts = g_new(double, n);
    g_autofree double *stops = g_new(double, n);

    for (int i = 0; i < n; i++) {
        gint64 start = g_get_monotonic_time();
        virDomainPtr dom = create_guest(conn, 0);

        starts[i] = since_us(start);
        start = g_get_monotonic_time();
        destroy_guest(dom);
        stops[i] = since_us(start);
    }
    percentiles("start", starts, n);
    percentiles("destroy", stops, n);
    virConnectClose(conn);
}

typedef struct {
    virConnectPtr conn;
    int number;
    virDomainPtr dom;
} Starter;

static gpointer
starter_thread(gpointer data)
{
    Starter *starter = data;

    starter->dom = create_guest(starter->conn, starter->number);
    return NULL;
}

static gpointer
stopper_thread(gpointer data)
{
    destroy_guest(((Starter *)data)->dom);
    return NULL;
}

/* A connection a guest: clients that do not know of each other. */
static void
bench_start_many(char **args)
{
    int n = atoi(args[0]);
    g_autofree Starter *starters = g_new0(Starter, n);

    for (int i = 0; i < n; i++)
        starters[i] = (Starter){open_uri(), i, NULL};
    figure("start-many", run_all(starter_thread, starters, sizeof(*starters), n) / 1000, "ms");
    figure("destroy-many", run_all(stopper_thread, starters, sizeof(*starters), n) / 1000, "ms");
    for (int i = 0; i < n; i++)
        virConnectClose(starters[i].conn);
}

/* The process whose command line has @text; 0 where there is none. */
static pid_t
find_process(const char *text)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    pid_t found = 0;

    while (proc && !found && (entry = readdir(proc))) {
        g_autofree char *path = g_strdup_printf("/proc/%s/cmdline", entry->d_name);
        g_autofree char *line = NULL;
        gsize len = 0;

        if (atoi(entry->d_name) > 0 && g_file_get_contents(path, &line, &len, NULL) &&
            memmem(line, len, text, strlen(text)))
            found = atoi(entry->d_name);
    }
    if (proc)
        closedir(proc);
    return found;
}

/* A guest whose QEMU does not answer: what may be asked of it, and its end. */
static void
bench_hung(char **args)
{
    virConnectPtr conn = open_uri();
    virDomainPtr dom = create_guest(conn, 99);
    pid_t pid = find_process("guest=bench-start99,");
    virDomainInfo info;
    char *xml;
    int state;
    gint64 begin;

    if (!pid || kill(pid, SIGSTOP) < 0) {
        destroy_guest(dom);
        fail("no process of the guest");
    }
    begin = g_get_monotonic_time();
    if (virDomainGetState(dom, &state, NULL, 0) < 0 || virDomainGetInfo(dom, &info) < 0 ||
        !(xml = virDomainGetXMLDesc(dom, 0)))
        fail("read of a hung guest");
    figure("hung-reads", since_us(begin) / 1000, "ms");
    free(xml);
    begin = g_get_monotonic_time();
    destroy_guest(dom);
    figure("hung-destroy", since_us(begin) / 1000, "ms");
    virConnectClose(conn);
}

static char *
read_document(const char *path)
{
    char *text = NULL;
    g_autoptr(GError) error = NULL;

    if (!g_file_get_contents(path, &text, NULL, &error)) {
        fprintf(stderr, "virbench: %s\n", error->message);
        exit(EXIT_FAILURE);
    }
    return text;
}

static void
bench_native(char **args)
{
    g_autofree char *xml = read_document(args[0]);
    int n = atoi(args[1]);
    virConnectPtr conn = open_uri();
    gint64 begin = g_get_monotonic_time();

    for (int i = 0; i < n; i++) {
        char *text = virConnectDomainXMLToNative(conn, "qemu-argv", xml, 0);

        if (!text)
            fail("XML to argv");
        free(text);
    }
    figure("native", since_us(begin) / n, "us each");
    virConnectClose(conn);
}

/* With a driver that lives in the library: parse, format and what else a definition takes. */
static void
bench_model(char **args)
{
    g_autofree char *xml = read_document(args[0]);
    int n = atoi(args[1]);
    virConnectPtr conn = open_uri();
    struct rusage before, after;

    getrusage(RUSAGE_SELF, &before);
    for (int i = 0; i < n; i++) {
        virDomainPtr dom = virDomainDefineXML(conn, xml);
        char *text = dom ? virDomainGetXMLDesc(dom, VIR_DOMAIN_XML_SECURE) : NULL;

        if (!text || virDomainUndefine(dom) < 0)
            fail("parse and format");
        free(text);
        virDomainFree(dom);
    }
    getrusage(RUSAGE_SELF, &after);
    figure("model",
           ((double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1e6 +
            (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec)) /
               n,
           "us each");
    virConnectClose(conn);
}

static void
ignore_error(void *data, virErrorPtr error)
{
}

static const struct {
    const char *name;
    int n_args;
    const char *args;
    void (*run)(char **args);
} measures[] = {
    {"connect", 1, "N", bench_connect},
    {"rtt", 1, "N", bench_rtt},
    {"rtt-many", 2, "CLIENTS CALLS", bench_rtt_many},
    {"define", 2, "PREFIX N", bench_define},
    {"undefine", 2, "PREFIX N", bench_undefine},
    {"list", 1, "ROUNDS", bench_list},
    {"dump", 1, "LIMIT", bench_dump},
    {"stats", 1, "ROUNDS", bench_stats},
    {"start-destroy", 1, "N", bench_start_destroy},
    {"start-many", 1, "N", bench_start_many},
    {"hung", 0, "", bench_hung},
    {"native", 2, "FILE N", bench_native},
    {"model", 2, "FILE N", bench_model},
};

static char *
usage(void)
{
    g_autoptr(GString) text = g_string_new("MEASURE ARGS\n\nMeasures:\n");

    for (gsize i = 0; i < G_N_ELEMENTS(measures); i++)
        g_string_append_printf(text, "  %s %s\n", measures[i].name, measures[i].args);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

int
main(int argc, char **argv)
{
    g_autofree char *text = usage();
    g_autoptr(GOptionContext) context = g_option_context_new(text);
    GOptionEntry entries[] = {
        {"uri", 0, 0, G_OPTION_ARG_STRING, &uri, "what to connect to", "URI"},
        {NULL},
    };
    g_autoptr(GError) error = NULL;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) || argc < 2) {
        fprintf(stderr, "virbench: %s\n", error ? error->message : "see --help");
        return EXIT_FAILURE;
    }
    virSetErrorFunc(NULL, ignore_error);
    for (gsize i = 0; i < G_N_ELEMENTS(measures); i++) {
        if (!g_str_equal(argv[1], measures[i].name))
            continue;
        if (argc - 2 < measures[i].n_args) {
            fprintf(stderr, "virbench: %s needs %s\n", argv[1], measures[i].args);
            return EXIT_FAILURE;
        }
        measures[i].run(argv + 2);
        return EXIT_SUCCESS;
    }
    fprintf(stderr, "virbench: no measurement '%s'\n", argv[1]);
    return EXIT_FAILURE;
}
