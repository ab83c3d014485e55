/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qemu-probe.h"

#include "vir-error.h"
#include "vir-qemu-cpu-model.h"
#include "vir-qemu-parse.h"
#include <string.h>

/* Asked of TCG alone, whatever else there is. */
static const VirProbeQuery fixed[] = {
    {.command = "query-version"},
    {.command = "query-target"},
    {.command = "query-machines"},
    {.command = "query-cpu-definitions", .optional = TRUE},
    {.command = "query-qmp-schema"},
    {.command = "qom-list-types"},
    {.command = "query-command-line-options"},
    {.command = "query-migrate-capabilities", .optional = TRUE},
    {.command = "query-tpm-models", .optional = TRUE},
    {.command = "query-tpm-types", .optional = TRUE},
    {.command = "query-gic-capabilities", .optional = TRUE},
};
enum {
    VERSION,
    TARGET,
    MACHINES,
    CPUS,
    SCHEMA,
    TYPES,
    OPTIONS,
    MIGRATION,
    TPM_MODELS,
    TPM_TYPES,
    GIC,
};

#define N_FIXED G_N_ELEMENTS(fixed)

static void
query_clear(void *data)
{
    VirProbeQuery *query = data;

    json_object_put(query->args);
    json_object_put(query->reply);
}

static GArray *
queries_new(void)
{
    GArray *queries = g_array_new(FALSE, TRUE, sizeof(VirProbeQuery));

    g_array_set_clear_func(queries, query_clear);
    return queries;
}

static void
add_query(GArray *queries, const char *command, const char *type)
{
    VirProbeQuery query = {.command = command, .optional = TRUE};

    if (type) {
        query.args = json_object_new_object();
        json_object_object_add(query.args, "typename", json_object_new_string(type));
    }
    g_array_append_val(queries, query);
}

static gboolean
parse_version(VirQemuCaps *caps, json_object *reply, GError **error)
{
    static const char *const parts[] = {"major", "minor", "micro"};
    json_object *qemu = NULL;
    unsigned version = 0;

    json_object_object_get_ex(reply, "qemu", &qemu);
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        json_object *part = NULL;

        if (!json_object_object_get_ex(qemu, parts[i], &part) ||
            !json_object_is_type(part, json_type_int))
            return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                                 "QEMU '%s' does not say its version", caps->binary);
        version = version * 1000 + (unsigned)CLAMP(json_object_get_int(part), 0, 999);
    }
    caps->version = version;
    caps->package = g_strdup(vir_json_string(reply, "package"));
    if (version < 6002000)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "QEMU '%s' is version %u.%u.%u; 6.2.0 or newer is needed",
                             caps->binary, version / 1000000, version / 1000 % 1000,
                             version % 1000);
    return TRUE;
}

static VirProbeQuery *
at(GArray *queries, guint i)
{
    return &g_array_index(queries, VirProbeQuery, i);
}

static gboolean
parse_fixed(VirQemuCaps *caps, GHashTable *facts, GArray *queries, GError **error)
{
    const char *arch = vir_json_string(at(queries, TARGET)->reply, "arch");

    if (!parse_version(caps, at(queries, VERSION)->reply, error))
        return FALSE;
    if (!arch)
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                             "QEMU '%s' does not say what it emulates", caps->binary);
    vir_qemu_caps_set_arch(caps, arch);
    vir_qemu_parse_machines(caps, at(queries, MACHINES)->reply);
    vir_qemu_parse_cpus(caps->cpus[VIR_QEMU_TCG], caps->guest_arch, at(queries, CPUS)->reply);
    vir_qemu_parse_schema(facts, at(queries, SCHEMA)->reply);
    vir_qemu_parse_names(facts, "type", "name", at(queries, TYPES)->reply);
    vir_qemu_parse_options(facts, at(queries, OPTIONS)->reply);
    vir_qemu_parse_names(facts, "migration", "capability", at(queries, MIGRATION)->reply);
    vir_qemu_parse_names(facts, "cpu", "name", at(queries, CPUS)->reply);
    vir_qemu_parse_names(facts, "tpm", NULL, at(queries, TPM_MODELS)->reply);
    vir_qemu_parse_names(facts, "tpm", NULL, at(queries, TPM_TYPES)->reply);
    vir_qemu_parse_gics(caps->gics, at(queries, GIC)->reply);
    return TRUE;
}

static void
add_cpu_questions(GArray *queries, const char *name)
{
    for (guint i = 0; i < VIR_QEMU_CPU_N_QUESTIONS; i++) {
        VirProbeQuery query = {
            .command = "query-cpu-model-expansion",
            .args = vir_qemu_cpu_question(i, name),
            .optional = TRUE,
        };

        g_array_append_val(queries, query);
    }
}

/* Of the answers to add_cpu_questions(), the last ones of @queries. */
static VirQemuCpuModel *
parse_cpu(const VirQemuCaps *caps, GArray *queries)
{
    json_object *answers[VIR_QEMU_CPU_N_QUESTIONS];

    for (guint i = 0; i < VIR_QEMU_CPU_N_QUESTIONS; i++)
        answers[i] = at(queries, queries->len - VIR_QEMU_CPU_N_QUESTIONS + i)->reply;
    return vir_qemu_cpu_model_parse(caps->guest_arch, answers);
}

static void
add_types(GArray *queries, const char *command, const char *const *types)
{
    for (; *types; types++)
        add_query(queries, command, *types);
}

