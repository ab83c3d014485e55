/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qemu-probe.h"

#include "vir-error.h"
#include "vir-qemu-cpu-model.h"
#include "vir-qemu-parse.h"
#include <string.h>

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
    {.command = "query-sev-capabilities", .optional = TRUE},
    {.command = "query-sgx-capabilities", .optional = TRUE},
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
    SEV,
    SGX,
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
parse_fixed(VirQemuCaps *caps, GArray *queries, GError **error)
{
    if (!parse_version(caps, at(queries, VERSION)->reply, error))
        return FALSE;
    caps->arch = g_strdup(vir_json_string(at(queries, TARGET)->reply, "arch"));
    if (!caps->arch)
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                             "QEMU '%s' does not say what it emulates", caps->binary);
    vir_qemu_parse_machines(caps, at(queries, MACHINES)->reply);
    vir_qemu_parse_cpus(caps->cpus, at(queries, CPUS)->reply);
    vir_qemu_parse_schema(caps->facts, at(queries, SCHEMA)->reply);
    vir_qemu_parse_names(caps->facts, "type", "name", at(queries, TYPES)->reply);
    vir_qemu_parse_options(caps->facts, at(queries, OPTIONS)->reply);
    vir_qemu_parse_names(caps->facts, "migration", "capability", at(queries, MIGRATION)->reply);
    vir_qemu_parse_names(caps->facts, "cpu", "name", at(queries, CPUS)->reply);
    vir_qemu_parse_names(caps->facts, "tpm", NULL, at(queries, TPM_MODELS)->reply);
    vir_qemu_parse_names(caps->facts, "tpm", NULL, at(queries, TPM_TYPES)->reply);
    vir_qemu_parse_gic(caps, at(queries, GIC)->reply);
    vir_qemu_parse_sev(caps, at(queries, SEV)->reply);
    /* Types that are built in are of no use where the host lacks what they need. */
    if (!at(queries, SEV)->reply) {
        g_hash_table_remove(caps->facts, "type sev-guest");
        g_hash_table_remove(caps->facts, "type sev-snp-guest");
    }
    if (!vir_json_bool(at(queries, SGX)->reply, "sgx"))
        g_hash_table_remove(caps->facts, "type sgx-epc");
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
    return vir_qemu_cpu_model_parse(caps->arch, answers);
}

static guint
add_types(GArray *queries, const char *command, const char *const *types)
{
    guint n = 0;

    for (; types[n]; n++)
        add_query(queries, command, types[n]);
    return n;
}

/* Types of machines that the triggers name have a version in theirs where QEMU knows several. */
static gboolean
probe_machines(VirQemuCaps *caps, const VirProbePeer *peer, GError **error)
{
    g_autoptr(GArray) queries = queries_new();

    for (const char *const *name = vir_qemu_probe_machines; *name; name++) {
        const VirQemuMachine *machine = vir_qemu_caps_machine(caps, *name);
        g_autofree char *type = g_strconcat(machine ? machine->name : *name, "-machine", NULL);

        add_query(queries, "qom-list-properties", type);
    }
    if (!peer->ask((VirProbeQuery *)queries->data, queries->len, peer->opaque, error))
        return FALSE;
    for (guint i = 0; i < queries->len; i++)
        vir_qemu_parse_props(caps->facts, "machine", vir_qemu_probe_machines[i],
                             at(queries, i)->reply);
    return TRUE;
}

/* What does not depend on the accelerator. */
static gboolean
probe_main(VirQemuCaps *caps, const VirProbePeer *peer, GError **error)
{
    g_autoptr(GArray) queries = queries_new();
    guint devices;
    guint objects;

    g_array_append_vals(queries, fixed, N_FIXED);
    devices = add_types(queries, "device-list-properties", vir_qemu_probe_devices);
    objects = add_types(queries, "qom-list-properties", vir_qemu_probe_objects);
    add_cpu_questions(queries, "max");
    if (!peer->ask((VirProbeQuery *)queries->data, queries->len, peer->opaque, error) ||
        !parse_fixed(caps, queries, error))
        return FALSE;
    for (guint i = 0; i < devices; i++)
        vir_qemu_parse_props(caps->facts, "device", vir_qemu_probe_devices[i],
                             at(queries, N_FIXED + i)->reply);
    for (guint i = 0; i < objects; i++)
        vir_qemu_parse_props(caps->facts, "object", vir_qemu_probe_objects[i],
                             at(queries, N_FIXED + devices + i)->reply);
    caps->host_cpu = parse_cpu(caps, queries);
    return probe_machines(caps, peer, error);
}

/* A KVM that does not answer leaves a QEMU that can do TCG only. */
static void
probe_kvm(VirQemuCaps *caps, const VirProbePeer *kvm)
{
    g_autoptr(GArray) queries = queries_new();
    g_autoptr(GError) error = NULL;

    add_query(queries, "query-kvm", NULL);
    add_query(queries, "query-cpu-definitions", NULL);
    add_query(queries, "query-machines", NULL);
    add_cpu_questions(queries, "host");
    if (kvm->ask((VirProbeQuery *)queries->data, queries->len, kvm->opaque, &error) &&
        vir_json_bool(at(queries, 0)->reply, "enabled")) {
        caps->kvm = TRUE;
        vir_qemu_parse_cpus(caps->kvm_cpus, at(queries, 1)->reply);
        vir_qemu_parse_kvm_machines(caps, at(queries, 2)->reply);
        caps->kvm_host_cpu = parse_cpu(caps, queries);
    }
}

VirQemuCaps *
vir_qemu_probe(const char *binary, const VirProbePeer *tcg, const VirProbePeer *kvm, GError **error)
{
    g_autoptr(VirQemuCaps) caps = vir_qemu_caps_new(binary);

    if (!probe_main(caps, tcg, error))
        return NULL;
    if (kvm)
        probe_kvm(caps, kvm);
    vir_qemu_caps_derive(caps);
    return g_steal_pointer(&caps);
}
