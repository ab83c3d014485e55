/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-cpu.h"
#include "vir-error.h"
#include "vir-file.h"

#include <string.h>

static char *
read_data(const char *name, gsize *len)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "unit", "cpu", "data", name, NULL);
    char *text = vir_file_read(path, 1024 * 1024, len, &error);

    g_assert_no_error(error);
    return text;
}

static VirCpu *
load(const char *name)
{
    g_autoptr(GError) error = NULL;
    gsize len;
    g_autofree char *text = read_data(name, &len);
    VirCpu *cpu = vir_cpu_parse(text, (gssize)len, name, FALSE, &error);

    g_assert_no_error(error);
    return cpu;
}

static VirCpu *
guest(const char *text)
{
    g_autoptr(GError) error = NULL;
    VirCpu *cpu = vir_cpu_parse(text, -1, "guest", FALSE, &error);

    g_assert_no_error(error);
    return cpu;
}

static VirCpuData
load_data(const char *name)
{
    g_autoptr(GError) error = NULL;
    gsize len;
    g_autofree char *text = read_data(name, &len);
    VirCpuData data;

    g_assert_true(vir_cpu_data_parse(text, (gssize)len, name, &data, &error));
    g_assert_no_error(error);
    return data;
}

static gboolean
has(const VirCpuData *data, const char *name)
{
    return vir_cpu_set_has(&data->features,
                           (guint)vir_cpu_feature_find(VIR_CPU_ARCH_X86, name, TRUE));
}

