/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-seclabel.h"

#include "vir-error.h"
#include <string.h>

static void
default_label(VirDomainSeclabel *label, const char *model)
{
    if (!label->model)
        label->model = g_strdup(model);
    if (!g_strcmp0(label->model, "none"))
        label->type = VIR_DOMAIN_SECLABEL_TYPE_NONE;
    if (!label->type)
        label->type = VIR_DOMAIN_SECLABEL_TYPE_DYNAMIC;
    if (label->type == VIR_DOMAIN_SECLABEL_TYPE_NONE) {
        g_clear_pointer(&label->label, g_free);
        g_clear_pointer(&label->baselabel, g_free);
        label->relabel = VIR_TRISTATE_ABSENT;
    } else if (!label->relabel) {
        label->relabel =
            label->type == VIR_DOMAIN_SECLABEL_TYPE_DYNAMIC ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
    }
}

static gboolean
check_label(const VirDomainSeclabel *label, GError **error)
{
    if (label->type == VIR_DOMAIN_SECLABEL_TYPE_NONE && label->relabel == VIR_TRISTATE_YES)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/seclabel: type 'none' relabels nothing");
    if (label->type == VIR_DOMAIN_SECLABEL_TYPE_DYNAMIC && label->relabel == VIR_TRISTATE_NO)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/seclabel: with type 'dynamic' resources are always "
                             "relabelled; type 'static' can go without");
    if (!label->model &&
        (!label->type || label->type == VIR_DOMAIN_SECLABEL_TYPE_STATIC || label->baselabel))
        return vir_error_set(
            error, VIR_ERR_XML_ERROR,
            "/domain/seclabel: it has no @type and no @model of a security driver, or "
            "labels that need a model");
    if (label->type == VIR_DOMAIN_SECLABEL_TYPE_STATIC && !label->label)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/seclabel: type 'static' needs a <label>");
    return TRUE;
}

/* The labels of one image or device; @where says whose. */
static gboolean
check_device(VirDomainDeviceSeclabel *const *labels, guint n, const char *where, GError **error)
{
    for (guint i = 0; i < n; i++) {
        const char *model = labels[i]->model ? labels[i]->model : "(none)";

        if (n > 1 && !labels[i]->model)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "%s: of several <seclabel> each needs a model", where);
        for (guint j = 0; j < i; j++) {
            if (!g_strcmp0(labels[i]->model, labels[j]->model))
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "%s: there are two <seclabel> of model '%s'", where, model);
        }
        if (labels[i]->label && labels[i]->relabel == VIR_TRISTATE_NO)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "%s: <seclabel> of model '%s' has a label, but nothing is "
                                 "relabelled",
                                 where, model);
        if (!labels[i]->label && labels[i]->relabel == VIR_TRISTATE_YES)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "%s: <seclabel> of model '%s' relabels, but has no label", where,
                                 model);
    }
    return TRUE;
}

static gboolean
check_source(const VirDomainSource *source, const char *where, GError **error)
{
    return check_device(source->seclabels, source->n_seclabels, where, error);
}

static gboolean
check_disk(const VirDomainDisk *disk, GError **error)
{
    g_autofree char *where =
        g_strdup_printf("/domain/devices/disk[@dev='%s']/source", disk->target);

    if (!check_source(&disk->src, where, error))
        return FALSE;
    for (const VirDomainBackingStore *store = disk->backing_store; store;
         store = store->backing_store) {
        if (!check_source(&store->src, where, error))
            return FALSE;
    }
    return TRUE;
}

/* At position @i; a label without a model is of none yet. */
static gboolean
check_model_once(const VirDomainDef *def, guint i, GError **error)
{
    for (guint j = 0; def->seclabels[i]->model && j < i; j++) {
        if (g_strcmp0(def->seclabels[i]->model, def->seclabels[j]->model) == 0)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/seclabel[%u]: there is one of model '%s' already", i + 1,
                                 def->seclabels[i]->model);
    }
    return TRUE;
}

gboolean
vir_domain_seclabels_complete(VirDomainDef *def, const char *model, GError **error)
{
    for (guint i = 0; i < def->n_seclabels; i++) {
        if (!check_model_once(def, i, error))
            return FALSE;
    }
    for (guint i = 0; i < def->n_seclabels; i++) {
        VirDomainSeclabel *label = def->seclabels[i];

        if (def->n_seclabels > 1 && !label->model)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/seclabel[%u]: of several labels each needs a model",
                                 i + 1);
        if (!check_label(label, error))
            return FALSE;
        default_label(label, model);
    }
    for (guint i = 0; i < def->devices.n_disks; i++) {
        if (!check_disk(def->devices.disks[i], error))
            return FALSE;
    }
    for (guint i = 0; i < def->devices.n_serials; i++) {
        const VirDomainChardev *src = &def->devices.serials[i]->src;

        if (!check_device(src->seclabels, src->n_seclabels, "/domain/devices/serial", error))
            return FALSE;
    }
    return TRUE;
}
