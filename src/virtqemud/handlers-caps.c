/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cpu.h"
#include "firmware-descriptor.h"
#include "handlers.h"
#include "machine-kind.h"
#include "vir-cpu.h"
#include "vir-domain-caps.h"
#include "vir-host-caps.h"
#include "vir-qemu-cpu-ask.h"
#include "vir-xml.h"
#include <string.h>
#include <unistd.h>

HANDLER(connect_get_cpu_model_names)
{
    g_autofree const char **names = NULL;
    guint n = 0;

    if (!vir_qemu_check_flags(call, args->flags, 0, error))
        return FALSE;
    if (vir_cpu_arch(args->arch) == VIR_CPU_ARCH_OTHER)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "cannot find architecture %s", args->arch);
    names = vir_cpu_model_names(args->arch);
    while (names[n] != NULL)
        n++;
    ret->ret = (int)n;
    if (!args->need_results)
        return TRUE;
    ret->models.models_val = g_new0(char *, n);
    ret->models.models_len = n;
    for (guint i = 0; i < n; i++)
        ret->models.models_val[i] = g_strdup(names[i]);
    return TRUE;
}

HANDLER_PLAIN(connect_get_capabilities)
{
    g_autoptr(VirHost) host = vir_host_new(NULL);

    ret->capabilities = vir_host_caps_xml(host, CALL_DRIVER(call)->caps, error);
    return ret->capabilities != NULL;
}

/* ---- one kind of guest ---- */

/* A kind of guests as clients name it. */
typedef struct {
    char *emulator;
    VirQemuCaps *caps;
    VirDomainDef *def;
} Kind;

static void
kind_clear(Kind *kind)
{
    g_free(kind->emulator);
    vir_qemu_caps_unref(kind->caps);
    vir_domain_def_free(kind->def);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Kind, kind_clear)

static const char *
text_of(char *const *optional)
{
    return optional ? *optional : NULL;
}

/* The hypervisor that is meant; what the emulator cannot use here is refused. */
static gboolean
choose_virt_type(Kind *kind, const char *name, GError **error)
{
    int type = name ? vir_enum_from_string(&vir_domain_virt_type_enum, name) : -1;

    if (!name)
        type = kind->caps->kvm   ? VIR_DOMAIN_VIRT_TYPE_KVM
               : kind->caps->hvf ? VIR_DOMAIN_VIRT_TYPE_HVF
                                 : VIR_DOMAIN_VIRT_TYPE_QEMU;
    if ((type == VIR_DOMAIN_VIRT_TYPE_QEMU) ||
        (type == VIR_DOMAIN_VIRT_TYPE_KVM && kind->caps->kvm) ||
        (type == VIR_DOMAIN_VIRT_TYPE_HVF && kind->caps->hvf)) {
        kind->def->virt_type = (guint8)type;
        return TRUE;
    }
    return vir_error_set(error, VIR_ERR_INVALID_ARG,
                         "emulator '%s' does not run guests of type '%s' on this host",
                         kind->emulator, name);
}

static gboolean
check_names(const char *arch, const char *virt_type, GError **error)
{
    if (virt_type && vir_enum_from_string(&vir_domain_virt_type_enum, virt_type) < 0)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "there is no type of guests '%s'",
                             virt_type);
    if (arch && vir_enum_from_string(&vir_domain_arch_enum, arch) < 0)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "there is no architecture '%s'", arch);
    return TRUE;
}

static gboolean
find_kind(VirCall *call, Kind *kind, const char *emulator, const char *arch, const char *machine,
          const char *virt_type, GError **error)
{
    const char *host = vir_qemu_host_arch(CALL_DRIVER(call));
    const VirQemuMachine *found;

    if (!check_names(arch, virt_type, error))
        return FALSE;
    if (!arch)
        arch = host;
    kind->emulator = emulator ? g_strdup(emulator) : vir_caps_find_emulator(host, arch, error);
    if (!kind->emulator)
        return FALSE;
    kind->caps = vir_caps_cache_get(CALL_DRIVER(call)->caps, kind->emulator, error);
    if (!kind->caps)
        return FALSE;
    if (!vir_qemu_caps_runs(kind->caps, arch))
        return vir_error_set(error, VIR_ERR_INVALID_ARG,
                             "emulator '%s' runs guests of architecture '%s', not '%s'",
                             kind->emulator, kind->caps->guest_arch, arch);
    found = vir_qemu_caps_machine(kind->caps, machine);
    if (!found)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "emulator '%s' has no machine type '%s'",
                             kind->emulator, machine ? machine : "(default)");
    kind->def = vir_domain_def_new();
    kind->def->os.arch = g_strdup(arch);
    kind->def->os.machine = g_strdup(found->name);
    return choose_virt_type(kind, virt_type, error);
}

