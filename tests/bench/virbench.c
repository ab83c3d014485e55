/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Measures a daemon through the public API. Each line that is printed is one figure:
 * NAME <tab> VALUE <tab> UNIT. The program is linked to the library by its soname only, so
 * LD_LIBRARY_PATH says whose library is measured along.
 */
#include <glib.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdio.h>
#include <stdlib.h>

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
bench_connect(int n)
{
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
bench_rtt(int n)
{
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

static void
bench_rtt_many(int clients, int calls)
{
    g_autofree Caller *callers = g_new0(Caller, clients);
    g_autofree GThread **threads = g_new0(GThread *, clients);
    g_autofree char *name = g_strdup_printf("rtt-%d", clients);
    gint64 begin;

    for (int i = 0; i < clients; i++)
        callers[i] = (Caller){open_uri(), calls / clients};
    begin = g_get_monotonic_time();
    for (int i = 0; i < clients; i++)
        threads[i] = g_thread_new("caller", caller_thread, &callers[i]);
    for (int i = 0; i < clients; i++)
        g_thread_join(threads[i]);
    figure(name, (double)(calls / clients * clients) / since_us(begin) * 1e6, "calls/s");
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
bench_define(const char *prefix, int n)
{
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
bench_undefine(const char *prefix, int n)
{
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
bench_list(int rounds)
{
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
bench_dump(int limit)
{
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
bench_stats(int rounds)
{
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

static void
bench_start_destroy(int n)
{
    virConnectPtr conn = open_uri();
    g_autofree double *starts = g_new(double, n);
    g_autofree double *stops = g_new(double, n);
    static const char xml[] =
        "<domain type='qemu'><name>bench-start</name><memory>32768</memory><vcpu>1</vcpu>"
        "<os><type arch='x86_64' machine='pc'>hvm</type></os><devices>"
        "<emulator>/usr/bin/qemu-system-x86_64</emulator>"
        "<controller type='usb' model='none'/><serial type='pty'/>"
        "<memballoon model='virtio'/></devices></domain>";

    for (int i = 0; i < n; i++) {
        gint64 start = g_get_monotonic_time();
        virDomainPtr dom = virDomainCreateXML(conn, xml, 0);

        if (!dom)
            fail("start");
        starts[i] = since_us(start);
        start = g_get_monotonic_time();
        if (virDomainDestroy(dom) < 0)
            fail("destroy");
        stops[i] = since_us(start);
        virDomainFree(dom);
    }
    percentiles("start", starts, n);
    percentiles("destroy", stops, n);
    virConnectClose(conn);
}

static void
ignore_error(void *data, virErrorPtr error)
{
}

int
main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new(
        "connect N | rtt N | rtt-many CLIENTS CALLS | define PREFIX N | undefine PREFIX N |\n"
        "  list ROUNDS | dump LIMIT | stats ROUNDS | start-destroy N");
    GOptionEntry entries[] = {
        {"uri", 0, 0, G_OPTION_ARG_STRING, &uri, "what to connect to", "URI"},
        {NULL},
    };
    g_autoptr(GError) error = NULL;
    const char *what, *first, *second;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) || argc < 3) {
        fprintf(stderr, "virbench: %s\n", error ? error->message : "see --help");
        return EXIT_FAILURE;
    }
    what = argv[1];
    first = argv[2];
    second = argc > 3 ? argv[3] : "0";
    virSetErrorFunc(NULL, ignore_error);
    if (g_str_equal(what, "connect"))
        bench_connect(atoi(first));
    else if (g_str_equal(what, "rtt"))
        bench_rtt(atoi(first));
    else if (g_str_equal(what, "rtt-many"))
        bench_rtt_many(atoi(first), atoi(second));
    else if (g_str_equal(what, "define"))
        bench_define(first, atoi(second));
    else if (g_str_equal(what, "undefine"))
        bench_undefine(first, atoi(second));
    else if (g_str_equal(what, "list"))
        bench_list(atoi(first));
    else if (g_str_equal(what, "dump"))
        bench_dump(atoi(first));
    else if (g_str_equal(what, "stats"))
        bench_stats(atoi(first));
    else if (g_str_equal(what, "start-destroy"))
        bench_start_destroy(atoi(first));
    else {
        fprintf(stderr, "virbench: no measurement '%s'\n", what);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
