/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Definitions as text, status files, counters of disks: the pieces of a domain that need no QEMU.
 */
#include "def.h"
#include "persist.h"
#include "process.h"
#include "qemu-conf.h"
#include "stats-cache.h"
#include "vir-error.h"
#include "vir-file.h"

#include <glib/gstdio.h>
#include <libvirt/libvirt.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define UUID "9a1b3c4d-0000-4000-8000-00000000000a"

static const char guest[] =
    "<domain type='qemu' id='7'><name>web</name><uuid>" UUID "</uuid><title>A title</title>"
    "<memory unit='KiB'>131072</memory><currentMemory unit='KiB'>65536</currentMemory>"
    "<vcpu current='2'>4</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os>"
    "<devices><disk type='file' device='disk'><source file='/i.qcow2'/>"
    "<target dev='vda' bus='virtio'/><alias name='virtio-disk0'/></disk>"
    "<graphics type='vnc' port='5900' passwd='opensesame'/></devices></domain>";

static VirDomainDef *
parse(unsigned flags)
{
    g_autoptr(GError) error = NULL;
    VirDomainDef *def =
        vir_xml_parse(&vir_domain_domain_doc, guest, -1, "guest", flags, NULL, &error);

    g_assert_no_error(error);
    return def;
}

static void
test_summary(void)
{
    g_autoptr(VirDomainDef) parsed = parse(0);
    g_autoptr(VirQemuDef) live = vir_qemu_def_new(parsed, TRUE, NULL);
    g_autoptr(VirQemuDef) config = vir_qemu_def_new(parsed, FALSE, NULL);

    g_assert_cmpstr(live->name, ==, "web");
    g_assert_cmpstr(live->title, ==, "A title");
    g_assert_cmpuint(live->max_memory, ==, 131072);
    g_assert_cmpuint(live->memory, ==, 65536);
    g_assert_cmpuint(live->vcpus, ==, 2);
    g_assert_cmpuint(live->max_vcpus, ==, 4);
    g_assert_cmpuint(live->n_disks, ==, 1);
    g_assert_cmpstr(live->disks[0].target, ==, "vda");
    g_assert_cmpstr(live->disks[0].path, ==, "/i.qcow2");
    g_assert_cmpstr(live->disks[0].alias, ==, "virtio-disk0");
    g_assert_null(config->disks[0].alias);
}

static void
test_secrets(void)
{
    g_autoptr(VirDomainDef) parsed = parse(0);
    g_autoptr(VirQemuDef) live = vir_qemu_def_new(parsed, TRUE, NULL);
    g_autofree char *open = vir_qemu_def_xml(live, 0, NULL);
    g_autofree char *secure = vir_qemu_def_xml(live, VIR_DOMAIN_XML_SECURE, NULL);
    g_autofree char *migratable = vir_qemu_def_xml(live, VIR_DOMAIN_XML_MIGRATABLE, NULL);
    g_autofree char *inactive =
        vir_qemu_def_xml(live, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE, NULL);

    g_assert_null(strstr(open, "opensesame"));
    g_assert_null(strstr(migratable, "opensesame"));
    g_assert_nonnull(strstr(secure, "opensesame"));
    g_assert_nonnull(strstr(vir_qemu_def_whole(live), "opensesame"));
    g_assert_nonnull(strstr(open, "id='7'"));
    g_assert_nonnull(strstr(inactive, "opensesame"));
    g_assert_null(strstr(inactive, "id='7'"));
    g_assert_null(strstr(inactive, "virtio-disk0"));
}

static void
test_reopened(void)
{
    g_autoptr(VirDomainDef) parsed = parse(0);
    g_autoptr(VirQemuDef) live = vir_qemu_def_new(parsed, TRUE, NULL);
    g_autoptr(VirDomainDef) again = vir_qemu_def_open(live, NULL);
    g_autofree char *difference = NULL;

    g_assert_true(vir_xml_equal(&vir_domain_domain_doc, parsed, again, 0, &difference));
    g_assert_null(difference);
}

