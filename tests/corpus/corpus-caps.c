/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "corpus-caps.h"

#include "corpus-env.h"
#include "firmware-descriptor.h"
#include "vir-domain-caps-model.h"
#include "vir-domain-caps.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-host-caps.h"
#include "vir-qemu-xml.h"
#include "vir-spawn.h"
#include "vir-xml.h"
#include <string.h>

static const char *
param(char **params, const char *name)
{
    gsize n = strlen(name);

    for (; *params; params++) {
        if (strncmp(*params, name, n) == 0 && (*params)[n] == '=')
            return *params + n + 1;
    }
    return NULL;
}

/* Unpacks @archive; what it holds, one folder, is @root/@below afterwards. */
static gboolean
unpack(const char *archive, const char *root, const char *below, GError **error)
{
    g_autofree char *folder = g_build_filename(root, below, NULL);
    g_autoptr(VirSpawn) spawn = vir_spawn_new("tar");

    if (!archive)
        return TRUE;
    if (!vir_dir_make(folder, 0755, error))
        return FALSE;
    vir_spawn_pass_env(spawn, "PATH");
    vir_spawn_add_args(
        spawn, (const char *const[]){"xzf", archive, "-C", folder, "--strip-components=1", NULL});
    return vir_spawn_run(spawn, 60000, 4096, NULL, NULL, NULL, error);
}

/* The recorded trees say nothing of memory; these are the numbers that the documents have. */
static void
fake_memory(VirHostTopology *topology)
{
    static const guint64 sizes[] = {4, 2048, 1048576};

    for (guint i = 0; i < topology->cells->len; i++) {
        VirHostCell *cell = topology->cells->pdata[i];

        cell->memory = (cell->id + 1) * G_GUINT64_CONSTANT(1048576);
        g_array_set_size(cell->pages, 0);
        g_array_set_size(cell->distances, 0);
        for (guint j = 0; j < G_N_ELEMENTS(sizes); j++) {
            VirHostPages pages = {.kib = sizes[j], .total = (cell->id + 1 + j) * 2048};

            g_array_append_val(cell->pages, pages);
        }
    }
}

static char *
host_document(char **params, const char *root, GError **error)
{
    g_autoptr(VirHost) host = vir_host_new(root);
    g_autoptr(VirCapsDef) def = vir_caps_def_new();
    g_autoptr(VirHostTopology) topology = NULL;

    if (!unpack(param(params, "sysfs-devices-system"), root, "sys/devices/system", error) ||
        !unpack(param(params, "resctrl"), root, "sys/fs/resctrl", error))
        return NULL;
    topology = vir_host_topology(host, error);
    if (!topology)
        return NULL;
    fake_memory(topology);
    def->host.cpu.arch = g_strdup(param(params, "arch"));
    def->host.migration_live = !g_strcmp0(param(params, "live_migrate"), "true");
    vir_host_caps_fill_topology(&def->host, host, topology);
    return vir_host_caps_format(def, error);
}

static char *
convert_host(char **params, GError **error)
{
    g_autofree char *root = g_dir_make_tmp("vircorpus-XXXXXX", error);
    g_autoptr(VirSpawn) spawn = vir_spawn_new("rm");
    char *text = root ? host_document(params, root, error) : NULL;

    if (root) {
        vir_spawn_pass_env(spawn, "PATH");
        vir_spawn_add_args(spawn, (const char *const[]){"-rf", root, NULL});
        vir_spawn_run(spawn, 60000, 4096, NULL, NULL, NULL, NULL);
    }
    return text;
}

static CorpusQemu
qemu_case(char **params)
{
    const char *arch = param(params, "arch");

    return (CorpusQemu){
        .path = "-",
        .text = "",
        .arch = arch ? arch : "x86_64",
        .capabilities = param(params, "capabilities"),
        .params = params,
    };
}

static guint
sum_of(const char *text)
{
    guint sum = 0;

    for (; text && *text; text++)
        sum += (guchar)*text;
    return sum;
}

/* The documents have a number made of architecture and version where the microcode matters. */
static char *
convert_qemu(char **params, GError **error)
{
    static const VirQemuCapsMaker nobody;
    CorpusQemu c = qemu_case(params);
    g_autoptr(VirQemuCaps) caps = corpus_qemu_caps(&c, error);
    g_autoptr(VirQemuCaps) again = NULL;
    g_autofree char *text = NULL;

    if (!caps)
        return NULL;
    if (caps->kvm || caps->hvf)
        caps->microcode = sum_of(c.arch) * 100000 + sum_of(param(params, "version"));
    /* What is written is what is read back. */
    text = vir_qemu_caps_format(caps, &nobody);
    again = vir_qemu_caps_load(text, strlen(text), "capabilities", error);
    return again ? vir_qemu_caps_format(again, &nobody) : NULL;
}