static void
test_cpuid(void)
{
    g_autoptr(GError) error = NULL;
    VirCpuData data = load_data("cpuid.xml");
    g_autoptr(VirCpu) cpu = NULL;

    g_assert_cmpuint(data.signature.family, ==, 6);
    g_assert_cmpuint(data.signature.model, ==, 58);
    g_assert_cmpuint(data.signature.stepping, ==, 9);
    g_assert_cmphex(vir_cpu_signature_value(&data.signature), ==, 0x306a9);
    g_assert_cmpstr(vir_cpu_vendors[data.vendor].name, ==, "Intel");
    g_assert_true(has(&data, "sse2"));
    g_assert_true(has(&data, "pni"));
    g_assert_true(has(&data, "sse3"));
    g_assert_false(has(&data, "vmx"));

    /* a host's model has nothing that the host has not */
    cpu = vir_cpu_decode("x86_64", &data, TRUE, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(vir_cpu_has_feature(cpu, "lm", NULL), ==, 0);
    g_assert_cmpint(vir_cpu_has_feature(cpu, "sse2", NULL), ==, 1);
    g_assert_cmpuint(cpu->signature.model, ==, 58);
}

/* A guest's model has the processor's signature even where much of it is missing. */
static void
test_signature_first(void)
{
    g_autoptr(GError) error = NULL;
    VirCpuData data = load_data("cpuid.xml");
    g_autoptr(VirCpu) cpu = vir_cpu_decode("x86_64", &data, FALSE, NULL, NULL, &error);

    g_assert_no_error(error);
    g_assert_true(g_str_has_prefix(cpu->def->model, "IvyBridge"));
    g_assert_cmpint(vir_cpu_has_feature(cpu, "avx", NULL), ==, 0);
}

static void
test_broken_tsx(void)
{
    g_autoptr(GError) error = NULL;
    VirCpuData data = load_data("haswell.xml");
    g_autoptr(VirCpu) cpu = NULL;

    g_assert_true(has(&data, "rtm"));
    cpu = vir_cpu_decode("x86_64", &data, TRUE, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(vir_cpu_has_feature(cpu, "rtm", NULL), ==, 0);
}

static void
test_json(void)
{
    g_autoptr(GError) error = NULL;
    gsize len;
    g_autofree char *text = read_data("expansion.json", &len);
    g_autoptr(GPtrArray) models = vir_cpu_usable_from_json(text, len, &error);
    g_autoptr(VirCpu) cpu = NULL;
    VirCpuData data;

    g_assert_no_error(error);
    g_assert_cmpuint(models->len, ==, 1);
    g_assert_true(vir_cpu_data_from_json(text, len, &data, &error));
    g_assert_true(has(&data, "sse4.1"));
    g_assert_false(has(&data, "x2apic"));
    cpu = vir_cpu_decode("x86_64", &data, FALSE, models, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(cpu->def->model, ==, "IvyBridge");

    g_assert_false(vir_cpu_data_from_json("{\"return\": 3", 12, &data, &error));
    g_assert_nonnull(error);
    g_clear_error(&error);
    g_assert_false(vir_cpu_data_from_json("[]", 2, &data, &error));
    g_assert_error(error, error->domain, VIR_ERR_INVALID_ARG);
}

static void
test_compare(void)
{
    static const struct {
        const char *text;
        VirCpuResult result;
    } cases[] = {
        {"<cpu match='exact'><model>IvyBridge</model></cpu>", VIR_CPU_SUPERSET},
        {"<cpu match='strict'><model>IvyBridge</model></cpu>", VIR_CPU_INCOMPATIBLE},
        {"<cpu match='strict'><model>IvyBridge</model><feature policy='require' name='vmx'/>"
         "<feature policy='optional' name='invtsc'/></cpu>",
         VIR_CPU_IDENTICAL},
        {"<cpu><model>IvyBridge</model><feature policy='forbid' name='vmx'/></cpu>",
         VIR_CPU_INCOMPATIBLE},
        {"<cpu><model>Haswell</model></cpu>", VIR_CPU_INCOMPATIBLE},
        {"<cpu><model>SandyBridge</model><vendor>AMD</vendor></cpu>", VIR_CPU_INCOMPATIBLE},
        {"<cpu><model>nothing</model></cpu>", VIR_CPU_ERROR},
        {"<cpu><model>IvyBridge</model><feature policy='require' name='nothing'/></cpu>",
         VIR_CPU_ERROR},
        {"<cpu><arch>s390x</arch><model>z14</model></cpu>", VIR_CPU_INCOMPATIBLE},
        {"<cpu mode='host-passthrough'/>", VIR_CPU_SUPERSET},
        {"<cpu mode='host-model'><model>Haswell</model></cpu>", VIR_CPU_INCOMPATIBLE},
    };
    g_autoptr(VirCpu) host = load("host.xml");

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *why = NULL;
        g_autoptr(VirCpu) cpu = guest(cases[i].text);

        g_assert_cmpint(vir_cpu_compare(host, cpu, &why, &error), ==, cases[i].result);
        g_assert_true((error != NULL) == (cases[i].result == VIR_CPU_ERROR));
        g_assert_true((why != NULL) == (cases[i].result == VIR_CPU_INCOMPATIBLE));
    }
}

static void
test_power(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirCpu) host = load("power.xml");
    g_autoptr(VirCpu) unknown = vir_cpu_new("ppc64le", TRUE);
    g_autofree char *why = NULL;
    g_autoptr(VirCpu) same = guest("<cpu><model>POWER9_v2.0</model></cpu>");
    g_autoptr(VirCpu) mode = guest("<cpu mode='host-model'><model>power8</model></cpu>");
    g_autoptr(VirCpu) later = guest("<cpu mode='host-model'><model>power10</model></cpu>");

    g_assert_cmpint(vir_cpu_compare(host, same, NULL, &error), ==, VIR_CPU_IDENTICAL);
    g_assert_cmpint(vir_cpu_compare(host, mode, NULL, &error), ==, VIR_CPU_IDENTICAL);
    g_assert_cmpint(vir_cpu_compare(host, later, NULL, &error), ==, VIR_CPU_INCOMPATIBLE);
    g_assert_cmpint(vir_cpu_compare(unknown, same, &why, &error), ==, VIR_CPU_INCOMPATIBLE);
    g_assert_nonnull(why);
    g_assert_no_error(error);
}

#define HOST(model, more) "<cpu><arch>x86_64</arch><model>" model "</model>" more "</cpu>"

static VirCpu *
baseline_of(const char *const *texts, const GPtrArray *models, const VirCpuSet *without,
            unsigned flags)
{
    g_autoptr(GPtrArray) cpus = g_ptr_array_new_with_free_func((GDestroyNotify)vir_cpu_free);

    for (; *texts; texts++) {
        VirCpu *cpu = vir_cpu_parse(*texts, -1, "host", TRUE, NULL);

        g_assert_nonnull(cpu);
        g_ptr_array_add(cpus, cpu);
    }
    return vir_cpu_baseline(cpus, models, without, flags, NULL);
}

static void
check_baseline(VirCpu *given, const char *model, int fallback, const char *vendor)
{
    g_autoptr(VirCpu) cpu = given;

    g_assert_cmpstr(cpu ? cpu->def->model : NULL, ==, model);
    if (!cpu)
        return;
    g_assert_cmpint(cpu->def->model_fallback, ==, fallback);
    g_assert_cmpstr(cpu->def->vendor, ==, vendor);
}

/* The first one is of the vendor that it names, the others also of that of their model. */
static void
test_baseline_vendors(void)
{
    const int forbid = VIR_DOMAIN_CPU_MODEL_FALLBACK_FORBID;
    const int allow = VIR_DOMAIN_CPU_MODEL_FALLBACK_ALLOW;
    static const char amd[] = HOST("Penryn", "<vendor>AMD</vendor>");
    static const char intel[] = HOST("Penryn", "<vendor>Intel</vendor>");
    static const char opteron[] = HOST("Opteron_G3", "");
    static const char v1[] = HOST("IvyBridge-v1", "");
    static const char rdtscp[] = HOST("Penryn", "<feature name='rdtscp'/><feature name='aes'/>");
    g_autoptr(VirCpu) cpu = NULL;
    VirCpuSet aes = {0};

    check_baseline(baseline_of((const char *[]){intel, intel, NULL}, NULL, NULL, 0), "Penryn",
                   forbid, "Intel");
    check_baseline(baseline_of((const char *[]){amd, NULL}, NULL, NULL, 0), "kvm64", allow, "AMD");
    check_baseline(baseline_of((const char *[]){intel, amd, NULL}, NULL, NULL, 0), NULL, 0, NULL);
    check_baseline(baseline_of((const char *[]){intel, opteron, NULL}, NULL, NULL, 0), NULL, 0,
                   NULL);
    check_baseline(baseline_of((const char *[]){v1, NULL}, NULL, NULL, 0), "IvyBridge", allow,
                   NULL);
    vir_cpu_set_put(&aes, (guint)vir_cpu_feature_find(VIR_CPU_ARCH_X86, "aes", FALSE), TRUE);
    cpu = baseline_of((const char *[]){rdtscp, NULL}, NULL, &aes, 0);
    g_assert_cmpuint(cpu->def->n_features, ==, 1);
    g_assert_cmpstr(cpu->def->features[0]->name, ==, "rdtscp");
}

static GPtrArray *
usable(const char *name, const char *other, const char *other_blocker)
{
    GPtrArray *models = g_ptr_array_new_with_free_func((GDestroyNotify)vir_cpu_usable_free);
    VirCpuUsable *model = g_new0(VirCpuUsable, 1);

    model->name = g_strdup(name);
    g_ptr_array_add(models, model);
    model = g_new0(VirCpuUsable, 1);
    model->name = g_strdup(other);
    model->blockers = g_strsplit(other_blocker, " ", -1);
    g_ptr_array_add(models, model);
    return models;
}

/* Which model is chosen, and what is said of it. */
static void
test_baseline_choice(void)
{
    static const char v2[] = HOST("Nehalem-v2", "");
    static const char newer[] = HOST("Denverton-v2", "");
    static const char aes[] = HOST("Nehalem", "<feature name='aes'/><feature name='pclmuldq'/>");
    static const char many[] =
        HOST("Nehalem", "<feature name='xsave'/><feature name='tsc-deadline'/>"
                        "<feature name='aes'/><feature name='x2apic'/><feature name='rdtscp'/>");
    static const char denverton[] = HOST("Denverton", "");
    static const char ivybridge[] = HOST("IvyBridge", "");
    static const char pku[] = HOST("Skylake-Server", "<feature name='pku'/>");
    g_autoptr(GPtrArray) nehalem = usable("Nehalem", "Nehalem-IBRS", "spec-ctrl");
    g_autoptr(GPtrArray) skylake = usable("Penryn", "Skylake-Server", "pku hle");
    g_autoptr(VirCpu) added = NULL;
    g_autoptr(VirCpu) kept = NULL;

    /* models of versions that have no name of their own do not describe a guest */
    check_baseline(baseline_of((const char *[]){v2, NULL}, NULL, NULL, 0), "Nehalem-IBRS",
                   VIR_DOMAIN_CPU_MODEL_FALLBACK_ALLOW, NULL);
    check_baseline(baseline_of((const char *[]){newer, NULL}, NULL, NULL, 0), "Denverton",
                   VIR_DOMAIN_CPU_MODEL_FALLBACK_ALLOW, NULL);
    /* a newer model where nothing of it is missing … */
    check_baseline(baseline_of((const char *[]){aes, denverton, NULL}, NULL, NULL, 0), "Westmere",
                   VIR_DOMAIN_CPU_MODEL_FALLBACK_ALLOW, NULL);
    /* … but for a shorter list, nothing is switched off that an asked model can do without */
    check_baseline(baseline_of((const char *[]){many, ivybridge, NULL}, NULL, NULL, 0), "Nehalem",
                   VIR_DOMAIN_CPU_MODEL_FALLBACK_ALLOW, NULL);
    added = baseline_of((const char *[]){v2, NULL}, nehalem, NULL, 0);
    g_assert_cmpstr(added->def->model, ==, "Nehalem");
    g_assert_cmpuint(added->def->n_features, ==, 1);
    g_assert_cmpint(added->def->features[0]->policy, ==, VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE);
    /* what is asked for by name stays, what the model alone has does not */
    kept = baseline_of((const char *[]){pku, NULL}, skylake, NULL, 0);
    g_assert_cmpstr(kept->def->model, ==, "Skylake-Server");
    g_assert_cmpuint(kept->def->n_features, ==, 3); /* and mpx, which the model had once */
    g_assert_cmpint(vir_cpu_get_feature(kept, "pku")->policy, ==,
                    VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE);
    g_assert_cmpint(vir_cpu_get_feature(kept, "hle")->policy, ==,
                    VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE);
}

/* What a document of a processor may not say. */
static void
test_documents(void)
{
    static const struct {
        const char *text;
        gboolean is_host;
        int code; /* 0: it is fine */
    } cases[] = {
        {HOST("Penryn", "<feature name='vme'/>"), FALSE, 0},
        {HOST("Penryn", "<feature name='vme'/><feature name='vme'/>"), FALSE, VIR_ERR_XML_ERROR},
        {"<cpu><model>Penryn</model></cpu>", FALSE, 0},
        {"<cpu><model>Penryn</model></cpu>", TRUE, VIR_ERR_XML_ERROR},
        {"<cpu mode='custom'><arch>x86_64</arch><model>Penryn</model></cpu>", FALSE,
         VIR_ERR_CONFIG_UNSUPPORTED},
        {"<cpu match='exact'><arch>x86_64</arch><model>Penryn</model></cpu>", FALSE,
         VIR_ERR_XML_ERROR},
        {"<cpu match='exact'><arch>x86_64</arch><model>Penryn</model></cpu>", TRUE, 0},
        {"<cpu><arch>vax</arch><model>Penryn</model></cpu>", FALSE, VIR_ERR_CONFIG_UNSUPPORTED},
        {"<cpu><arch>x86_64</arch></cpu>", FALSE, VIR_ERR_XML_ERROR},
        {"<cpu><vendor>Intel</vendor></cpu>", FALSE, VIR_ERR_XML_ERROR},
        {"<cpu><feature name='vme'/></cpu>", FALSE, VIR_ERR_XML_ERROR},
        {"<cpu mode='host-model'><feature name='vme'/></cpu>", FALSE, 0},
        {"<cpu mode='host-model' migratable='on'/>", FALSE, VIR_ERR_CONFIG_UNSUPPORTED},
        {"<cpu mode='maximum' migratable='on'/>", FALSE, 0},
        {"<cpu><model>Penryn</model><topology sockets='1' threads='1'/></cpu>", FALSE,
         VIR_ERR_XML_ERROR},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VirCpu) cpu =
            vir_cpu_parse(cases[i].text, -1, "document", cases[i].is_host, &error);

        g_test_message("%s", cases[i].text);
        g_assert_true((cpu != NULL) == (cases[i].code == 0));
        g_assert_true((error ? error->code : 0) == cases[i].code);
    }
}