HANDLER(connect_get_domain_capabilities)
{
    g_autoptr(VirHost) host = vir_host_new(NULL);
    g_autoptr(GPtrArray) firmware = NULL;
    g_auto(Kind) kind = {0};
    VirHostCpuId id;
    VirDomainCapsAsk ask = {.env = &CALL_DRIVER(call)->env};

    if (!vir_qemu_check_flags(call, args->flags, 0, error) ||
        !find_kind(call, &kind, text_of(args->emulatorbin), text_of(args->arch),
                   text_of(args->machine), text_of(args->virttype), error))
        return FALSE;
    firmware = vir_firmware_load(ask.env->firmware_dirs);
    ask.caps = kind.caps;
    ask.arch = kind.def->os.arch;
    ask.machine = kind.def->os.machine;
    ask.virt_type = kind.def->virt_type;
    ask.firmware = firmware;
    ask.vfio = vir_host_has_iommu(host) && access("/dev/vfio/vfio", F_OK) == 0;
    if (vir_host_cpu_id(host, &id))
        ask.phys_addr_bits = id.physical_bits;
    vir_host_cpu_id_clear(&id);
    vir_domain_caps_sev_guests(&ask.sev_guests, &ask.sev_es_guests);
    ret->capabilities = vir_domain_caps_xml(&ask, error);
    return ret->capabilities != NULL;
}

/* ---- processors ---- */

/* What a processor is compared with. */
typedef struct {
    const VirCpu *host;
    const char *name;        /* as errors call it */
    const GPtrArray *models; /* of a hypervisor, or NULL */
    VirProbePeer *peer;      /* that has to be asked, or NULL */
} CompareTo;

static gboolean
compare(const CompareTo *to, const char *xml, unsigned flags, int *result, GError **error)
{
    const VirCpu *host = to->host;
    g_autoptr(VirCpu) cpu = NULL;
    g_autofree char *why = NULL;

    if (!host)
        return vir_error_set(error, VIR_ERR_OPERATION_UNSUPPORTED,
                             "nothing is known of the processor of %s", to->name);
    if (vir_cpu_arch(host->arch) == VIR_CPU_ARCH_OTHER)
        return vir_error_set(error, VIR_ERR_NO_SUPPORT, "cannot compare processors of %s",
                             host->arch);
    cpu = vir_cpu_parse(xml, -1, "CPU", FALSE, error);
    if (!cpu)
        return FALSE;
    if (!cpu->arch)
        cpu->arch = g_strdup(host->arch);
    if (to->peer && !cpu->def->model)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "the processor has no model");
    *result = to->peer     ? vir_qemu_cpu_compare(to->peer, host, cpu, &why, error)
              : to->models ? vir_cpu_compare_played(host, cpu, to->models, &why, error)
                           : vir_cpu_compare(host, cpu, &why, error);
    if (*result == VIR_CPU_ERROR)
        return FALSE;
    if (*result == VIR_CPU_INCOMPATIBLE && flags & VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE)
        return vir_error_set(error, VIR_ERR_CPU_INCOMPATIBLE, "%s: %s", to->name,
                             why ? why : "the processors differ");
    return TRUE;
}

/* The emulator itself, where nobody else knows the processors of a kind. */
static VirProbePeer *
new_peer(const Kind *kind)
{
    return vir_qemu_peer_new(kind->emulator, vir_def_accel(kind->def));
}

#define COMPARE_FLAGS                                                                              \
    (VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE | VIR_CONNECT_COMPARE_CPU_VALIDATE_XML)

HANDLER(connect_compare_cpu)
{
    const VirCpu *host = CALL_DRIVER(call)->env.host_cpu;
    g_autoptr(VirCpu) unknown =
        host ? NULL : vir_cpu_new(vir_qemu_host_arch(CALL_DRIVER(call)), TRUE);
    CompareTo to = {.host = host ? host : unknown, .name = "this host"};

    return vir_qemu_check_flags(call, args->flags, COMPARE_FLAGS, error) &&
           compare(&to, args->xml, args->flags, &ret->result, error);
}

HANDLER(connect_compare_hypervisor_cpu)
{
    g_auto(Kind) kind = {0};
    g_autoptr(VirCpu) host = NULL;
    g_autoptr(GPtrArray) models = NULL;
    g_autoptr(VirProbePeer) peer = NULL;
    VirModel model = {.env = &CALL_DRIVER(call)->env};
    CompareTo to;

    if (!vir_qemu_check_flags(call, args->flags, COMPARE_FLAGS, error) ||
        !find_kind(call, &kind, text_of(args->emulator), text_of(args->arch),
                   text_of(args->machine), text_of(args->virttype), error))
        return FALSE;
    model.def = kind.def;
    model.caps = kind.caps;
    if (!vir_def_is_x86(kind.def) && !vir_def_is_ppc64(kind.def) && !vir_def_is_s390(kind.def))
        return vir_error_set(error, VIR_ERR_OPERATION_UNSUPPORTED,
                             "processors of architecture '%s' cannot be compared",
                             kind.def->os.arch);
    host = vir_cpu_host_model(&model, VIR_CPU_HOST_REPORTED);
    if (vir_def_is_x86(kind.def))
        models = vir_cpu_host_models(&model);
    if (vir_def_is_s390(kind.def))
        peer = new_peer(&kind);
    to = (CompareTo){host, kind.emulator, models, peer};
    return compare(&to, args->xmlCPU, args->flags, &ret->result, error);
}

