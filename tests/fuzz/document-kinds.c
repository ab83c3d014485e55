/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every kind of document, and what becomes of it in its driver. */

#include "document.h"

#include "vir-backup-model.h"
#include "vir-capabilities-def.h"
#include "vir-checkpoint-model.h"
#include "vir-cpu.h"
#include "vir-domain-def.h"
#include "vir-domstatus-def.h"
#include "vir-interface-model.h"
#include "vir-network-model.h"
#include "vir-network-port-model.h"
#include "vir-network-update.h"
#include "vir-nodedev-model.h"
#include "vir-nwfilter-binding-model.h"
#include "vir-nwfilter-model.h"
#include "vir-secret-model.h"
#include "vir-snapshot-model.h"
#include "vir-storage-pool-model.h"
#include "vir-storage-vol-model.h"

#include <libvirt/libvirt.h>
#include <string.h>

#define NOW 1700000000

/* ---- documents that need nothing but themselves ---- */

#define COMPLETE_PLAIN(noun)                                                                       \
    static void *complete_##noun(const FuzzText *in, guint variant, unsigned *flags,               \
                                 GError **error)                                                   \
    {                                                                                              \
        return vir_##noun##_model_parse(in->text, in->len, "fuzz", 0, NULL, error);                \
    }

COMPLETE_PLAIN(interface)
COMPLETE_PLAIN(network_port)
COMPLETE_PLAIN(nwfilter_binding)
COMPLETE_PLAIN(secret)

/* Variant 1: our own status file. */
#define COMPLETE_STATUS(noun)                                                                      \
    static void *complete_##noun(const FuzzText *in, guint variant, unsigned *flags,               \
                                 GError **error)                                                   \
    {                                                                                              \
        *flags = variant == 1 ? VIR_XML_STATUS : 0;                                                \
        return vir_##noun##_model_parse(in->text, in->len, "fuzz", *flags, NULL, error);           \
    }

COMPLETE_STATUS(node_dev)
COMPLETE_STATUS(nwfilter)
COMPLETE_STATUS(storage_pool)

/* ---- with rules beyond ---- */

static void *
complete_network(const FuzzText *in, guint variant, unsigned *flags, GError **error)
{
    unsigned model = variant == 1 ? VIR_NETWORK_MODEL_NEW_UUID | VIR_NETWORK_MODEL_NEW_MAC : 0;

    return vir_network_model_parse(in->text, in->len, "fuzz", 0, model, NULL, error);
}

/* In a pool of each type. */
static void *
complete_storage_vol(const FuzzText *in, guint variant, unsigned *flags, GError **error)
{
    return vir_storage_vol_model_parse(in->text, in->len, "fuzz", 0, variant + 1,
                                       VIR_STORAGE_VOL_MODEL_NO_CAPACITY, NULL, error);
}

/* Variant 1: defined again from a dump. */
static void *
complete_checkpoint(const FuzzText *in, guint variant, unsigned *flags, GError **error)
{
    *flags = VIR_XML_INACTIVE;
    return vir_checkpoint_model_parse(in->text, in->len, "fuzz", variant == 1, NOW, NULL, error);
}

static void *
complete_snapshot(const FuzzText *in, guint variant, unsigned *flags, GError **error)
{
    *flags = variant & VIR_SNAPSHOT_MODEL_INTERNAL ? VIR_XML_STATUS : VIR_XML_INACTIVE;
    return vir_snapshot_model_parse(in->text, in->len, "fuzz", variant, NOW, NULL, error);
}

static VirDomainDef *
guest_of_disks(void)
{
    static const char *const names[] = {"vda", "vdb"};
    VirDomainDef *def = vir_domain_def_new();

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        VirDomainDisk *disk = vir_domain_disk_new();

        disk->target = g_strdup(names[i]);
        disk->src.type = VIR_DOMAIN_SOURCE_TYPE_FILE;
        disk->src.path = g_strdup_printf("/images/%s.qcow2", names[i]);
        vir_xml_append(&def->devices, disks, disk);
    }
    return def;
}

/* Variants: status or not, fitted to a guest or not. */
static void *
complete_backup(const FuzzText *in, guint variant, unsigned *flags, GError **error)
{
    g_autoptr(VirDomainDef) domain = guest_of_disks();
    g_autoptr(VirBackup) def = NULL;

    *flags = variant & 1 ? VIR_XML_STATUS : 0;
    def = vir_backup_model_parse(in->text, in->len, "fuzz", *flags, NULL, error);
    if (def == NULL || ((variant & 2) != 0 && !vir_backup_model_align(def, domain, "copy", error)))
        return NULL;
    return g_steal_pointer(&def);
}