/* A hypervisor is asked for features, not for who makes them. */
/* Where a processor is but a name: hosts are told apart, guests are left to the hypervisor. */
static void
test_names_only(void)
{
#define ARM(model, more) "<cpu><arch>aarch64</arch><model>" model "</model>" more "</cpu>"
    static const struct {
        const char *host;
        const char *cpu;
        VirCpuResult result;
    } cases[] = {
        {ARM("cortex-a53", ""), ARM("cortex-a53", ""), VIR_CPU_IDENTICAL},
        {ARM("cortex-a53", "<feature name='fp'/>"), ARM("cortex-a53", ""), VIR_CPU_SUPERSET},
        {ARM("cortex-a53", ""), ARM("cortex-a53", "<feature name='fp'/>"), VIR_CPU_INCOMPATIBLE},
        {ARM("cortex-a53", ""), ARM("cortex-a57", ""), VIR_CPU_INCOMPATIBLE},
        {ARM("cortex-a53", ""), ARM("cortex-a53", "<vendor>ARM</vendor>"), VIR_CPU_INCOMPATIBLE},
        {ARM("cortex-a53", ""), "<cpu><model>cortex-a57</model></cpu>", VIR_CPU_IDENTICAL},
        {"<cpu><arch>riscv64</arch><model>rv64</model></cpu>", ARM("cortex-a53", ""),
         VIR_CPU_IDENTICAL},
        {"<cpu><arch>sparc</arch><model>x</model></cpu>", ARM("cortex-a53", ""), VIR_CPU_ERROR},
        {HOST("Penryn", ""), ARM("Penryn", ""), VIR_CPU_INCOMPATIBLE},
    };
    static const char arm[] = ARM("cortex-a53", "<vendor>whoever</vendor>");
    static const char z13[] = "<cpu><arch>s390x</arch><model>z13</model></cpu>";
    g_autoptr(VirCpu) same = baseline_of((const char *[]){arm, arm, NULL}, NULL, NULL, 0);

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VirCpu) host = vir_cpu_parse(cases[i].host, -1, "host", TRUE, NULL);
        g_autoptr(VirCpu) cpu = vir_cpu_parse(cases[i].cpu, -1, "cpu", FALSE, NULL);
        g_autofree char *why = NULL;

        g_test_message("%s %s", cases[i].host, cases[i].cpu);
        g_assert_cmpint(vir_cpu_compare(host, cpu, &why, NULL), ==, cases[i].result);
        g_assert_true((why != NULL) == (cases[i].result == VIR_CPU_INCOMPATIBLE));
    }
    g_assert_cmpstr(same->def->model, ==, "cortex-a53");
    g_assert_null(baseline_of((const char *[]){z13, arm, NULL}, NULL, NULL, 0));
