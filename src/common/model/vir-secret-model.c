/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-secret-model.h"

#include "vir-error.h"
#include "vir-uuid.h"

gboolean
vir_secret_model_complete(VirSecretDef *def, GError **error)
{
    if (def->usage == VIR_SECRET_USAGE_NONE)
        def->usage = 0;
    if (def->usage != 0 && (def->usage_id == NULL || *def->usage_id == '\0'))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "<usage type='%s'> needs a <%s>",
                             vir_secret_usage_to_string(def->usage),
                             def->usage == VIR_SECRET_USAGE_VOLUME  ? "volume"
                             : def->usage == VIR_SECRET_USAGE_ISCSI ? "target"
                                                                    : "name");
    if (!def->has_uuid) {
        vir_uuid_generate(def->uuid);
        def->has_uuid = true;
    }
    return TRUE;
}

VirSecretDef *
vir_secret_model_parse(const char *text, gssize len, const char *name, unsigned flags,
                       GPtrArray **ignored, GError **error)
{
    g_autoptr(VirSecretDef) def =
        vir_xml_parse(&vir_secret_secret_doc, text, len, name, flags, ignored, error);

    if (def == NULL || !vir_secret_model_complete(def, error))
        return NULL;
    return g_steal_pointer(&def);
}
