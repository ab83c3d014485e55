/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-nwfilter-model.h"

#include "vir-error.h"
#include "vir-uuid.h"
#include <string.h>

#define CHAIN_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-"
#define MAX_CHAIN 13

/* Chains by the protocol they begin with, and where they come where nobody says. */
static const struct {
    const char *prefix;
    int priority;
} chains[] = {
    {"stp", -810},  {"mac", -800}, {"vlan", -750}, {"ipv4", -700},
    {"ipv6", -600}, {"arp", -500}, {"rarp", -400},
};

static gboolean
complete_chain(VirNwfilterDef *def, GError **error)
{
    if (def->chain == NULL)
        def->chain = g_strdup("root");
    if (strcmp(def->chain, "root") == 0)
        return TRUE;
    if (strlen(def->chain) > MAX_CHAIN || strspn(def->chain, CHAIN_CHARS) != strlen(def->chain))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "'%s' is no name of a chain", def->chain);
    for (guint i = 0; i < G_N_ELEMENTS(chains); i++) {
        if (g_str_has_prefix(def->chain, chains[i].prefix))
            return TRUE;
    }
    return vir_error_set(error, VIR_ERR_XML_ERROR,
                         "chain '%s' is not root and begins with none of stp, mac, vlan, ipv4, "
                         "ipv6, arp, rarp",
                         def->chain);
}

int
vir_nwfilter_model_priority(const VirNwfilterDef *def)
{
    for (guint i = 0; !def->has_priority && i < G_N_ELEMENTS(chains); i++) {
        if (g_str_has_prefix(def->chain, chains[i].prefix))
            return chains[i].priority;
    }
    return def->has_priority ? def->priority : 0;
}

gboolean
vir_nwfilter_model_complete(VirNwfilterDef *def, GError **error)
{
    if (*def->name == '\0' || strchr(def->name, '/') != NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "'%s' is no name of a filter", def->name);
    if (!complete_chain(def, error)) {
        g_prefix_error(error, "filter '%s': ", def->name);
        return FALSE;
    }
    if (!def->has_uuid) {
        vir_uuid_generate(def->uuid);
        def->has_uuid = true;
    }
    return TRUE;
}

VirNwfilterDef *
vir_nwfilter_model_parse(const char *text, gssize len, const char *name, unsigned flags,
                         GPtrArray **ignored, GError **error)
{
    g_autoptr(VirNwfilterDef) def =
        vir_xml_parse(&vir_nwfilter_nwfilter_doc, text, len, name, flags, ignored, error);

    if (def == NULL || !vir_nwfilter_model_complete(def, error))
        return NULL;
    return g_steal_pointer(&def);
}
