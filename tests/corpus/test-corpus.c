/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every NAME.in.xml beneath the folders of this one, by kind. NAME.out.xml beside it is what comes
 * out; where there is none the document must be refused and NAME.err is the error's text.
 * VIR_TEST_REGENERATE=1 writes the expectations anew.
 *
 * What comes out is also a fixed point: parse, format, clone, compare change nothing. The generated
 * RELAX NG accepts it, and refuses it once it is spoilt.
 */
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <string.h>

#include "expect.h"
#include "vir-backup-model.h"
#include "vir-capabilities-def.h"
#include "vir-checkpoint-model.h"
#include "vir-cpu-def.h"
#include "vir-domain-def.h"
#include "vir-domstatus-def.h"
#include "vir-interface-model.h"
#include "vir-network-model.h"
#include "vir-network-port-model.h"
#include "vir-nodedev-model.h"
#include "vir-nwfilter-binding-model.h"
#include "vir-nwfilter-model.h"
#include "vir-secret-model.h"
#include "vir-snapshot-model.h"
#include "vir-storage-pool-model.h"
#include "vir-storage-vol-model.h"
#include "vir-storagepoolcaps-def.h"

static void *
read_network(const char *text, const char *name, GError **error)
{
    return vir_network_model_parse(text, -1, name, 0, 0, NULL, error);
}

/** A document whose schema is all of its rules. */
#define READ_BY_SCHEMA(noun, doc)                                                                  \
    static void *read_##noun(const char *text, const char *name, GError **error)                   \
    {                                                                                              \
        return vir_xml_parse(&doc, text, -1, name, 0, NULL, error);                                \
    }

READ_BY_SCHEMA(capabilities, vir_caps_host_doc)
READ_BY_SCHEMA(cpu, vir_cpu_xml_guest_doc)
READ_BY_SCHEMA(domain, vir_domain_domain_doc)
READ_BY_SCHEMA(domstatus, vir_domstatus_status_doc)
READ_BY_SCHEMA(storage_pool_caps, vir_storage_pool_caps_storage_pool_caps_doc)

/** A document that needs nothing but itself. */
#define READ_PLAIN(noun)                                                                           \
    static void *read_##noun(const char *text, const char *name, GError **error)                   \
    {                                                                                              \
        return vir_##noun##_model_parse(text, -1, name, 0, NULL, error);                           \
    }

READ_PLAIN(interface)
READ_PLAIN(backup)
READ_PLAIN(network_port)
READ_PLAIN(node_dev)
READ_PLAIN(nwfilter)
READ_PLAIN(nwfilter_binding)
READ_PLAIN(secret)
READ_PLAIN(storage_pool)

static void *
read_storage_vol(const char *text, const char *name, GError **error)
{
    return vir_storage_vol_model_parse(text, -1, name, 0, VIR_STORAGE_POOL_TYPE_DIR, 0, NULL,
                                       error);
}

static void *
read_checkpoint(const char *text, const char *name, GError **error)
{
    return vir_checkpoint_model_parse(text, -1, name, FALSE, 1700000000, NULL, error);
}

static void *
read_snapshot(const char *text, const char *name, GError **error)
{
    return vir_snapshot_model_parse(text, -1, name, VIR_SNAPSHOT_MODEL_REDEFINE, 0, NULL, error);
}

static const struct {
    const char *name;
    const char *rng; /* name of its RELAX NG */
    const VirXmlDoc *doc;
    void *(*read)(const char *text, const char *name, GError **error);
} kinds[] = {
    {"backup", "domainbackup", &vir_backup_doc, read_backup},
    {"capabilities", "capability", &vir_caps_host_doc, read_capabilities},
    {"checkpoint", "domaincheckpoint", &vir_checkpoint_doc, read_checkpoint},
    {"cpu", "cpu", &vir_cpu_xml_guest_doc, read_cpu},
    {"domain", "domain", &vir_domain_domain_doc, read_domain},
    {"domstatus", NULL, &vir_domstatus_status_doc, read_domstatus},
    {"interface", "interface", &vir_interface_interface_doc, read_interface},
    {"network", "network", &vir_network_network_doc, read_network},
    {"networkport", "networkport", &vir_network_port_network_port_doc, read_network_port},
    {"nodedev", "nodedev", &vir_node_dev_device_doc, read_node_dev},
    {"nwfilter", "nwfilter", &vir_nwfilter_nwfilter_doc, read_nwfilter},
    {"nwfilterbinding", "nwfilterbinding", &vir_nwfilter_binding_nwfilter_binding_doc,
     read_nwfilter_binding},
    {"secret", "secret", &vir_secret_secret_doc, read_secret},
    {"snapshot", "domainsnapshot", &vir_snapshot_doc, read_snapshot},
    {"storagepool", "storagepool", &vir_storage_pool_storage_pool_doc, read_storage_pool},
    {"storagepoolcaps", "storagepoolcaps", &vir_storage_pool_caps_storage_pool_caps_doc,
     read_storage_pool_caps},
    {"storagevol", "storagevol", &vir_storage_vol_storage_vol_doc, read_storage_vol},
};

static xmlRelaxNGPtr schemas[G_N_ELEMENTS(kinds)];

typedef struct {
    guint kind;
    char *base; /* path without .in.xml */
} Case;

