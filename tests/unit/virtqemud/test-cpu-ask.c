/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vir-error.h"
#include "vir-qemu-cpu-ask.h"

/* What a QEMU that is played is asked, and what it says. */
typedef struct {
    const char *question, *answer; /* {"execute", "arguments"}; a reply, NULL: it refuses */
} Exchange;

static gboolean
play(VirProbeQuery *queries, gsize n, void *opaque, GError **error)
{
    Exchange **next = opaque;
    json_object *question = json_object_new_object();

    g_assert_cmpuint(n, ==, 1);
    g_assert_nonnull((*next)->question);
    json_object_object_add(question, queries->command, json_object_get(queries->args));
    g_assert_cmpstr(json_object_to_json_string_ext(question, 0), ==, (*next)->question);
    json_object_put(question);
    queries->reply = (*next)->answer ? json_tokener_parse((*next)->answer) : NULL;
    (*next)++;
    return queries->reply || vir_error_set(error, VIR_ERR_OPERATION_FAILED, "refused");
}

static VirCpu *
parse_cpu(const char *text)
{
    g_autoptr(GError) error = NULL;
    VirCpu *cpu = vir_cpu_parse(text, -1, "CPU", FALSE, &error);

    g_assert_no_error(error);
    return cpu;
}

static void
test_compare(void)
{
    static const struct {
        const char *answer;
        VirCpuResult result;
        const char *why;
    } cases[] = {
        {"{\"result\":\"identical\",\"responsible-properties\":[]}", VIR_CPU_IDENTICAL, NULL},
        {"{\"result\":\"superset\",\"responsible-properties\":[\"x\"]}", VIR_CPU_SUPERSET, NULL},
        {"{\"result\":\"subset\",\"responsible-properties\":[\"vx\",\"te\"]}", VIR_CPU_INCOMPATIBLE,
         "QEMU finds a difference in vx, te"},
        {"{\"result\":\"incompatible\"}", VIR_CPU_INCOMPATIBLE, "QEMU finds a difference in "},
        {"{\"result\":\"other\"}", VIR_CPU_ERROR, NULL},
        {"{\"result\":1}", VIR_CPU_ERROR, NULL},
        {NULL, VIR_CPU_ERROR, NULL},
    };
    g_autoptr(VirCpu) host = parse_cpu("<cpu><model>z14</model></cpu>");
    g_autoptr(VirCpu) cpu = parse_cpu(
        "<cpu><model>z13</model><feature policy='require' name='a'/><feature policy='disable' "
        "name='b'/><feature policy='optional' name='c'/><feature policy='force' name='d'/><feature "
        "policy='forbid' name='e'/></cpu>");

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Exchange talk[] = {
            {"{\"query-cpu-model-comparison\":{\"modela\":{\"name\":\"z14\",\"props\":{}},"
             "\"modelb\":"
             "{\"name\":\"z13\",\"props\":{\"a\":true,\"b\":false,\"d\":true,\"e\":false}}}}",
             cases[i].answer},
            {NULL, NULL},
        };
        Exchange *next = talk;
        VirProbePeer peer = {play, &next, FALSE};
        g_autoptr(GError) error = NULL;
        g_autofree char *why = NULL;

        g_assert_cmpint(vir_qemu_cpu_compare(&peer, host, cpu, &why, &error), ==, cases[i].result);
        g_assert_true((cases[i].result == VIR_CPU_ERROR) == (error != NULL));
        g_assert_cmpstr(why, ==, cases[i].why);
    }
}

static void
test_baseline(void)
{
    Exchange one[] = {
        {"{\"query-cpu-model-expansion\":{\"type\":\"static\",\"model\":{\"name\":\"z13\","
         "\"props\":"
         "{}}}}",
         "{\"model\":{\"name\":\"z13-base\",\"props\":{\"vx\":true,\"te\":false,\"n\":3,\"aen\":"
         "true}}}"},
        {NULL, NULL},
    };
    Exchange two[] = {
        {"{\"query-cpu-model-baseline\":{\"modela\":{\"name\":\"z13\",\"props\":{}},\"modelb\":{"
         "\"name\":\"z14\",\"props\":{}}}}",
         "{\"model\":{\"name\":\"m\",\"props\":{\"vx\":true}}}"},
        {"{\"query-cpu-model-expansion\":{\"type\":\"full\",\"model\":{\"name\":\"m\",\"props\":{"
         "\"vx\":"
         "true}}}}",
         "{\"model\":{\"name\":\"m\",\"props\":{\"vx\":true,\"aen\":true}}}"},
        {NULL, NULL},
    };
    Exchange bad[] = {
        {one[0].question, "{\"model\":3}"},
        {NULL, NULL},
    };
    const struct {
        Exchange *talk;
        guint n;
        gboolean expand;
        const char *text;
    } cases[] = {
        {one, 1, FALSE,
         "<cpu>\n  <model>z13-base</model>\n  <feature name='vx'/>\n  <feature name='aen'/>\n"
         "</cpu>\n"},
        {two, 2, TRUE,
         "<cpu>\n  <model>m</model>\n  <feature name='aen'/>\n  <feature name='vx'/>\n</cpu>\n"},
        {bad, 1, FALSE, NULL},
    };
    g_autoptr(VirCpu) first = parse_cpu("<cpu><model>z13</model></cpu>");
    g_autoptr(VirCpu) second = parse_cpu("<cpu><model>z14</model></cpu>");

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) cpus = g_ptr_array_new();
        Exchange *next = cases[i].talk;
        VirProbePeer peer = {play, &next, FALSE};
        g_autoptr(GError) error = NULL;
        g_autoptr(VirCpu) cpu = NULL;
        g_autofree char *text = NULL;

        g_ptr_array_add(cpus, first);
        if (cases[i].n > 1)
            g_ptr_array_add(cpus, second);
        cpu = vir_qemu_cpu_baseline(&peer, cpus, cases[i].expand, &error);
        g_assert_true((cpu == NULL) == (error != NULL));
        text = cpu ? vir_cpu_format(cpu, &error) : NULL;
        g_assert_cmpstr(text, ==, cases[i].text);
        g_assert_null(next->question);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cpu-ask/compare", test_compare);
    g_test_add_func("/cpu-ask/baseline", test_baseline);
    return g_test_run();
}
