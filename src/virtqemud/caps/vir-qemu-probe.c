/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qemu-probe.h"

#include "vir-error.h"
#include "vir-qemu-parse.h"
#include <string.h>

/* Types whose properties are asked for. */
static const char *const prop_types[] = {
    "virtio-balloon-pci",
    "virtio-blk-pci",
    "virtio-net-pci",
    "virtio-scsi-pci",
    "virtio-gpu-pci",
    "virtio-rng-pci",
    "PIIX4_PM",
    "ICH9-LPC",
    "scsi-hd",
    "ide-hd",
    "usb-host",
    "usb-redir",
    "usb-storage",
    "VGA",
    "qxl",
    "vmware-svga",
    "pcie-root-port",
    "intel-iommu",
    "mch",
    "nvdimm",
    "kvm-pit",
    "vhost-user-fs-pci",
};

static const char *const machine_prop_types[] = {"none-machine", "generic-pc-machine"};

static const VirProbeQuery fixed[] = {
    {.command = "query-version"},
    {.command = "query-target"},
    {.command = "query-machines"},
    {.command = "query-cpu-definitions", .optional = TRUE},
    {.command = "query-qmp-schema"},
    {.command = "qom-list-types"},
    {.command = "query-command-line-options"},
};
enum { VERSION, TARGET, MACHINES, CPUS, SCHEMA, TYPES, OPTIONS };

#define N_FIXED G_N_ELEMENTS(fixed)
#define N_PROPS G_N_ELEMENTS(prop_types)
#define N_MACHINE_PROPS G_N_ELEMENTS(machine_prop_types)
#define N_ALL (N_FIXED + N_PROPS + N_MACHINE_PROPS)

static void
queries_clear(VirProbeQuery *queries, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        json_object_put(queries[i].args);
        json_object_put(queries[i].reply);
    }
}

static void
ask_props(VirProbeQuery *query, const char *command, const char *type)
{
    query->command = command;
    query->args = json_object_new_object();
    query->optional = TRUE;
    json_object_object_add(query->args, "typename", json_object_new_string(type));
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

static gboolean
parse_all(VirQemuCaps *caps, VirProbeQuery *queries, GError **error)
{
    if (!parse_version(caps, queries[VERSION].reply, error))
        return FALSE;
    caps->arch = g_strdup(vir_json_string(queries[TARGET].reply, "arch"));
    if (!caps->arch)
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                             "QEMU '%s' does not say what it emulates", caps->binary);
    vir_qemu_parse_machines(caps, queries[MACHINES].reply);
    vir_qemu_parse_cpus(caps->cpus, queries[CPUS].reply);
    vir_qemu_parse_schema(caps, queries[SCHEMA].reply);
    vir_qemu_parse_names(caps->types, NULL, "name", queries[TYPES].reply);
    vir_qemu_parse_options(caps, queries[OPTIONS].reply);
    for (gsize i = 0; i < N_PROPS; i++)
        vir_qemu_parse_names(caps->props, prop_types[i], "name", queries[N_FIXED + i].reply);
    for (gsize i = 0; i < N_MACHINE_PROPS; i++)
        vir_qemu_parse_names(caps->props, machine_prop_types[i], "name",
                             queries[N_FIXED + N_PROPS + i].reply);
    return TRUE;
}

/* A KVM that does not answer leaves a QEMU that can do TCG only. */
static void
probe_kvm(VirQemuCaps *caps, const VirProbePeer *kvm)
{
    VirProbeQuery queries[] = {
        {.command = "query-kvm"},
        {.command = "query-cpu-definitions", .optional = TRUE},
    };
    g_autoptr(GError) error = NULL;

    if (kvm->ask(queries, G_N_ELEMENTS(queries), kvm->opaque, &error) &&
        vir_json_bool(queries[0].reply, "enabled")) {
        caps->kvm = TRUE;
        vir_qemu_parse_cpus(caps->kvm_cpus, queries[1].reply);
    }
    queries_clear(queries, G_N_ELEMENTS(queries));
}

VirQemuCaps *
vir_qemu_probe(const char *binary, const VirProbePeer *tcg, const VirProbePeer *kvm, GError **error)
{
    g_autoptr(VirQemuCaps) caps = vir_qemu_caps_new(binary);
    VirProbeQuery queries[N_ALL] = {0};
    gboolean ok;

    memcpy(queries, fixed, sizeof(fixed));
    for (gsize i = 0; i < N_PROPS; i++)
        ask_props(&queries[N_FIXED + i], "device-list-properties", prop_types[i]);
    for (gsize i = 0; i < N_MACHINE_PROPS; i++)
        ask_props(&queries[N_FIXED + N_PROPS + i], "qom-list-properties", machine_prop_types[i]);

    ok = tcg->ask(queries, N_ALL, tcg->opaque, error) && parse_all(caps, queries, error);
    queries_clear(queries, N_ALL);
    if (!ok)
        return NULL;
    if (kvm)
        probe_kvm(caps, kvm);
    vir_qemu_caps_derive(caps);
    return g_steal_pointer(&caps);
}
