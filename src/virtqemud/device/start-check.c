/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disk-chain.h"
#include "vir-device.h"
#include "vir-domain-vcpu.h"
#include "vir-error.h"

/* What images of a guest have that a start passes over. */
typedef struct {
    gboolean labels;
    gboolean ssh_files; /* QEMU's own driver would pass over them */
} Images;

static void
see_image(const VirImage *image, void *opaque)
{
    const VirDomainSourceNetwork *network = image->src->network;
    Images *images = opaque;

    for (guint i = 0; i < image->src->n_seclabels; i++)
        images->labels |= image->src->seclabels[i]->relabel != VIR_TRISTATE_NO;
    images->ssh_files |= network && (network->identity_keyfile || network->identity_agentsock ||
                                     network->known_hosts);
}

static Images
see_images(const VirDomainDef *def)
{
    Images images = {0};

    for (guint i = 0; i < def->devices.n_disks; i++)
        vir_disk_each_image(def->devices.disks[i], see_image, &images);
    return images;
}

static gboolean
has_shaped_card(const VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_interfaces; i++) {
        if (def->devices.interfaces[i]->bandwidth)
            return TRUE;
    }
    return FALSE;
}

gboolean
vir_device_check_start(const VirDomainDef *def, GError **error)
{
    const VirDomainCputune *tune = def->cputune;
    const VirDomainMemtune *memtune = def->memtune;
    const Images images = see_images(def);
    const struct {
        gboolean there;
        const char *path;
    } lacks[] = {
        {vir_domain_vcpus_fixed(def) != vir_domain_vcpus_now(def),
         "/domain/vcpus/vcpu of hotpluggable='yes' that is enabled"},
        {def->cpuset != NULL, "/domain/vcpu/@cpuset"},
        {tune &&
             (tune->has_shares || tune->has_period || tune->has_quota || tune->has_global_period ||
              tune->has_global_quota || tune->has_emulator_period || tune->has_emulator_quota ||
              tune->has_iothread_period || tune->has_iothread_quota),
         "/domain/cputune: shares, periods and quotas"},
        {tune && (tune->n_vcpupins > 0 || tune->emulatorpin_cpuset || tune->n_iothreadpins > 0),
         "/domain/cputune: pins"},
        {tune && (tune->emulatorsched || tune->n_vcpuscheds > 0 || tune->n_iothreadscheds > 0),
         "/domain/cputune: schedulers"},
        {tune && (tune->n_cachetunes > 0 || tune->n_memorytunes > 0),
         "/domain/cputune: cachetune and memorytune"},
        {memtune && (memtune->has_hard_limit || memtune->has_soft_limit ||
                     memtune->has_swap_hard_limit || memtune->has_min_guarantee),
         "/domain/memtune"},
        {def->blkiotune != NULL, "/domain/blkiotune"},
        {def->partition != NULL, "/domain/resource/partition"},
        {def->n_perf_events > 0, "/domain/perf"},
        {images.labels, "/domain/devices/disk/source/seclabel that changes a label"},
        {images.ssh_files, "/domain/devices/disk/source: keys and known hosts of SSH"},
        {has_shaped_card(def), "/domain/devices/interface/bandwidth"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(lacks); i++) {
        if (lacks[i].there)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "domain '%s': %s: not supported yet by a start", def->name,
                                 lacks[i].path);
    }
    return TRUE;
}