static char *
slurp(const char *path)
{
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

static gboolean
rng_accepts(guint kind, const char *text)
{
    xmlDocPtr doc = xmlReadMemory(text, (int)strlen(text), "case", NULL, XML_PARSE_NONET);
    xmlRelaxNGValidCtxtPtr ctxt = xmlRelaxNGNewValidCtxt(schemas[kind]);
    int result;

    g_assert_nonnull(doc);
    xmlRelaxNGSetValidStructuredErrors(ctxt, NULL, NULL);
    result = xmlRelaxNGValidateDoc(ctxt, doc);
    xmlRelaxNGFreeValidCtxt(ctxt);
    xmlFreeDoc(doc);
    return result == 0;
}

static void
quiet(void *data, const char *fmt, ...)
{
}

/** An attribute and an element that no row knows, each at the end of the root's start tag. */
static void
check_spoilt(guint kind, const char *text)
{
    const char *end = strchr(text, '>');
    g_autofree char *attr = NULL;
    g_autofree char *element = NULL;

    attr = g_strdup_printf("%.*s bogus='1'%s", (int)(end - text), text, end);
    element = g_strdup_printf("%.*s<bogus/>%s", (int)(end + 1 - text), text, end + 1);
    g_assert_false(rng_accepts(kind, attr));
    g_assert_false(rng_accepts(kind, element));
}

static void
check_fixed_point(const Case *c, const char *text)
{
    const VirXmlDoc *doc = kinds[c->kind].doc;
    const VirXmlType *type = vir_xml_doc_type(doc);
    g_autoptr(GError) error = NULL;
    g_autofree char *again = NULL;
    g_autofree char *difference = NULL;
    void *obj = kinds[c->kind].read(text, c->base, &error);
    void *copy;

    g_assert_no_error(error);
    again = vir_xml_format(doc, obj, VIR_XML_SECURE, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(again, ==, text);
    copy = vir_xml_clone(type, obj);
    g_assert_true(vir_xml_equal(doc, obj, copy, 0, &difference));
    g_assert_null(difference);
    g_assert_true(vir_xml_equal(doc, obj, copy, VIR_XML_ABI, &difference));
    g_assert_true(vir_xml_validate(doc, copy, 0, &error));
    vir_xml_free(type, obj);
    g_clear_pointer(&again, g_free);
    again = vir_xml_format(doc, copy, VIR_XML_SECURE, &error);
    g_assert_cmpstr(again, ==, text);
    vir_xml_free(type, copy);
}

static void
run_case(gconstpointer data)
{
    const Case *c = data;
    g_autofree char *in_path = g_strconcat(c->base, ".in.xml", NULL);
    g_autofree char *name = g_path_get_basename(c->base);
    g_autofree char *in = slurp(in_path);
    g_autofree char *out = NULL;
    g_autoptr(GError) error = NULL;
    void *obj = kinds[c->kind].read(in, name, &error);

    if (obj == NULL) {
        g_autofree char *text = g_strconcat(error->message, "\n", NULL);

        expect(c->base, ".err", ".out.xml", text);
        return;
    }
    out = vir_xml_format(kinds[c->kind].doc, obj, VIR_XML_SECURE, &error);
    vir_xml_free(vir_xml_doc_type(kinds[c->kind].doc), obj);
    g_assert_no_error(error);
    expect(c->base, ".out.xml", ".err", out);
    check_fixed_point(c, out);
    if (kinds[c->kind].rng != NULL) {
        g_assert_true(rng_accepts(c->kind, out));
        check_spoilt(c->kind, out);
    }
}

static void
free_case(gpointer data)
{
    Case *c = data;

    g_free(c->base);
    g_free(c);
}

static void
walk(guint kind)
{
    g_autofree char *folder = g_test_build_filename(G_TEST_DIST, "corpus", kinds[kind].name, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *entry;

    g_assert_nonnull(dir);
    while ((entry = g_dir_read_name(dir)) != NULL) {
        g_autofree char *name = NULL;
        g_autofree char *path = NULL;
        Case *c;

        if (!g_str_has_suffix(entry, ".in.xml"))
            continue;
        name = g_strndup(entry, strlen(entry) - strlen(".in.xml"));
        path = g_strdup_printf("/corpus/%s/%s", kinds[kind].name, name);
        c = g_new0(Case, 1);
        c->kind = kind;
        c->base = g_build_filename(folder, name, NULL);
        g_test_add_data_func_full(path, c, run_case, free_case);
    }
}

int
main(int argc, char **argv)
{
    const char *rng = g_getenv("VIR_TEST_RNG");
    int result;

    g_test_init(&argc, &argv, NULL);
    g_assert_nonnull(rng);
    xmlSetGenericErrorFunc(NULL, quiet);
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i].rng != NULL) {
            g_autofree char *path = g_strdup_printf("%s/%s.rng", rng, kinds[i].rng);
            xmlRelaxNGParserCtxtPtr ctxt = xmlRelaxNGNewParserCtxt(path);

            schemas[i] = xmlRelaxNGParse(ctxt);
            xmlRelaxNGFreeParserCtxt(ctxt);
            g_assert_nonnull(schemas[i]);
        }
        walk(i);
    }
    result = g_test_run();
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        xmlRelaxNGFree(schemas[i]);
    xmlRelaxNGCleanupTypes();
    xmlCleanupParser();
    return result;
}
