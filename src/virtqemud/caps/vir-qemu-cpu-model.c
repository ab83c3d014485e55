/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qemu-cpu-model.h"

#include "vir-cpu.h"
#include "vir-qemu-probe.h"
#include <string.h>

json_object *
vir_qemu_cpu_question(guint which, const char *name)
{
    json_object *args = json_object_new_object();
    json_object *model = json_object_new_object();

    json_object_object_add(model, "name", json_object_new_string(name));
    if (which == VIR_QEMU_CPU_ALL) {
        json_object *props = json_object_new_object();

        json_object_object_add(props, "migratable", json_object_new_boolean(FALSE));
        json_object_object_add(model, "props", props);
    }
    json_object_object_add(args, "type",
                           json_object_new_string(which == VIR_QEMU_CPU_FULL ? "full" : "static"));
    json_object_object_add(args, "model", model);
    return args;
}

static void
prop_free(void *data)
{
    VirQemuCpuProp *prop = data;

    g_free(prop->name);
    g_free(prop->text);
    g_free(prop);
}

VirQemuCpuModel *
vir_qemu_cpu_model_new(const char *name)
{
    VirQemuCpuModel *model = g_new0(VirQemuCpuModel, 1);

    model->name = g_strdup(name);
    model->props = g_ptr_array_new_with_free_func(prop_free);
    return model;
}

void
vir_qemu_cpu_model_free(VirQemuCpuModel *model)
{
    if (!model)
        return;
    g_free(model->name);
    g_ptr_array_unref(model->props);
    g_strfreev(model->deprecated);
    g_free(model);
}

static json_object *
member(json_object *object, const char *key)
{
    json_object *value = NULL;

    if (json_object_is_type(object, json_type_object))
        json_object_object_get_ex(object, key, &value);
    return value;
}

static void
add_prop(VirQemuCpuModel *model, const char *name, json_object *value, gboolean migratable)
{
    VirQemuCpuProp *prop;

    if (!json_object_is_type(value, json_type_boolean) &&
        !json_object_is_type(value, json_type_int) && !json_object_is_type(value, json_type_string))
        return;
    prop = g_new0(VirQemuCpuProp, 1);
    prop->name = g_strdup(name);
    prop->migratable = migratable;
    if (json_object_is_type(value, json_type_boolean)) {
        prop->type = VIR_QEMU_CPU_PROP_BOOL;
        prop->number = json_object_get_boolean(value);
    } else if (json_object_is_type(value, json_type_int)) {
        prop->type = VIR_QEMU_CPU_PROP_NUMBER;
        prop->number = json_object_get_int64(value);
    } else {
        prop->type = VIR_QEMU_CPU_PROP_TEXT;
        prop->text = g_strdup(json_object_get_string(value));
    }
    g_ptr_array_add(model->props, prop);
}

static char **
string_list(json_object *array)
{
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();
    gsize n = array ? json_object_array_length(array) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *word = json_object_array_get_idx(array, i);

        if (json_object_is_type(word, json_type_string))
            g_strv_builder_add(list, json_object_get_string(word));
    }
    return g_strv_builder_end(list);
}

/* The answer that tells all, and the one that tells what of it can migrate. */
static json_object *
choose(const char *arch, json_object *const answers[], json_object **less)
{
    switch (vir_cpu_arch(arch)) {
    case VIR_CPU_ARCH_X86:
        *less = answers[VIR_QEMU_CPU_STATIC];
        return answers[VIR_QEMU_CPU_ALL];
    case VIR_CPU_ARCH_ARM:
        return answers[VIR_QEMU_CPU_FULL];
    default:
        return answers[VIR_QEMU_CPU_STATIC];
    }
}

VirQemuCpuModel *
vir_qemu_cpu_model_parse(const char *arch, json_object *const answers[VIR_QEMU_CPU_N_QUESTIONS])
{
    json_object *less = NULL;
    json_object *from = member(choose(arch, answers, &less), "model");
    const char *name = vir_json_string(from, "name");
    VirQemuCpuModel *model;
    json_object *list;

    if (!name)
        return NULL;
    model = vir_qemu_cpu_model_new(name);
    less = member(member(less, "model"), "props");
    model->migratability = less != NULL;
    if (json_object_is_type(member(from, "props"), json_type_object)) {
        json_object_object_foreach(member(from, "props"), key, value)
        {
            json_object *other = member(less, key);

            add_prop(model, key, value, !less || (other && json_object_equal(other, value)));
        }
    }
    list = vir_json_array(answers[VIR_QEMU_CPU_FULL], "deprecated-props");
    if (list)
        model->deprecated = string_list(list);
    return model;
}