#undef ARM
}

/* A hypervisor that has the processor of host.xml to give, and models of its own. */
static void
test_played(void)
{
    static const struct {
        const char *text;
        VirCpuResult result;
    } cases[] = {
        /* a model of ours: as on the host itself */
        {"<cpu><model>SandyBridge</model></cpu>", VIR_CPU_SUPERSET},
        {"<cpu><model>SandyBridge</model><vendor>AMD</vendor></cpu>", VIR_CPU_INCOMPATIBLE},
        {"<cpu match='strict'><model>SandyBridge</model></cpu>", VIR_CPU_INCOMPATIBLE},
        {"<cpu><model>Haswell</model></cpu>", VIR_CPU_INCOMPATIBLE},
        {"<cpu><model>IvyBridge</model><feature policy='forbid' name='aes'/></cpu>",
         VIR_CPU_INCOMPATIBLE},
        {"<cpu><model>nothing</model></cpu>", VIR_CPU_ERROR},
        {"<cpu><model>nothing</model><vendor>AMD</vendor></cpu>", VIR_CPU_INCOMPATIBLE},
        /* what the hypervisor says that it has, it has, with less of it as well */
        {"<cpu match='strict'><model>max</model><vendor>AMD</vendor></cpu>", VIR_CPU_SUPERSET},
        {"<cpu><model>max</model><feature policy='disable' name='nothing'/></cpu>",
         VIR_CPU_SUPERSET},
        {"<cpu><model>max</model><feature policy='require' name='aes'/></cpu>", VIR_CPU_ERROR},
        {"<cpu match='strict'><model>Penryn</model><vendor>AMD</vendor></cpu>", VIR_CPU_SUPERSET},
        {"<cpu><model>Penryn</model><feature policy='require' name='hle'/></cpu>",
         VIR_CPU_INCOMPATIBLE},
        /* a version: without what is not available, and with what is named */
        {"<cpu><model>Penryn-v1</model></cpu>", VIR_CPU_INCOMPATIBLE},
        {"<cpu><model>Penryn-v1</model><feature policy='disable' name='pcid'/>"
         "<feature policy='require' name='aes'/><feature policy='optional' name='nothing'/></cpu>",
         VIR_CPU_SUPERSET},
        {"<cpu><model>Penryn-v1</model><feature policy='disable' name='pcid'/>"
         "<feature policy='require' name='hle'/></cpu>",
         VIR_CPU_INCOMPATIBLE},
        {"<cpu><arch>x86_64</arch><model>Penryn-v1</model><feature name='pcid'/></cpu>",
         VIR_CPU_INCOMPATIBLE},
    };
    char *pcid[] = {(char *)"pcid", NULL};
    VirCpuUsable own[] = {{.name = (char *)"max"},
                          {.name = (char *)"Penryn"},
                          {.name = (char *)"Penryn-v1", .blockers = pcid}};
    g_autoptr(GPtrArray) models = g_ptr_array_new();
    g_autoptr(VirCpu) host = load("host.xml");

    for (guint i = 0; i < G_N_ELEMENTS(own); i++)
        g_ptr_array_add(models, &own[i]);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *why = NULL;
        g_autoptr(VirCpu) cpu = vir_cpu_parse(cases[i].text, -1, "case", FALSE, NULL);

        g_test_message("%s", cases[i].text);
        g_assert_nonnull(cpu);
        g_assert_cmpint(vir_cpu_compare_played(host, cpu, models, &why, &error), ==,
                        cases[i].result);
        g_assert_true((why != NULL) == (cases[i].result == VIR_CPU_INCOMPATIBLE));
    }
}

