/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-nwfilter-binding-model.h"

#include "vir-error.h"
#include <string.h>

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/** Order of names, so that two bindings of the same values are the same document. */
static int
compare_parameters(const void *a, const void *b)
{
    const VirNwfilterBindingParameter *const *left = a;
    const VirNwfilterBindingParameter *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

gboolean
vir_nwfilter_binding_model_complete(VirNwfilterBindingDef *def, GError **error)
{
    if (def->mac[0] & 1)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "the card has a multicast hardware address");
    for (guint i = 0; i < def->n_parameters; i++) {
        const VirNwfilterBindingParameter *parameter = def->parameters[i];

        if (*parameter->name == '\0' ||
            strspn(parameter->name, NAME_CHARS) != strlen(parameter->name))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "'%s' is no name of a variable",
                                 parameter->name);
    }
    if (def->n_parameters > 1)
        qsort(def->parameters, def->n_parameters, sizeof(*def->parameters), compare_parameters);
    return TRUE;
}

VirNwfilterBindingDef *
vir_nwfilter_binding_model_parse(const char *text, gssize len, const char *name, unsigned flags,
                                 GPtrArray **ignored, GError **error)
{
    g_autoptr(VirNwfilterBindingDef) def = vir_xml_parse(&vir_nwfilter_binding_nwfilter_binding_doc,
                                                         text, len, name, flags, ignored, error);

    if (def == NULL || !vir_nwfilter_binding_model_complete(def, error))
        return NULL;
    return g_steal_pointer(&def);
}
