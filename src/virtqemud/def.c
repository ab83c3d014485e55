/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "def.h"

#include "vir-error.h"
#include <libvirt/libvirt.h>
#include <string.h>

static void
devices_free(VirQemuDevice *devices, guint n)
{
    for (guint i = 0; i < n; i++) {
        g_free(devices[i].target);
        g_free(devices[i].path);
        g_free(devices[i].alias);
    }
    g_free(devices);
}

static void
def_free(VirView *view)
{
    VirQemuDef *def = (VirQemuDef *)view;

    devices_free(def->disks, def->n_disks);
    devices_free(def->nets, def->n_nets);
    g_free(def->name);
    g_free(def->title);
    g_free(def->text);
    g_free(def->secure);
    g_free(def);
}

static void
fill_devices(VirQemuDef *self, const VirDomainDef *def)
{
    const VirDomainDevices *devices = &def->devices;

    self->n_disks = devices->n_disks;
    self->disks = g_new0(VirQemuDevice, self->n_disks);
    for (guint i = 0; i < self->n_disks; i++) {
        const VirDomainDisk *disk = devices->disks[i];

        self->disks[i].target = g_strdup(disk->target);
        self->disks[i].path = g_strdup(disk->src.path);
        if (self->live)
            self->disks[i].alias = g_strdup(disk->info.alias);
    }
    self->n_nets = devices->n_interfaces;
    self->nets = g_new0(VirQemuDevice, self->n_nets);
    for (guint i = 0; i < self->n_nets; i++) {
        const VirDomainInterface *net = devices->interfaces[i];
        char mac[18];

        self->nets[i].target = g_strdup(net->target);
        self->nets[i].path = g_strdup(vir_mac_format(net->mac, mac));
        if (self->live)
            self->nets[i].alias = g_strdup(net->info.alias);
    }
}

VirQemuDef *
vir_qemu_def_new(const VirDomainDef *def, gboolean live, GError **error)
{
    unsigned flags = live ? 0 : VIR_XML_INACTIVE;
    VirQemuDef *self = g_new0(VirQemuDef, 1);

    vir_view_init(&self->base, def_free);
    self->name = g_strdup(def->name);
    self->title = g_strdup(def->title);
    memcpy(self->uuid, def->uuid, VIR_UUID_LEN);
    self->max_memory = def->memory;
    self->memory = def->has_current_memory ? def->current_memory : def->memory;
    self->max_vcpus = def->vcpus_max;
    self->vcpus = def->has_vcpus_current ? def->vcpus_current : def->vcpus_max;
    self->os_type = def->os.type;
    self->live = live;
    fill_devices(self, def);
    if (!vir_xml_format_both(&vir_domain_domain_doc, def, flags, &self->text, &self->secure,
                             error)) {
        vir_view_unref(self);
        return NULL;
    }
    return self;
}

const char *
vir_qemu_def_whole(const VirQemuDef *def)
{
    return def->secure != NULL ? def->secure : def->text;
}

VirDomainDef *
vir_qemu_def_open(const VirQemuDef *def, GError **error)
{
    return vir_xml_parse(&vir_domain_domain_doc, vir_qemu_def_whole(def), -1, def->name,
                         VIR_XML_NO_CHECK | (def->live ? 0 : VIR_XML_INACTIVE), NULL, error);
}

char *
vir_qemu_def_xml(const VirQemuDef *def, unsigned flags, GError **error)
{
    gboolean secure = (flags & VIR_DOMAIN_XML_SECURE) != 0;
    g_autoptr(VirDomainDef) parsed = NULL;

    /* Without the wish for another form the text is there already. */
    if ((flags & VIR_DOMAIN_XML_MIGRATABLE) == 0 &&
        ((flags & VIR_DOMAIN_XML_INACTIVE) == 0 || !def->live))
        return g_strdup(secure ? vir_qemu_def_whole(def) : def->text);
    parsed = vir_qemu_def_open(def, error);
    if (parsed == NULL)
        return NULL;
    return vir_xml_format(&vir_domain_domain_doc, parsed,
                          (secure ? VIR_XML_SECURE : 0) |
                              (flags & VIR_DOMAIN_XML_INACTIVE ? VIR_XML_INACTIVE : 0) |
                              (flags & VIR_DOMAIN_XML_MIGRATABLE ? VIR_XML_MIGRATABLE : 0),
                          error);
}