static void
test_baseline(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) cpus = g_ptr_array_new_with_free_func((GDestroyNotify)vir_cpu_free);
    g_autoptr(VirCpu) cpu = NULL;
    g_autoptr(VirCpu) all = NULL;

    g_assert_null(vir_cpu_baseline(cpus, NULL, NULL, 0, &error));
    g_assert_nonnull(error);
    g_clear_error(&error);
    g_ptr_array_add(cpus, load("host.xml"));
    g_ptr_array_add(cpus, load("older.xml"));
    cpu = vir_cpu_baseline(cpus, NULL, NULL, 0, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(cpu->def->model, ==, "SandyBridge");
    g_assert_cmpuint(cpu->def->n_features, ==, 1);
    g_assert_cmpstr(cpu->def->features[0]->name, ==, "vmx");

    all = vir_cpu_baseline(cpus, NULL, NULL, VIR_CPU_BASELINE_EXPAND, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(all->def->n_features, >, 1);
    g_assert_cmpstr(all->def->features[0]->name, ==, "aes");
    g_ptr_array_add(cpus, load("power.xml"));
    g_assert_null(vir_cpu_baseline(cpus, NULL, NULL, 0, &error));
    g_assert_error(error, error->domain, VIR_ERR_OPERATION_FAILED);
}

static void
test_update(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirCpu) host = load("host.xml");
    g_autoptr(VirCpu) cpu = load("host-model.xml");
    g_autofree char *text = NULL;

    g_assert_true(vir_cpu_update(cpu, host, &error));
    text = vir_cpu_format(cpu, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(text, ==,
                    "<cpu mode='custom' match='exact'>\n"
                    "  <model fallback='forbid'>IvyBridge</model>\n"
                    "  <vendor>Intel</vendor>\n"
                    "  <feature policy='require' name='vmx'/>\n"
                    "</cpu>\n");
}

/* Of what a model lost its later names say nothing. */
static void
test_update_lost(void)
{
    static const char *const docs[] = {"skylake.xml", "skylake-v1.xml"};

    for (gsize i = 0; i < G_N_ELEMENTS(docs); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VirCpu) host = load("host.xml");
        g_autoptr(VirCpu) cpu = load(docs[i]);
        g_autofree char *text = NULL;

        g_assert_true(vir_cpu_update(cpu, host, &error));
        text = vir_cpu_format(cpu, &error);
        g_assert_no_error(error);
        g_assert_cmpint(strstr(text, "'mpx'") != NULL, ==, i == 0);
    }
}

