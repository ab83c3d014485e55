/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qemu-cpu-ask.h"

#include "vir-error.h"
#include <string.h>

/* CpuModelInfo of QEMU's QMP; what is optional is left to the model. */
static json_object *
model_info(const VirCpu *cpu)
{
    json_object *info = json_object_new_object();
    json_object *props = json_object_new_object();

    for (guint i = 0; i < cpu->def->n_features; i++) {
        const VirDomainCpuFeature *feature = cpu->def->features[i];
        gboolean on = feature->policy == 0 ||
                      feature->policy == VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE ||
                      feature->policy == VIR_DOMAIN_CPU_FEATURE_POLICY_FORCE;

        if (feature->policy != VIR_DOMAIN_CPU_FEATURE_POLICY_OPTIONAL)
            json_object_object_add(props, feature->name, json_object_new_boolean(on));
    }
    json_object_object_add(info, "name", json_object_new_string(cpu->def->model));
    json_object_object_add(info, "props", props);
    return info;
}

/* The answer to @command with two arguments, whose values are taken. */
static json_object *
ask(const VirProbePeer *peer, const char *command, const char *key, json_object *value,
    const char *other_key, json_object *other, GError **error)
{
    VirProbeQuery query = {.command = command, .args = json_object_new_object()};
    gboolean ok;

    json_object_object_add(query.args, key, value);
    json_object_object_add(query.args, other_key, other);
    ok = peer->ask(&query, 1, peer->opaque, error);
    json_object_put(query.args);
    return ok ? query.reply : NULL;
}

static char *
join_names(json_object *names)
{
    g_autoptr(GString) text = g_string_new(NULL);
    gsize n = names ? json_object_array_length(names) : 0;

    for (gsize i = 0; i < n; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
                               json_object_get_string(json_object_array_get_idx(names, i)));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

VirCpuResult
vir_qemu_cpu_compare(const VirProbePeer *peer, const VirCpu *host, const VirCpu *cpu, char **why,
                     GError **error)
{
    static const struct {
        const char *word;
        VirCpuResult result;
    } words[] = {
        {"identical", VIR_CPU_IDENTICAL},
        {"superset", VIR_CPU_SUPERSET},
        {"subset", VIR_CPU_INCOMPATIBLE},
        {"incompatible", VIR_CPU_INCOMPATIBLE},
    };
    json_object *reply = ask(peer, "query-cpu-model-comparison", "modela", model_info(host),
                             "modelb", model_info(cpu), error);
    VirCpuResult result = VIR_CPU_ERROR;
    const char *word;

    if (!reply)
        return VIR_CPU_ERROR;
    word = vir_json_string(reply, "result");
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_strcmp0(words[i].word, word) == 0)
            result = words[i].result;
    }
    if (result == VIR_CPU_ERROR)
        vir_error_set(error, VIR_ERR_INTERNAL_ERROR, "QEMU compares processors as '%s'",
                      word ? word : "(nothing)");
    if (result == VIR_CPU_INCOMPATIBLE && why) {
        g_autofree char *names = join_names(vir_json_array(reply, "responsible-properties"));

        *why = g_strdup_printf("QEMU finds a difference in %s", names);
    }
    json_object_put(reply);
    return result;
}

/* The model that an answer tells, owned; @reply is taken. */
static json_object *
take_model(json_object *reply, GError **error)
{
    json_object *model = NULL;

    if (!reply)
        return NULL;
    json_object_object_get_ex(reply, "model", &model);
    if (!vir_json_string(model, "name")) {
        vir_error_set(error, VIR_ERR_INTERNAL_ERROR, "QEMU tells no model of a processor");
        model = NULL;
    }
    json_object_get(model);
    json_object_put(reply);
    return model;
}

static json_object *
expand_model(const VirProbePeer *peer, json_object *model, gboolean full, GError **error)
{
    return take_model(ask(peer, "query-cpu-model-expansion", "type",
                          json_object_new_string(full ? "full" : "static"), "model", model, error),
                      error);
}

/* What of @model is there, in QEMU's order; @model is taken. */
static VirCpu *
to_cpu(json_object *model, const char *arch)
{
    VirCpu *cpu = vir_cpu_new(arch, FALSE);
    json_object *props = NULL;

    cpu->def->model = g_strdup(vir_json_string(model, "name"));
    if (json_object_object_get_ex(model, "props", &props) &&
        json_object_is_type(props, json_type_object)) {
        json_object_object_foreach(props, name, on)
        {
            if (json_object_is_type(on, json_type_boolean) && json_object_get_boolean(on))
                vir_cpu_put_feature(cpu, name, 0);
        }
    }
    json_object_put(model);
    return cpu;
}

VirCpu *
vir_qemu_cpu_baseline(const VirProbePeer *peer, const GPtrArray *cpus, gboolean expand,
                      GError **error)
{
    const VirCpu *first = cpus->pdata[0];
    json_object *model = model_info(first);
    VirCpu *cpu;

    for (guint i = 1; model && i < cpus->len; i++)
        model = take_model(ask(peer, "query-cpu-model-baseline", "modela", model, "modelb",
                               model_info(cpus->pdata[i]), error),
                           error);
    if (model && (expand || cpus->len == 1))
        model = expand_model(peer, model, expand, error);
    if (!model)
        return NULL;
    cpu = to_cpu(model, first->arch);
    if (expand)
        vir_cpu_sort_features(cpu);
    return cpu;
}