/* Of the emulator the documents know flags and architecture only. */
static char *
convert_guests(char **params, GError **error)
{
    CorpusQemu c = qemu_case(params);
    g_autoptr(VirQemuCaps) caps = corpus_qemu_caps(&c, error);
    g_autoptr(VirCapsDef) def = vir_caps_def_new();

    if (!caps)
        return NULL;
    g_ptr_array_set_size(caps->machines, 0);
    def->host.cpu.arch = g_strdup(c.arch);
    def->host.power_management = TRUE;
    def->host.iommu = VIR_TRISTATE_NO;
    vir_host_caps_add_guest(def, c.arch, caps);
    return vir_host_caps_format(def, error);
}

/* The descriptors of firmware beside the recorded conversations. */
static GPtrArray *
recorded_firmware(const CorpusQemu *c)
{
    g_autofree char *folder = g_path_get_dirname(c->capabilities);
    g_autofree char *etc = g_strconcat(folder, "/../qemufirmwaredata/etc/qemu/firmware", NULL);
    g_autofree char *usr =
        g_strconcat(folder, "/../qemufirmwaredata/usr/share/qemu/firmware", NULL);
    const char *const dirs[] = {etc, usr, NULL};

    return vir_firmware_load(dirs);
}

/* Of hypervisors that are not asked. */
static char *
convert_other_domain(char **params, GError **error)
{
    static const char *const bhyve[] = {"/foo/bar", "/foo/baz", NULL};
    static const char *const xen[] = {"/usr/lib/xen/boot/hvmloader", "/usr/lib/xen/boot/ovmf.bin",
                                      NULL};
    const char *driver = param(params, "driver");
    const char *features = param(params, "bhyve_caps");
    g_autoptr(VirCapsDomainCaps) caps = NULL;

    if (!g_strcmp0(driver, "CAPS_BHYVE"))
        caps = vir_domain_caps_model_bhyve(
            param(params, "emulator"), param(params, "arch"),
            features && strstr(features, "BHYVE_CAP_LPC_BOOTROM") ? bhyve : NULL,
            features && strstr(features, "BHYVE_CAP_FBUF"));
    else if (!g_strcmp0(driver, "CAPS_LIBXL") && param(params, "machine"))
        caps = vir_domain_caps_model_xen(param(params, "emulator"), param(params, "arch"),
                                         param(params, "machine"), xen);
    if (!caps) {
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "no such hypervisor is built");
        return NULL;
    }
    return vir_xml_format(&vir_caps_domain_doc, caps, 0, error);
}

static char *
convert_domain(char **params, GError **error)
{
    static const char *const loaders[] = {"/obviously/fake/firmware1.fd",
                                          "/obviously/fake/firmware2.fd", NULL};
    CorpusQemu c = qemu_case(params);
    const char *type = param(params, "virttype");
    g_autoptr(CorpusEnv) env = NULL;
    g_autoptr(VirQemuCaps) caps = NULL;
    g_autoptr(GPtrArray) firmware = NULL;
    VirDomainCapsAsk ask = {
        .arch = c.arch,
        .machine = param(params, "machine"),
        .loaders = loaders,
        .phys_addr_bits = 64,
        .vfio = TRUE,
        .sev_guests = 59,
        .sev_es_guests = 450,
    };

    if (!c.capabilities)
        return convert_other_domain(params, error);
    env = corpus_env_new(&c, error);
    caps = env ? corpus_qemu_caps(&c, error) : NULL;
    if (!caps)
        return NULL;
    firmware = recorded_firmware(&c);
    ask.caps = caps;
    ask.env = &env->env;
    ask.firmware = firmware;
    ask.virt_type = type ? vir_enum_from_string(&vir_domain_virt_type_enum, type) : 0;
    return vir_domain_caps_xml(&ask, error);
}

char *
corpus_caps(const char *kind, char **params, gboolean *known, GError **error)
{
    static const struct {
        const char *kind;
        char *(*convert)(char **params, GError **error);
    } kinds[] = {
        {"vircaps2xml", convert_host},
        {"qemucapabilities", convert_qemu},
        {"qemucaps2xml", convert_guests},
        {"domaincaps", convert_domain},
    };

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        *known = strcmp(kinds[i].kind, kind) == 0;
        if (*known)
            return kinds[i].convert(params, error);
    }
    return NULL;
}