/* A host that is known by names keeps what it says it lacks. */
static void
test_update_lacking(void)
{
    static const char doc[] = "<cpu><arch>s390x</arch><model>gen15a-base</model>"
                              "<feature name='vx'/><feature name='dfp'/></cpu>";
    g_autoptr(GError) error = NULL;
    g_autoptr(VirCpu) host = vir_cpu_parse(doc, -1, "host.xml", FALSE, &error);
    g_autoptr(VirCpu) cpu = load("host-model.xml");
    g_autofree char *text = NULL;

    g_assert_no_error(error);
    host->def->features[1]->policy = VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE;
    g_assert_true(vir_cpu_update(cpu, host, &error));
    text = vir_cpu_format(cpu, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(text, "<feature policy='require' name='vx'/>"));
    g_assert_nonnull(strstr(text, "<feature policy='disable' name='dfp'/>"));
}

/* Where nothing is known of processors, none can be asked for. */
static void
test_translate_other(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirCpu) cpu = guest("<cpu mode='custom'><model>x</model></cpu>");

    g_free(cpu->arch);
    cpu->arch = g_strdup("sparc");
    g_assert_false(vir_cpu_translate(cpu, NULL, &error));
    g_assert_error(error, error->domain, VIR_ERR_CONFIG_UNSUPPORTED);
}

