/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-nwfilter-model.h"

#include "vir-error.h"
#include "vir-uuid.h"
#include <string.h>

#define CHAIN_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-"
#define MAX_CHAIN 13

/* The protocols that names of chains begin with. */
static const char *const chains[] = {"stp", "mac", "vlan", "ipv4", "ipv6", "arp", "rarp"};

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
        if (g_str_has_prefix(def->chain, chains[i]))
            return TRUE;
    }
    return vir_error_set(error, VIR_ERR_XML_ERROR,
                         "chain '%s' is not root and begins with none of stp, mac, vlan, ipv4, "
                         "ipv6, arp, rarp",
                         def->chain);
}

/*
 * Attributes that are about what another one says, and count for or against with it. Rules that see
 * packets (they know @state) keep the ports of both ends together.
 */
static const struct {
    const char *name;
    const char *leader;
    gboolean packets;
} followers[] = {
    {"srcmacmask", "srcmacaddr"},
    {"dstmacmask", "dstmacaddr"},
    {"srcipmask", "srcipaddr"},
    {"dstipmask", "dstipaddr"},
    {"srcipto", "srcipfrom"},
    {"dstipto", "dstipfrom"},
    {"srcportend", "srcportstart", TRUE},
    {"dstportstart", "srcportstart", TRUE},
    {"dstportend", "srcportstart", TRUE},
    {"typeend", "type"},
    {"code", "type"},
    {"codeend", "type"},
    {"root-priority-hi", "root-priority"},
    {"root-cost-hi", "root-cost"},
    {"root-address-mask", "root-address"},
    {"sender-priority-hi", "sender-priority"},
    {"sender-address-mask", "sender-address"},
    {"port-hi", "port"},
    {"age-hi", "age"},
    {"max-age-hi", "max-age"},
    {"hello-time-hi", "hello-time"},
    {"forward-delay-hi", "forward-delay"},
};

static const char *
leader_of(const VirXmlList *list, const char *name)
{
    gboolean packets = vir_xml_string_member(list->type, **list->items, "state") != NULL;

    for (guint i = 0; i < G_N_ELEMENTS(followers); i++) {
        if (strcmp(followers[i].name, name) == 0 && (packets || !followers[i].packets))
            return followers[i].leader;
    }
    return name;
}

/** The last element that says something of @name: it stands. */
static void *
last_with(const VirXmlList *list, const char *name, char **value)
{
    for (guint i = *list->n; i > 0; i--) {
        char **member = vir_xml_string_member(list->type, (*list->items)[i - 1], name);

        if (member != NULL && (*value = *member) != NULL)
            return (*list->items)[i - 1];
    }
    return NULL;
}

/** Several elements of a protocol are one set of attributes: those that count for, then those
 * against. */
static void
merge_elements(const VirXmlList *list)
{
    void *merged[2] = {vir_xml_new(list->type), vir_xml_new(list->type)};
    gboolean has[2] = {FALSE, FALSE};
    const char *name;
    char *value;

    for (guint i = 0; (name = vir_xml_string_name(list->type, i)) != NULL; i++) {
        void *leader = last_with(list, leader_of(list, name), &value);
        guint against = leader != NULL && *vir_xml_string_member(list->type, leader, "match");

        if (strcmp(name, "match") == 0 || last_with(list, name, &value) == NULL)
            continue;
        *vir_xml_string_member(list->type, merged[against], name) = g_strdup(value);
        has[against] = TRUE;
    }
    while (*list->n > 0)
        vir_xml_free(list->type, vir_xml_array_remove(list->items, list->n, *list->n - 1));
    if (has[1])
        *vir_xml_string_member(list->type, merged[1], "match") = g_strdup("no");
    for (guint i = 0; i < 2; i++) {
        if (has[i] || (i == 0 && !has[1]))
            vir_xml_array_insert(list->items, list->n, *list->n, merged[i]);
        else
            vir_xml_free(list->type, merged[i]);
    }
}

/** Frames have ports where they carry a protocol that has. */
static gboolean
check_ports(const VirXmlList *list, GError **error)
{
    static const char *const ports[] = {"srcportstart", "srcportend", "dstportstart", "dstportend"};
    static const char *const with[] = {"tcp", "udp", "sctp", "33", "0x21", NULL};
    char *port = NULL;
    char *protocol = NULL;

    if (vir_xml_string_member(list->type, **list->items, "protocol") == NULL)
        return TRUE;
    for (guint i = 0; port == NULL && i < G_N_ELEMENTS(ports); i++)
        last_with(list, ports[i], &port);
    last_with(list, "protocol", &protocol);
    if (port == NULL || (protocol != NULL && g_strv_contains(with, protocol)))
        return TRUE;
    return vir_error_set(error, VIR_ERR_XML_ERROR,
                         "port %s in a rule about frames needs the protocol tcp, udp, sctp or 33 "
                         "(DCCP), not %s",
                         port, protocol != NULL ? protocol : "any");
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
    for (guint i = 0; i < def->n_rules; i++) {
        VirXmlList list;

        if (!vir_xml_first_list(&vir_nwfilter_rule_type, def->rules[i], &list))
            continue;
        merge_elements(&list);
        if (!check_ports(&list, error)) {
            g_prefix_error(error, "filter '%s', rule %u: ", def->name, i + 1);
            return FALSE;
        }
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
