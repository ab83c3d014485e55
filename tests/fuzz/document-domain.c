/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A guest as the QEMU driver takes it, on a host of constants and with recorded QEMUs. */

#include "document.h"

#include "command.h"
#include "pretend-host.h"
#include "vir-device.h"
#include "vir-domain-controller.h"
#include "vir-file.h"
#include "vir-qemu-xml.h"
#include "vir-qmp-stream.h"

#include <unistd.h>

static const struct {
    const char *arch;
    const char *folder;
} recorded[] = {
    {"x86_64", "argv"},          {"aarch64", "argv-aarch64"}, {"ppc64", "argv-ppc64"},
    {"riscv64", "argv-riscv64"}, {"s390x", "argv-s390x"},
};

static VirQemuCaps *caps[G_N_ELEMENTS(recorded)];
static VirQemuConf conf;
static VirQemuEnv env;

/* ---- a host that nothing a document says can touch ---- */

static const char *
get_variable(const VirQemuEnv *self, const char *name)
{
    return NULL;
}

static int
open_output(const VirQemuEnv *self, const char *path, gboolean append, GError **error)
{
    return dup(STDERR_FILENO);
}

static int
listen_unix(const VirQemuEnv *self, const char *path, GError **error)
{
    return dup(STDERR_FILENO);
}

static char *
render_node(const VirQemuEnv *self, GError **error)
{
    return g_strdup("/dev/dri/renderD128");
}

static char *
network_address(const VirQemuEnv *self, const char *name, GError **error)
{
    return g_strdup("192.0.2.1");
}

static VirDomainSysinfo *
host_smbios(const VirQemuEnv *self, GError **error)
{
    return vir_domain_sysinfo_new();
}

static gboolean
pci_device(const VirQemuEnv *self, guint domain, guint bus, guint slot, guint function,
           VirQemuPciDevice *out)
{
    *out = (VirQemuPciDevice){.iommu_group = (int)slot, .express = (slot & 1) != 0};
    return bus < 8;
}

static void
fill_env(void)
{
    static const char *const dirs[] = {FUZZ_DATA "/firmware/etc", FUZZ_DATA "/firmware/share",
                                       NULL};

    env = (VirQemuEnv){
        .conf = &conf,
        .privileged = TRUE,
        .lib_dir = "/var/lib/libvirt/qemu",
        .channel_dir = "/run/libvirt/qemu/channel",
        .firmware_dirs = dirs,
        .getenv = get_variable,
        .open_output = open_output,
        .listen_unix = listen_unix,
        .host_smbios = host_smbios,
        .render_node = render_node,
        .network_address = network_address,
        .pci_device = pci_device,
        .has_rdp = TRUE,
        .nbdkit = VIR_NBDKIT_CURL | VIR_NBDKIT_SSH,
    };
    pretend_host_fill(&env);
}

static void
set_up(void)
{
    g_autoptr(GError) error = NULL;

    vir_qemu_conf_load(&conf, "/nonexistent/qemu.conf", &error);
    g_assert_no_error(error);
    fill_env();
    for (guint i = 0; i < G_N_ELEMENTS(recorded); i++) {
        g_autofree char *path = g_build_filename(FUZZ_DATA, recorded[i].folder, "qemu.caps", NULL);
        gsize len = 0;
        g_autofree char *text = vir_file_read(path, VIR_QMP_MAX_LINE, &len, &error);

        g_assert_no_error(error);
        caps[i] = vir_qemu_caps_load(text, len, path, &error);
        g_assert_no_error(error);
    }
}

/* ---- its documents ---- */

static const VirQemuCaps *
caps_of(const VirDomainDef *def)
{
    for (guint i = 0; i < G_N_ELEMENTS(recorded); i++) {
        if (g_strcmp0(def->os.arch, recorded[i].arch) == 0)
            return caps[i];
    }
    return caps[0];
}

static VirModel
model_of(VirDomainDef *def, unsigned flags)
{
    return (VirModel){def, caps_of(def), &env, flags};
}

void *
fuzz_domain_complete(const FuzzText *in, guint variant, unsigned *flags, GError **error)
{
    g_autoptr(VirDomainDef) def = NULL;
    VirModel model;

    if (caps[0] == NULL)
        set_up();
    *flags = VIR_XML_INACTIVE;
    def = vir_xml_parse(&vir_domain_domain_doc, in->text, in->len, "fuzz", *flags, NULL, error);
    if (def == NULL)
        return NULL;
    model = model_of(def, variant);
    if (!vir_device_complete(&model, error))
        return NULL;
    /* One without an index gets its place among the others by the next reading, as upstream's. */
    vir_domain_controllers_complete(def);
    return g_steal_pointer(&def);
}

static int
take_port(void *data, VirGraphicsPort kind, GError **error)
{
    return 5900 + (int)kind;
}

static gboolean
prepare(VirDomainDef *def, VirCommandContext *context, GError **error)
{
    VirModel model = model_of(def, 0);

    if (!vir_device_prepare(&model, error) ||
        !vir_graphics_prepare(def, &env, context->lib_dir, &(VirGraphicsPorts){take_port, NULL},
                              error))
        return FALSE;
    return vir_qemu_env_advice(&env, def, (VirBitmap **)&context->auto_nodes, error);
}

void
fuzz_domain_use(void *obj, guint which, const FuzzText *in)
{
    static const guint8 key[VIR_MASTER_KEY_LEN];
    g_autoptr(VirDomainDef) def = vir_domain_def_clone(obj);
    g_autoptr(GError) error = NULL;
    g_autoptr(VirSpawn) spawn = NULL;
    g_autofree char *text = NULL;
    VirCommandContext context = {.lib_dir = "/var/lib/libvirt/qemu/domain-1-fuzz",
                                 .master_key = "/var/lib/libvirt/qemu/domain-1-fuzz/key",
                                 .master_key_bytes = key,
                                 .monitor_fd = -1};

    vir_device_check_start(def, NULL);
    if (!prepare(def, &context, &error)) {
        g_assert_nonnull(error);
    } else {
        context.monitor_fd = dup(STDERR_FILENO);
        spawn = vir_command_build(def, caps_of(def), &env, &context, &error);
        g_assert_true((spawn == NULL) == (error != NULL));
        if (spawn != NULL)
            text = vir_spawn_to_string(spawn, FALSE);
        else
            close(context.monitor_fd);
    }
    vir_bitmap_free((VirBitmap *)context.auto_nodes);
    /* A guest that runs is printed, and taken again by a daemon that is started anew. */
    g_free(vir_xml_format(&vir_domain_domain_doc, def, VIR_XML_STATUS | VIR_XML_SECURE, NULL));
}
