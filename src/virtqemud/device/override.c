/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "override.h"
#include "argv.h"
#include "complete.h"
#include "vir-error.h"
#include <errno.h>

/* The value of a property in its type, or NULL where the text is none. */
static json_object *
to_json(const VirDomainQemuProperty *property)
{
    const char *text = property->value ? property->value : "";
    char *end = NULL;
    json_object *value = NULL;

    errno = 0;
    switch (property->type) {
    case VIR_DOMAIN_QEMU_PROPERTY_TYPE_STRING:
        return json_object_new_string(text);
    case VIR_DOMAIN_QEMU_PROPERTY_TYPE_SIGNED: {
        gint64 number = g_ascii_strtoll(text, &end, 10);

        value = json_object_new_int64(number);
        break;
    }
    case VIR_DOMAIN_QEMU_PROPERTY_TYPE_UNSIGNED: {
        guint64 number = *text == '-' ? 0 : g_ascii_strtoull(text, &end, 10);

        value = json_object_new_uint64(number);
        break;
    }
    case VIR_DOMAIN_QEMU_PROPERTY_TYPE_BOOL:
        if (g_str_equal(text, "true") || g_str_equal(text, "false"))
            return json_object_new_boolean(g_str_equal(text, "true"));
        return NULL;
    default:
        return NULL;
    }
    if (errno || end == text || !end || *end)
        g_clear_pointer(&value, json_object_put);
    return value;
}

gboolean
vir_check_override(VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;

    for (guint i = 0; i < def->n_qemu_overrides; i++) {
        const VirDomainQemuDevice *device = def->qemu_overrides[i];

        for (guint j = 0; j < device->n_properties; j++) {
            const VirDomainQemuProperty *property = device->properties[j];
            const char *type = vir_domain_qemu_property_type_to_string(property->type);
            gboolean remove = property->type == VIR_DOMAIN_QEMU_PROPERTY_TYPE_REMOVE;
            json_object *value = to_json(property);
            gboolean good = remove ? !property->value : value && property->value;

            json_object_put(value);
            if (!good)
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "/domain/qemu:override: property '%s' of device '%s': '%s' is "
                                     "no value of type '%s'",
                                     property->name, device->alias,
                                     property->value ? property->value : "(none)", type);
        }
    }
    return TRUE;
}

void
vir_override_props(const VirDomainDef *def, json_object *props)
{
    json_object *id = NULL;

    if (def->n_qemu_overrides == 0 || !json_object_object_get_ex(props, "id", &id))
        return;
    for (guint i = 0; i < def->n_qemu_overrides; i++) {
        const VirDomainQemuDevice *device = def->qemu_overrides[i];

        if (g_strcmp0(device->alias, json_object_get_string(id)) != 0)
            continue;
        for (guint j = 0; j < device->n_properties; j++) {
            const VirDomainQemuProperty *property = device->properties[j];
            json_object *value = to_json(property);

            if (value)
                json_object_object_add(props, property->name, value);
            else
                json_object_object_del(props, property->name);
        }
    }
}
