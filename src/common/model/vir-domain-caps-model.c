/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-caps-model.h"

#include "vir-xml.h"

/* A value of an attribute; NULL: the attribute has none. Rows of an attribute stand together. */
typedef struct {
    const char *name;
    const char *value;
} Row;

#define N(table) (table), G_N_ELEMENTS(table)

VirCapsValueList *
vir_domain_caps_values(VirCapsValueList ***lists, guint *n, const char *name)
{
    VirCapsValueList *list;

    if (*n > 0 && g_str_equal((*lists)[*n - 1]->name, name))
        return (*lists)[*n - 1];
    list = vir_caps_value_list_new();
    list->name = g_strdup(name);
    vir_xml_array_insert((gpointer **)lists, n, *n, list);
    return list;
}

static void
fill(VirCapsValueList ***lists, guint *count, const Row *rows, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        VirCapsValueList *list = vir_domain_caps_values(lists, count, rows[i].name);

        if (rows[i].value)
            vir_xml_append(list, values, g_strdup(rows[i].value));
    }
}

static VirCapsAbility *
ability(const Row *rows, gsize n)
{
    VirCapsAbility *made = vir_caps_ability_new();

    made->supported = n > 0 ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
    fill(&made->enums, &made->n_enums, rows, n);
    return made;
}

static VirCapsLoader *
loader(const char *const *paths, const Row *rows, gsize n)
{
    VirCapsLoader *made = vir_caps_loader_new();

    made->supported = paths ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
    if (!paths)
        return made;
    for (; *paths; paths++)
        vir_xml_append(made, values, g_strdup(*paths));
    fill(&made->enums, &made->n_enums, rows, n);
    return made;
}

/* What none of these hypervisors has. */
static VirCapsDomainCaps *
begin(const char *emulator, const char *type, const char *arch)
{
    static const guint8 modes[] = {
        VIR_CAPS_CPU_MODE_CAPS_NAME_HOST_PASSTHROUGH,
        VIR_CAPS_CPU_MODE_CAPS_NAME_MAXIMUM,
        VIR_CAPS_CPU_MODE_CAPS_NAME_HOST_MODEL,
        VIR_CAPS_CPU_MODE_CAPS_NAME_CUSTOM,
    };
    VirCapsDomainCaps *caps = vir_caps_domain_caps_new();

    caps->path = g_strdup(emulator);
    caps->domain = g_strdup(type);
    caps->arch = g_strdup(arch);
    caps->iothreads = ability(NULL, 0);
    caps->os = vir_caps_os_caps_new();
    caps->os->supported = VIR_TRISTATE_YES;
    for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
        VirCapsCpuModeCaps *mode = vir_caps_cpu_mode_caps_new();

        mode->name = modes[i];
        mode->supported = VIR_TRISTATE_NO;
        vir_xml_append(caps, cpu_modes, mode);
    }
    caps->devices = vir_caps_device_caps_new();
    caps->features = vir_caps_feature_caps_new();
    caps->features->gic = ability(NULL, 0);
    caps->features->vmcoreinfo = ability(NULL, 0);
    caps->features->genid = ability(NULL, 0);
    caps->features->sev = vir_caps_sev_caps_new();
    caps->features->sev->supported = VIR_TRISTATE_NO;
    caps->features->sgx = vir_caps_sgx_caps_new();
    caps->features->sgx->supported = VIR_TRISTATE_NO;
    return caps;
}

VirCapsDomainCaps *
vir_domain_caps_model_bhyve(const char *emulator, const char *arch, const char *const *loaders,
                            gboolean framebuffer)
{
    static const Row rom[] = {{"type", "pflash"}, {"readonly", "yes"}};
    static const Row disk[] = {
        {"diskDevice", "disk"}, {"diskDevice", "cdrom"}, {"bus", "virtio"},
        {"bus", "sata"},        {"model", NULL},
    };
    static const Row graphics[] = {{"type", "vnc"}};
    static const Row video[] = {{"modelType", "gop"}};
    VirCapsDomainCaps *caps = begin(emulator, "bhyve", arch);

    caps->os->loader = loader(loaders, N(rom));
    caps->devices->disk = ability(N(disk));
    caps->devices->graphics = ability(graphics, framebuffer ? G_N_ELEMENTS(graphics) : 0);
    caps->devices->video = ability(video, framebuffer ? G_N_ELEMENTS(video) : 0);
    caps->devices->hostdev = ability(NULL, 0);
    return caps;
}

VirCapsDomainCaps *
vir_domain_caps_model_xen(const char *emulator, const char *arch, const char *machine,
                          const char *const *loaders)
{
    static const Row rom[] = {{"type", "rom"}, {"type", "pflash"}, {"readonly", "yes"}};
    static const Row disk[] = {
        {"diskDevice", "disk"}, {"diskDevice", "cdrom"}, {"bus", "ide"},
        {"bus", "scsi"},        {"bus", "xen"},          {"model", NULL},
    };
    static const Row graphics[] = {{"type", "sdl"}, {"type", "vnc"}, {"type", "spice"}};
    static const Row video[] = {
        {"modelType", "vga"}, {"modelType", "cirrus"}, {"modelType", "xen"}};
    static const Row hostdev[] = {
        {"mode", "subsystem"},          {"startupPolicy", "default"},
        {"startupPolicy", "mandatory"}, {"startupPolicy", "requisite"},
        {"startupPolicy", "optional"},  {"subsysType", "usb"},
        {"subsysType", "pci"},          {"capsType", NULL},
        {"pciBackend", "xen"},
    };
    gboolean full = g_str_equal(machine, "xenfv");
    VirCapsDomainCaps *caps = begin(emulator, "xen", arch);

    caps->machine = g_strdup(machine);
    caps->vcpu_max = full ? 128 : 512;
    caps->has_vcpu_max = TRUE;
    caps->os->loader = loader(full ? loaders : NULL, N(rom));
    caps->devices->disk = ability(N(disk));
    caps->devices->graphics = ability(N(graphics));
    caps->devices->video = ability(N(video));
    caps->devices->hostdev = ability(N(hostdev));
    return caps;
}