static void
test_names(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree const char **names = vir_cpu_model_names("ppc64");
    g_autoptr(VirCpu) host = load("host.xml");

    g_assert_cmpstr(names[0], ==, "POWER6");
    g_assert_cmpint(vir_cpu_has_feature(host, "vmx", &error), ==, 1);
    g_assert_cmpint(vir_cpu_has_feature(host, "svm", &error), ==, 0);
    g_assert_cmpint(vir_cpu_has_feature(host, "nothing", &error), ==, -1);
    g_assert_error(error, error->domain, VIR_ERR_INVALID_ARG);
    g_assert_true(vir_cpu_validate(host, "x86_64", NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cpu/cpuid", test_cpuid);
    g_test_add_func("/cpu/signature-first", test_signature_first);
    g_test_add_func("/cpu/broken-tsx", test_broken_tsx);
    g_test_add_func("/cpu/json", test_json);
    g_test_add_func("/cpu/compare", test_compare);
    g_test_add_func("/cpu/power", test_power);
    g_test_add_func("/cpu/baseline", test_baseline);
    g_test_add_func("/cpu/baseline-vendors", test_baseline_vendors);
    g_test_add_func("/cpu/baseline-choice", test_baseline_choice);
    g_test_add_func("/cpu/documents", test_documents);
    g_test_add_func("/cpu/names-only", test_names_only);
    g_test_add_func("/cpu/played", test_played);
    g_test_add_func("/cpu/update", test_update);
    g_test_add_func("/cpu/update-lost", test_update_lost);
    g_test_add_func("/cpu/update-lacking", test_update_lacking);
    g_test_add_func("/cpu/translate-other", test_translate_other);
    g_test_add_func("/cpu/names", test_names);
    return g_test_run();
}