static void
test_reasons(void)
{
    for (int state = VIR_DOMAIN_NOSTATE; state <= VIR_DOMAIN_PMSUSPENDED; state++) {
        for (int reason = 0; strcmp(vir_qemu_reason_name(state, reason), "unknown") || !reason;
             reason++) {
            g_assert_cmpint(vir_qemu_reason_value(state, vir_qemu_reason_name(state, reason)), ==,
                            reason);
        }
    }
    g_assert_cmpint(vir_qemu_reason_value(VIR_DOMAIN_PAUSED, "ioerror"), ==,
                    VIR_DOMAIN_PAUSED_IOERROR);
    g_assert_cmpint(vir_qemu_reason_value(VIR_DOMAIN_PAUSED, "made up"), ==, 0);
    g_assert_cmpint(vir_qemu_reason_value(99, "user"), ==, 0);
    g_assert_cmpstr(vir_qemu_reason_name(VIR_DOMAIN_RUNNING, 1000), ==, "unknown");
}

static char *
file_with(const char *text)
{
    g_autofree char *dir = g_dir_make_tmp("vir-XXXXXX", NULL);
    char *path = g_build_filename(dir, "web.xml", NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

static void
remove_file(const char *path)
{
    g_autofree char *dir = g_path_get_dirname(path);

    g_unlink(path);
    g_rmdir(dir);
}

static void
test_status_of_upstream(void)
{
    g_autofree char *text = g_strdup_printf(
        "<!-- x -->\n<domstatus state='paused' reason='user' pid='4711'>\n"
        "<monitor path='/m.sock' type='unix'/><vcpus><vcpu id='0' pid='4712'/></vcpus>"
        "<qemuCaps><flag name='vnc'/></qemuCaps><libDir path='/lib/domain-7-web'/>"
        "<agentTimeout>-2</agentTimeout>%s</domstatus>",
        guest);
    g_autofree char *path = file_with(text);
    g_autoptr(GError) error = NULL;
    g_autoptr(VirDomstatusStatus) status = vir_qemu_status_read(path, &error);

    g_assert_no_error(error);
    g_assert_cmpint(status->state - 1, ==, VIR_DOMAIN_PAUSED);
    g_assert_cmpstr(status->reason, ==, "user");
    g_assert_cmpint(status->pid, ==, 4711);
    g_assert_false(status->has_process_start);
    g_assert_cmpstr(status->monitor, ==, "/m.sock");
    g_assert_cmpstr(status->lib_dir, ==, "/lib/domain-7-web");
    g_assert_cmpuint(status->n_vcpus, ==, 1);
    g_assert_cmpint(status->vcpus[0]->pid, ==, 4712);
    g_assert_cmpint(status->domain->id, ==, 7);
    remove_file(path);
}

static void
test_broken_status(void)
{
    static const char *const texts[] = {
        "",
        "<domstatus",
        "<domstatus state='running' pid='1'/>",
        "<domstatus state='odd' pid='1'/>",
        "<domstatus state='running' pid='-1'><domain type='qemu' id='1'><name>x</name>"
        "<uuid>" UUID "</uuid><memory>1</memory><os><type>hvm</type></os></domain></domstatus>",
        "<domstatus state='running' pid='1'><domain type='qemu'><name>x</name>"
        "<uuid>" UUID "</uuid><memory>1</memory><os><type>hvm</type></os></domain></domstatus>",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *path = file_with(texts[i]);
        g_autoptr(GError) error = NULL;

        g_assert_null(vir_qemu_status_read(path, &error));
        g_assert_nonnull(error);
        g_assert_nonnull(strstr(error->message, path));
        remove_file(path);
    }
}

static void
test_counters(void)
{
    json_object *stats = json_tokener_parse(
        "[{\"qdev\":\"/machine/peripheral/virtio-disk0/virtio-backend\",\"stats\":"
        "{\"rd_bytes\":1,\"rd_operations\":2,\"wr_bytes\":-3,\"rd_total_time_ns\":4},"
        "\"parent\":{\"stats\":{\"wr_highest_offset\":5}}},"
        "{\"qdev\":\"ide0-0-0\",\"stats\":{\"wr_operations\":6}},{\"stats\":{}},7,{\"qdev\":8}]");
    json_object *blocks = json_tokener_parse(
        "[{\"qdev\":\"ide0-0-0\",\"inserted\":{\"image\":{\"virtual-size\":10,"
        "\"actual-size\":11}}},{\"qdev\":\"other\",\"inserted\":{\"image\":{}}},null]");
    g_autoptr(VirQemuStats) cache = vir_qemu_stats_new(stats, blocks, NULL);
    const VirQemuBlock *first = vir_qemu_stats_block(cache, "virtio-disk0");
    const VirQemuBlock *second = vir_qemu_stats_block(cache, "ide0-0-0");

    g_assert_cmpuint(cache->n_blocks, ==, 2);
    g_assert_cmpuint(first->rd_bytes, ==, 1);
    g_assert_cmpuint(first->rd_ops, ==, 2);
    g_assert_cmpuint(first->wr_bytes, ==, 0);
    g_assert_cmpuint(first->rd_ns, ==, 4);
    g_assert_cmpuint(first->highest, ==, 5);
    g_assert_cmpuint(second->wr_ops, ==, 6);
    g_assert_cmpuint(second->capacity, ==, 10);
    g_assert_cmpuint(second->physical, ==, 11);
    g_assert_null(vir_qemu_stats_block(cache, "sda"));
    g_assert_null(vir_qemu_stats_block(NULL, "sda"));
    json_object_put(stats);
    json_object_put(blocks);
}

static void
test_answers_of_other_shapes(void)
{
    static const char *const texts[] = {"null", "{}", "[]", "\"x\"", "[[]]", "[{\"qdev\":\"\"}]"};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        json_object *answer = json_tokener_parse(texts[i]);
        g_autoptr(VirQemuStats) cache = vir_qemu_stats_new(answer, answer, NULL);

        g_assert_null(vir_qemu_stats_block(cache, "vda"));
        json_object_put(answer);
    }
}

static void
test_start_time(void)
{
    pid_t child = fork();
    guint64 mine = vir_qemu_process_start_time(getpid());

    if (child == 0)
        _exit(0);
    g_assert_cmpuint(mine, >, 0);
    g_assert_cmpuint(vir_qemu_process_start_time(getpid()), ==, mine);
    g_assert_cmpuint(vir_qemu_process_start_time(child), >=, mine);
    waitpid(child, NULL, 0);
    g_assert_cmpuint(vir_qemu_process_start_time(child), ==, 0);
}

static void
test_configuration(void)
{
    VirQemuConf conf = {0};
    g_autofree char *good = file_with("monitor_timeout = 5\nvnc_listen = \"::1\"\n");
    g_autofree char *bad = file_with("remote_display_port_min = 6000\n"
                                     "remote_display_port_max = 5999\n");
    g_autoptr(GError) error = NULL;

    g_assert_true(vir_qemu_conf_load(&conf, "/no/such/file", NULL));
    g_assert_cmpint(conf.monitor_timeout_ms, ==, 30000);
    g_assert_cmpstr(conf.vnc_listen, ==, "127.0.0.1");
    vir_qemu_conf_clear(&conf);
    g_assert_true(vir_qemu_conf_load(&conf, good, NULL));
    g_assert_cmpint(conf.monitor_timeout_ms, ==, 5000);
    g_assert_cmpstr(conf.vnc_listen, ==, "::1");
    vir_qemu_conf_clear(&conf);
    g_assert_false(vir_qemu_conf_load(&conf, bad, &error));
    g_assert_nonnull(strstr(error->message, bad));
    vir_qemu_conf_clear(&conf);
    remove_file(good);
    remove_file(bad);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/domain/def/summary", test_summary);
    g_test_add_func("/domain/def/secrets", test_secrets);
    g_test_add_func("/domain/def/reopened", test_reopened);
    g_test_add_func("/domain/status/reasons", test_reasons);
    g_test_add_func("/domain/status/upstream", test_status_of_upstream);
    g_test_add_func("/domain/status/broken", test_broken_status);
    g_test_add_func("/domain/stats/counters", test_counters);
    g_test_add_func("/domain/stats/shapes", test_answers_of_other_shapes);
    g_test_add_func("/domain/process/start-time", test_start_time);
    g_test_add_func("/domain/conf", test_configuration);
    return g_test_run();
}