/* Elements that are VirCpu; @hosts: they have to be processors of hosts. */
static GPtrArray *
parse_all(char *const *texts, guint n, gboolean hosts, GError **error)
{
    g_autoptr(GPtrArray) cpus = g_ptr_array_new_with_free_func((GDestroyNotify)vir_cpu_free);

    if (n == 0) {
        vir_error_set(error, VIR_ERR_INVALID_ARG, "no processors are given");
        return NULL;
    }
    for (guint i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("CPU %u", i + 1);
        VirCpu *cpu = vir_cpu_parse(texts[i], -1, name, hosts, error);

        if (!cpu)
            return NULL;
        g_ptr_array_add(cpus, cpu);
    }
    return g_steal_pointer(&cpus);
}

/* @model: of a hypervisor, whatever the documents say; NULL: these are hosts. */
static char *
baseline(const GPtrArray *cpus, const VirModel *model, unsigned flags, GError **error)
{
    g_autoptr(GPtrArray) models = model ? vir_cpu_host_models(model) : NULL;
    gboolean migratable = (flags & VIR_CONNECT_BASELINE_CPU_MIGRATABLE) != 0;
    g_autoptr(VirCpu) cpu = NULL;
    VirCpuSet without;

    vir_cpu_baseline_without(model, migratable, &without);
    for (guint i = 0; model && i < cpus->len; i++) {
        VirCpu *one = cpus->pdata[i];

        g_free(one->arch);
        one->arch = g_strdup(model->def->os.arch);
    }
    cpu = vir_cpu_baseline(
        cpus, models, &without,
        (flags & VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES ? VIR_CPU_BASELINE_EXPAND : 0) |
            (migratable && !model ? VIR_CPU_BASELINE_MIGRATABLE : 0),
        error);
    if (cpu && model)
        cpu->def->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_FORBID;
    return cpu ? vir_cpu_format(cpu, error) : NULL;
}

/* By the emulator. */
static char *
baseline_asked(const GPtrArray *cpus, const Kind *kind, const VirModel *model, unsigned flags,
               GError **error)
{
    g_autoptr(GPtrArray) models = vir_cpu_host_models(model);
    g_autoptr(VirProbePeer) peer = new_peer(kind);
    g_autoptr(VirCpu) cpu = NULL;

    for (guint i = 0; i < cpus->len; i++) {
        const char *name = ((const VirCpu *)cpus->pdata[i])->def->model;

        if (!name || (models && !vir_cpu_usable_find(models, name))) {
            vir_error_set(error, VIR_ERR_INVALID_ARG,
                          "CPU %u: emulator '%s' has no model '%s' for it", i + 1, kind->emulator,
                          name ? name : "");
            return NULL;
        }
    }
    cpu = vir_qemu_cpu_baseline(peer, cpus, (flags & VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES) != 0,
                                error);
    return cpu ? vir_cpu_format(cpu, error) : NULL;
}

#define BASELINE_FLAGS                                                                             \
    (VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES | VIR_CONNECT_BASELINE_CPU_MIGRATABLE)

HANDLER(connect_baseline_cpu)
{
    g_autoptr(GPtrArray) cpus = NULL;

    if (!vir_qemu_check_flags(call, args->flags, BASELINE_FLAGS, error))
        return FALSE;
    cpus = parse_all(args->xmlCPUs.xmlCPUs_val, args->xmlCPUs.xmlCPUs_len, TRUE, error);
    if (!cpus)
        return FALSE;
    ret->cpu = baseline(cpus, NULL, args->flags, error);
    return ret->cpu != NULL;
}

HANDLER(connect_baseline_hypervisor_cpu)
{
    g_auto(Kind) kind = {0};
    g_autoptr(GPtrArray) cpus = NULL;
    VirModel model = {.env = &CALL_DRIVER(call)->env};

    if (!vir_qemu_check_flags(call, args->flags, BASELINE_FLAGS, error))
        return FALSE;
    cpus = parse_all(args->xmlCPUs.xmlCPUs_val, args->xmlCPUs.xmlCPUs_len, FALSE, error);
    if (!cpus || !find_kind(call, &kind, text_of(args->emulator), text_of(args->arch),
                            text_of(args->machine), text_of(args->virttype), error))
        return FALSE;
    if (!vir_def_is_x86(kind.def) && !vir_def_is_s390(kind.def))
        return vir_error_set(error, VIR_ERR_OPERATION_UNSUPPORTED,
                             "there is no baseline of processors of architecture '%s'",
                             kind.def->os.arch);
    model.def = kind.def;
    model.caps = kind.caps;
    ret->cpu = vir_def_is_s390(kind.def) ? baseline_asked(cpus, &kind, &model, args->flags, error)
                                         : baseline(cpus, &model, args->flags, error);
    return ret->cpu != NULL;
}