/* ---- parts of a network ---- */

static char *
terminated(const FuzzText *in)
{
    return in->len < 0 ? g_strdup(in->text) : g_strndup(in->text, (gsize)in->len);
}

/** Each way to change a network by it. */
static void
use_network_part(void *obj, guint which, const FuzzText *in)
{
    static const char base[] =
        "<network><name>n</name><forward mode='nat'><interface dev='eth0'/></forward>"
        "<bridge name='br9'/><dns><host ip='192.0.2.9'><hostname>a</hostname></host>"
        "<txt name='t' value='v'/><srv service='s' protocol='tcp'/></dns>"
        "<ip address='192.0.2.1' prefix='24'><dhcp><range start='192.0.2.10' end='192.0.2.20'/>"
        "<host mac='52:54:00:00:00:01' name='a' ip='192.0.2.30'/></dhcp></ip>"
        "<ip family='ipv6' address='2001:db8::1' prefix='64'/>"
        "<portgroup name='p' default='yes'/></network>";
    g_autofree char *xml = terminated(in);
    g_autoptr(VirNetworkDef) def = vir_network_model_parse(base, -1, "base", 0, 0, NULL, NULL);

    g_assert_nonnull(def);
    for (guint section = 0; section < VIR_NETWORK_SECTION_DNS_SRV + 2; section++) {
        for (guint command = 0; command <= VIR_NETWORK_UPDATE_COMMAND_ADD_FIRST + 1; command++) {
            g_autoptr(GError) error = NULL;
            g_autoptr(VirNetworkDef) changed =
                vir_network_update(def, command, section, (int)(command % 3) - 1, xml, &error);

            g_assert_true((changed == NULL) == (error != NULL));
        }
    }
}

/* ---- processors ---- */

static void
use_processor(const VirCpu *host, const VirCpu *cpu)
{
    g_autoptr(GPtrArray) both = g_ptr_array_new();
    g_autoptr(VirCpu) common = NULL;
    g_autoptr(VirCpu) updated = vir_cpu_clone(cpu);
    g_autoptr(VirCpu) translated = vir_cpu_clone(cpu);
    g_autoptr(VirCpu) expanded = vir_cpu_clone(cpu);
    g_autofree char *why = NULL;
    g_autofree char *text = NULL;
    VirCpuData data;

    vir_cpu_compare(host, cpu, &why, NULL);
    vir_cpu_validate(cpu, host->arch, NULL);
    vir_cpu_has_feature(cpu, "sse2", NULL);
    g_ptr_array_add(both, (void *)host);
    g_ptr_array_add(both, (void *)cpu);
    common = vir_cpu_baseline(both, NULL, NULL, VIR_CPU_BASELINE_EXPAND, NULL);
    if (vir_cpu_update(updated, host, NULL))
        text = vir_cpu_format(updated, NULL);
    vir_cpu_translate(translated, NULL, NULL);
    vir_cpu_expand(expanded, NULL);
    if (vir_cpu_arch(cpu->arch) == VIR_CPU_ARCH_X86 && vir_cpu_data_of_cpu(cpu, &data, NULL))
        vir_cpu_update_live(expanded, &data, &data, NULL);
}

/** Beside a host of its own architecture, and of others. */
static void
use_cpu(void *obj, guint which, const FuzzText *in)
{
    static const struct {
        const char *arch;
        const char *model;
    } hosts[] = {{"x86_64", "Haswell"}, {"ppc64le", "POWER9"}, {"s390x", NULL}, {"aarch64", NULL}};
    g_autoptr(VirCpu) cpu = vir_cpu_parse(in->text, in->len, "fuzz", FALSE, NULL);
    VirCpuData data;

    if (vir_cpu_data_parse(in->text, in->len, "fuzz", &data, NULL)) {
        g_autoptr(VirCpu) guest = vir_cpu_decode("x86_64", &data, FALSE, NULL, NULL, NULL);
        g_autoptr(VirCpu) own = vir_cpu_decode("x86_64", &data, TRUE, NULL, "Haswell", NULL);
    }
    for (guint i = 0; cpu != NULL && i < G_N_ELEMENTS(hosts); i++) {
        g_autoptr(VirCpu) host = vir_cpu_new(hosts[i].arch, TRUE);
        g_autoptr(VirCpu) copy = vir_cpu_clone(cpu);

        host->def->model = g_strdup(hosts[i].model);
        if (copy->arch == NULL)
            copy->arch = g_strdup(hosts[i].arch);
        use_processor(host, copy);
    }
}

