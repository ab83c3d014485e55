/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "disk-chain.h"
#include "vir-domain-vcpu.h"
#include "vir-error.h"
#include "vir-xml.h"

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

gboolean
vir_device_check_start(const VirDomainDef *def, GError **error)
{
    const Images images = see_images(def);
    g_autofree char *refused = vir_xml_find_refused(&vir_domain_domain_doc, def);
    /* What more than one row says. */
    const VirModelPart parts[] = {
        {refused != NULL, refused},
        {vir_domain_vcpus_fixed(def) != vir_domain_vcpus_now(def),
         "/domain/vcpus/vcpu of hotpluggable='yes' that is enabled"},
        /* Memory on the advised nodes and processors anywhere would be worse than no advice. */
        {def->vcpu_placement == VIR_DOMAIN_VCPU_PLACEMENT_AUTO, "/domain/vcpu/@placement 'auto'"},
        {images.labels, "/domain/devices/disk/source/seclabel that changes a label"},
        {images.ssh_files, "/domain/devices/disk/source: keys and known hosts of SSH"},
    };
    const char *lacks = vir_model_refused(parts, G_N_ELEMENTS(parts));

    if (!def->os.kernel && (def->os.initrd || def->os.cmdline || def->os.shim))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': /domain/os: initrd, cmdline and shim go with a kernel",
                             def->name);
    return !lacks ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "domain '%s': %s: not supported yet by a start", def->name, lacks);
}