/* The properties of @types, whose answers begin at @first. */
static void
parse_types(GHashTable *facts, const char *kind, GArray *queries, guint first,
            const char *const *types)
{
    for (guint i = 0; types[i]; i++)
        vir_qemu_parse_props(facts, kind, types[i], at(queries, first + i)->reply);
}

/* Types of machines that the triggers name have a version in theirs where QEMU knows several. */
static gboolean
probe_machines(VirQemuCaps *caps, GHashTable *facts, const VirProbePeer *peer, GError **error)
{
    g_autoptr(GArray) queries = queries_new();

    for (const char *const *name = vir_qemu_probe_machines; *name; name++) {
        const VirQemuMachine *machine = vir_qemu_caps_machine(caps, *name);
        g_autofree char *type = g_strconcat(machine ? machine->name : *name, "-machine", NULL);

        add_query(queries, "qom-list-properties", type);
    }
    if (!peer->ask((VirProbeQuery *)queries->data, queries->len, peer->opaque, error))
        return FALSE;
    parse_types(facts, "machine", queries, 0, vir_qemu_probe_machines);
    return TRUE;
}

/* What TCG is, and all that does not depend on the accelerator. */
static gboolean
probe_main(VirQemuCaps *caps, GHashTable *facts, const VirProbePeer *peer, GError **error)
{
    g_autoptr(GArray) queries = queries_new();
    guint objects;

    g_array_append_vals(queries, fixed, N_FIXED);
    add_types(queries, "device-list-properties", vir_qemu_probe_devices);
    objects = queries->len;
    add_types(queries, "qom-list-properties", vir_qemu_probe_objects);
    add_cpu_questions(queries, "max");
    if (!peer->ask((VirProbeQuery *)queries->data, queries->len, peer->opaque, error) ||
        !parse_fixed(caps, facts, queries, error))
        return FALSE;
    parse_types(facts, "device", queries, N_FIXED, vir_qemu_probe_devices);
    parse_types(facts, "object", queries, objects, vir_qemu_probe_objects);
    caps->host_cpu[VIR_QEMU_TCG] = parse_cpu(caps, queries);
    return probe_machines(caps, facts, peer, error);
}

/* The question that QEMU answers with all of Hyper-V that the host's KVM can play. */
static void
add_hyperv_question(GArray *queries)
{
    VirProbeQuery query = {.command = "query-cpu-model-expansion", .optional = TRUE};
    json_object *model;
    json_object *props = NULL;

    query.args = vir_qemu_cpu_question(VIR_QEMU_CPU_ALL, "host");
    json_object_object_add(query.args, "type", json_object_new_string("full"));
    json_object_object_get_ex(query.args, "model", &model);
    json_object_object_get_ex(model, "props", &props);
    json_object_object_add(props, "hv-passthrough", json_object_new_boolean(TRUE));
    g_array_append_val(queries, query);
}

/* An accelerator that does not answer leaves a QEMU that can do TCG only. */
static void
probe_fast(VirQemuCaps *caps, GHashTable *facts, const VirProbePeer *peer)
{
    enum { ENABLED, FAST_CPUS, FAST_MACHINES, SEV, SGX, HYPERV, FAST_OBJECTS };
    g_autoptr(GArray) queries = queries_new();
    g_autoptr(GError) error = NULL;

    add_query(queries, "query-kvm", NULL);
    add_query(queries, "query-cpu-definitions", NULL);
    add_query(queries, "query-machines", NULL);
    add_query(queries, "query-sev-capabilities", NULL);
    add_query(queries, "query-sgx-capabilities", NULL);
    add_hyperv_question(queries);
    add_types(queries, "qom-list-properties", vir_qemu_probe_objects);
    add_cpu_questions(queries, "host");
    if (!peer->ask((VirProbeQuery *)queries->data, queries->len, peer->opaque, &error))
        return;
    caps->kvm = vir_json_bool(at(queries, ENABLED)->reply, "enabled");
    caps->hvf = !caps->kvm && peer->hvf;
    if (!caps->kvm && !caps->hvf)
        return;
    vir_qemu_parse_cpus(caps->cpus[VIR_QEMU_NATIVE], caps->guest_arch,
                        at(queries, FAST_CPUS)->reply);
    vir_qemu_parse_kvm_machines(caps, at(queries, FAST_MACHINES)->reply);
    parse_types(facts, "object", queries, FAST_OBJECTS, vir_qemu_probe_objects);
    caps->host_cpu[VIR_QEMU_NATIVE] = parse_cpu(caps, queries);
    caps->sev = vir_qemu_parse_sev(at(queries, SEV)->reply);
    caps->sgx = vir_qemu_parse_sgx(at(queries, SGX)->reply);
    caps->hyperv = vir_qemu_parse_hyperv(at(queries, HYPERV)->reply);
}

VirQemuCaps *
vir_qemu_probe(const char *binary, const VirProbePeer *tcg, const VirProbePeer *fast,
               GError **error)
{
    g_autoptr(VirQemuCaps) caps = vir_qemu_caps_new(binary);
    g_autoptr(GHashTable) facts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    if (!probe_main(caps, facts, tcg, error))
        return NULL;
    if (fast)
        probe_fast(caps, facts, fast);
    vir_qemu_caps_derive(caps, facts);
    return g_steal_pointer(&caps);
}