/* ---- the table ---- */

#define DOCS(...) ((const VirXmlDoc *const[]){__VA_ARGS__, NULL})

/* clang-format off */
static const FuzzKind kinds[] = {
    {"backup", DOCS(&vir_backup_doc), 4, complete_backup, NULL},
    {"capabilities", DOCS(&vir_caps_host_doc), 0, NULL, NULL},
    {"checkpoint", DOCS(&vir_checkpoint_doc), 2, complete_checkpoint, NULL},
    {"cpu", DOCS(&vir_cpu_xml_guest_doc, &vir_cpu_xml_data_doc), 0, NULL, use_cpu},
    {"cpu-host", DOCS(&vir_cpu_xml_host_doc), 0, NULL, use_cpu},
    {"device", DOCS(&vir_domain_disk_doc, &vir_domain_controller_doc, &vir_domain_interface_doc,
                    &vir_domain_serial_doc, &vir_domain_parallel_doc, &vir_domain_console_doc,
                    &vir_domain_channel_doc, &vir_domain_input_doc, &vir_domain_graphics_doc,
                    &vir_domain_hostdev_doc, &vir_domain_filesystem_doc, &vir_domain_rng_doc,
                    &vir_domain_watchdog_doc, &vir_domain_memballoon_doc, &vir_domain_sound_doc,
                    &vir_domain_video_doc, &vir_domain_redirdev_doc, &vir_domain_panic_doc,
                    &vir_domain_tpm_doc, &vir_domain_vsock_doc, &vir_domain_memory_doc,
                    &vir_domain_shmem_doc, &vir_domain_hub_doc, &vir_domain_iommu_doc,
                    &vir_domain_smartcard_doc, &vir_domain_lease_doc), 0, NULL, NULL},
    {"domain", DOCS(&vir_domain_domain_doc), 3, fuzz_domain_complete, fuzz_domain_use},
    {"domaincaps", DOCS(&vir_caps_domain_doc), 0, NULL, NULL},
    {"domstatus", DOCS(&vir_domstatus_status_doc), 0, NULL, NULL},
    {"interface", DOCS(&vir_interface_interface_doc), 1, complete_interface, NULL},
    {"network", DOCS(&vir_network_network_doc), 2, complete_network, NULL},
    {"network-part", DOCS(&vir_network_dhcp_range_doc, &vir_network_dhcp_host_doc,
                          &vir_network_forward_interface_doc, &vir_network_port_group_doc,
                          &vir_network_dns_txt_doc, &vir_network_dns_srv_doc), 0, NULL,
     use_network_part},
    {"networkport", DOCS(&vir_network_port_network_port_doc), 1, complete_network_port, NULL},
    {"nodedev", DOCS(&vir_node_dev_device_doc), 2, complete_node_dev, NULL},
    {"nwfilter", DOCS(&vir_nwfilter_nwfilter_doc), 2, complete_nwfilter, NULL},
    {"nwfilterbinding", DOCS(&vir_nwfilter_binding_nwfilter_binding_doc), 1,
     complete_nwfilter_binding, NULL},
    {"secret", DOCS(&vir_secret_secret_doc), 1, complete_secret, NULL},
    {"snapshot", DOCS(&vir_snapshot_doc), 4, complete_snapshot, NULL},
    {"storagepool", DOCS(&vir_storage_pool_storage_pool_doc), 2, complete_storage_pool, NULL},
    {"storagepoolcaps", DOCS(&vir_storage_pool_caps_storage_pool_caps_doc), 0, NULL, NULL},
    {"storagesource", DOCS(&vir_storage_pool_source_doc), 0, NULL, NULL},
    {"storagevol", DOCS(&vir_storage_vol_storage_vol_doc), VIR_STORAGE_POOL_TYPE_LAST - 1,
     complete_storage_vol, NULL},
};
/* clang-format on */

const FuzzKind *
fuzz_kind(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    g_error("no kind of document is called '%s'", name);
}
