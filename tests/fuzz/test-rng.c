/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The generated RELAX NG beside the engine, over every document of our tests: it accepts what the
 * engine prints, as it is and completed by the drivers. Spoilt at every place (something unknown,
 * something twice, a value that is none, something missing) it refuses what the engine refuses.
 * Guards are not in it: what the engine refuses for the value of something else may stand there.
 */
#include "document.h"

#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <string.h>

typedef struct {
    const char *name;
    const char *rng;        /* file, without its suffix */
    const char *folders[9]; /* of documents, beneath tests */
} Kind;

static const Kind kinds[] = {
    {"backup", "domainbackup", {"fuzz/corpus/backup", "corpus/backup"}},
    {"capabilities", "capability", {"fuzz/corpus/capabilities"}},
    {"checkpoint", "domaincheckpoint", {"fuzz/corpus/checkpoint", "corpus/checkpoint"}},
    {"cpu", "cpu", {"fuzz/corpus/cpu", "unit/cpu/data"}},
    {"domain",
     "domain",
     {"fuzz/corpus/domain", "corpus/domain", "unit/model/domain", "unit/virtqemud/argv",
      "unit/virtqemud/argv-aarch64", "unit/virtqemud/argv-ppc64", "unit/virtqemud/argv-riscv64",
      "unit/virtqemud/argv-s390x"}},
    {"domaincaps", "domaincaps", {"fuzz/corpus/domaincaps"}},
    {"interface", "interface", {"fuzz/corpus/interface", "corpus/interface"}},
    {"network", "network", {"fuzz/corpus/network", "corpus/network"}},
    {"networkport", "networkport", {"fuzz/corpus/networkport", "corpus/networkport"}},
    {"nodedev", "nodedev", {"fuzz/corpus/nodedev", "corpus/nodedev"}},
    {"nwfilter", "nwfilter", {"fuzz/corpus/nwfilter", "corpus/nwfilter"}},
    {"nwfilterbinding",
     "nwfilterbinding",
     {"fuzz/corpus/nwfilterbinding", "corpus/nwfilterbinding"}},
    {"secret", "secret", {"fuzz/corpus/secret", "corpus/secret"}},
    {"snapshot", "domainsnapshot", {"fuzz/corpus/snapshot", "corpus/snapshot"}},
    {"storagepool", "storagepool", {"fuzz/corpus/storagepool", "corpus/storagepool"}},
    {"storagepoolcaps", "storagepoolcaps", {"fuzz/corpus/storagepoolcaps"}},
    {"storagevol", "storagevol", {"fuzz/corpus/storagevol", "corpus/storagevol"}},
};

/* What the engine refuses for the value of something else. */
static const char *const guarded[] = {
    "twice /domain/devices/smartcard/source ",
    "twice /domain/devices/serial/source ",
    "twice /domain/devices/parallel/source ",
    "twice /domain/devices/console/source ",
    "twice /domain/devices/channel/source ",
    "twice /domain/devices/redirdev/source ",
    "no such value /domain/devices/channel/address port",
    "12x /domain/devices/channel/address port",
    "without /domain/devices/rng/backend/source mode",
    "without /domain/devices/shmem/size unit",
    "no such value /device/capability/bus text",
    "12x /device/capability/bus text",
    "no such value /device/capability/target text",
    "12x /device/capability/target text",
    "without /device/capability/product id",
    "without /device/capability/vendor id",
    "without /device/capability/type id",
    NULL,
};

/* One kind at work. */
typedef struct {
    const FuzzKind *kind;
    xmlRelaxNGPtr rng;
    GHashTable *texts;  /* documents seen */
    GHashTable *places; /* that were spoilt already, in one way */
    guint spoilt, refused, disagreed;
} Proof;

static void
quiet(void *data, const char *fmt, ...)
{
}

static gboolean
rng_accepts(const Proof *p, xmlDocPtr doc)
{
    xmlRelaxNGValidCtxtPtr ctxt = xmlRelaxNGNewValidCtxt(p->rng);
    int result;

    xmlRelaxNGSetValidErrors(ctxt, quiet, quiet, NULL);
    result = xmlRelaxNGValidateDoc(ctxt, doc);
    xmlRelaxNGFreeValidCtxt(ctxt);
    g_assert_cmpint(result, >=, 0);
    return result == 0;
}

static gboolean
engine_accepts(const Proof *p, xmlDocPtr doc, unsigned flags)
{
    xmlChar *text = NULL;
    int len = 0;
    void *obj;

    xmlDocDumpMemory(doc, &text, &len);
    obj = vir_xml_parse(p->kind->docs[0], (const char *)text, len, "spoilt", flags, NULL, NULL);
    xmlFree(text);
    if (obj)
        vir_xml_free(vir_xml_doc_type(p->kind->docs[0]), obj);
    return obj != NULL;
}

/* Where @node is, without numbers. */
static char *
path_of(const xmlNode *node)
{
    g_autofree char *above = node->parent && node->parent->type == XML_ELEMENT_NODE
                                 ? path_of(node->parent)
                                 : g_strdup("");

    return g_strdup_printf("%s/%s", above, (const char *)node->name);
}

/** Whether @what at that place is to be tried: it was not yet. */
static gboolean
first_time(Proof *p, const xmlNode *node, const char *what, const char *name)
{
    g_autofree char *path = path_of(node);

    return g_hash_table_add(p->places, g_strconcat(what, " ", path, " ", name, NULL));
}

static void
judge(Proof *p, xmlDocPtr doc, const xmlNode *node, const char *what, const char *name,
      unsigned flags)
{
    p->spoilt++;
    if (engine_accepts(p, doc, flags | VIR_XML_NO_CHECK))
        return;
    p->refused++;
    if (rng_accepts(p, doc)) {
        g_autofree char *path = path_of(node);
        g_autofree char *text = g_strdup_printf("%s %s %s", what, path, name);

        if (g_strv_contains(guarded, text))
            return;
        p->disagreed++;
        g_test_message("the RNG accepts: %s", text);
    }
}

static void
spoil_names(Proof *p, xmlDocPtr doc, xmlNode *node)
{
    const char *name = (const char *)node->name;
    xmlNode *copy;

    if (first_time(p, node, "unknown attribute", "")) {
        xmlAttrPtr attr = xmlNewProp(node, BAD_CAST "bogus", BAD_CAST "1");

        judge(p, doc, node, "unknown attribute", "", VIR_XML_STRICT);
        xmlRemoveProp(attr);
    }
    if (first_time(p, node, "unknown element", "")) {
        copy = xmlNewChild(node, NULL, BAD_CAST "bogus", NULL);
        judge(p, doc, node, "unknown element", "", VIR_XML_STRICT);
        xmlUnlinkNode(copy);
        xmlFreeNode(copy);
    }
    if (node->ns == NULL && first_time(p, node, "misspelt", "")) {
        g_autofree char *right = g_strdup(name);
        g_autofree char *wrong = g_strconcat(right, "x", NULL);

        xmlNodeSetName(node, BAD_CAST wrong);
        judge(p, doc, node, "misspelt", right, VIR_XML_STRICT);
        xmlNodeSetName(node, BAD_CAST right);
    }
    if (node->parent->type == XML_ELEMENT_NODE && first_time(p, node, "twice", "")) {
        copy = xmlAddNextSibling(node, xmlCopyNode(node, 1));
        judge(p, doc, node, "twice", "", VIR_XML_STRICT);
        xmlUnlinkNode(copy);
        xmlFreeNode(copy);
    }
}

/* Values that are none: of an enumeration, of a number. */
static const char *const wrong_values[] = {"no such value", "12x"};

static void
spoil_attribute(Proof *p, xmlDocPtr doc, xmlNode *node, const char *name)
{
    g_autofree char *value = NULL;
    xmlChar *was = xmlGetNoNsProp(node, BAD_CAST name);

    if (!was) /* of a namespace */
        return;
    value = g_strdup((const char *)was);
    xmlFree(was);
    for (guint i = 0; i < G_N_ELEMENTS(wrong_values); i++) {
        if (!first_time(p, node, wrong_values[i], name))
            continue;
        xmlSetProp(node, BAD_CAST name, BAD_CAST wrong_values[i]);
        judge(p, doc, node, wrong_values[i], name, 0);
    }
    xmlUnsetProp(node, BAD_CAST name);
    if (first_time(p, node, "without", name))
        judge(p, doc, node, "without", name, 0);
    xmlSetProp(node, BAD_CAST name, BAD_CAST value);
}

static void
spoil_text(Proof *p, xmlDocPtr doc, xmlNode *node)
{
    g_autofree char *value = NULL;
    xmlChar *was = xmlNodeGetContent(node);

    value = g_markup_escape_text((const char *)was, -1);
    xmlFree(was);
    for (guint i = 0; i < G_N_ELEMENTS(wrong_values); i++) {
        if (!first_time(p, node, wrong_values[i], "text"))
            continue;
        xmlNodeSetContent(node, BAD_CAST wrong_values[i]);
        judge(p, doc, node, wrong_values[i], "text", 0);
    }
    xmlNodeSetContent(node, BAD_CAST value);
}

static void
spoil(Proof *p, xmlDocPtr doc, xmlNode *node)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    spoil_names(p, doc, node);
    for (xmlAttrPtr attr = node->properties; attr; attr = attr->next)
        g_ptr_array_add(names, g_strdup((const char *)attr->name));
    for (guint i = 0; i < names->len; i++)
        spoil_attribute(p, doc, node, names->pdata[i]);
    if (xmlChildElementCount(node) == 0 && node->children)
        spoil_text(p, doc, node);
    for (xmlNode *child = xmlFirstElementChild(node); child; child = xmlNextElementSibling(child))
        spoil(p, doc, child);
}

/** @text as the engine prints it. */
static void
prove_text(Proof *p, const char *path, const char *text)
{
    gint64 start = g_get_monotonic_time();
    xmlDocPtr doc;

    if (!g_hash_table_add(p->texts, g_strdup(text)))
        return;
    doc =
        xmlReadMemory(text, (int)strlen(text), "text", NULL, XML_PARSE_NONET | XML_PARSE_NOBLANKS);
    g_assert_nonnull(doc);
    if (!rng_accepts(p, doc)) {
        g_test_message("%s: the RNG refuses\n%s", path, text);
        g_test_fail();
    }
    /* Tens of milliseconds; a schema whose validation is exponential needs minutes. */
    g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
    spoil(p, doc, xmlDocGetRootElement(doc));
    xmlFreeDoc(doc);
}

static void
prove_object(Proof *p, const char *path, void *obj, unsigned flags)
{
    g_autofree char *text =
        obj ? vir_xml_format(p->kind->docs[0], obj, flags | VIR_XML_SECURE, NULL) : NULL;

    if (!obj)
        return;
    g_assert_nonnull(text);
    prove_text(p, path, text);
    vir_xml_free(vir_xml_doc_type(p->kind->docs[0]), obj);
}

static void
prove_file(Proof *p, const char *path)
{
    g_autofree char *text = NULL;
    FuzzText in = {0};
    gsize len;

    if (!g_file_get_contents(path, &text, &len, NULL))
        return;
    in = (FuzzText){text, (gssize)len};
    prove_object(p, path, vir_xml_parse(p->kind->docs[0], text, in.len, path, 0, NULL, NULL), 0);
    for (guint i = 0; p->kind->complete && i < p->kind->n_variants; i++) {
        unsigned flags = 0;
        g_autoptr(GError) error = NULL;
        void *obj = p->kind->complete(&in, i, &flags, &error);

        prove_object(p, path, obj, flags & ~(unsigned)VIR_XML_STATUS);
    }
}

static void
test_kind(gconstpointer data)
{
    const Kind *row = data;
    g_autofree char *file = g_strdup_printf("%s/%s.rng", g_getenv("VIR_TEST_RNG"), row->rng);
    xmlRelaxNGParserCtxtPtr ctxt = xmlRelaxNGNewParserCtxt(file);
    Proof p = {.kind = fuzz_kind(row->name),
               .rng = xmlRelaxNGParse(ctxt),
               .texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
               .places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};

    xmlRelaxNGFreeParserCtxt(ctxt);
    g_assert_nonnull(p.rng);
    for (guint i = 0; row->folders[i]; i++) {
        g_autofree char *folder = g_test_build_filename(G_TEST_DIST, row->folders[i], NULL);
        g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
        const char *name;

        g_assert_nonnull(dir);
        while ((name = g_dir_read_name(dir))) {
            g_autofree char *path = g_build_filename(folder, name, NULL);

            prove_file(&p, path);
        }
    }
    g_test_message("%u documents, spoilt in %u ways; the engine refuses %u, the RNG all but %u",
                   g_hash_table_size(p.texts), p.spoilt, p.refused, p.disagreed);
    g_assert_cmpuint(g_hash_table_size(p.texts), >, 0);
    if (p.disagreed > 0)
        g_test_fail();
    g_hash_table_unref(p.texts);
    g_hash_table_unref(p.places);
    xmlRelaxNGFree(p.rng);
}

int
main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    xmlSetGenericErrorFunc(NULL, quiet);
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *path = g_strdup_printf("/rng/%s", kinds[i].name);

        g_test_add_data_func(path, &kinds[i], test_kind);
    }
    status = g_test_run();
    xmlRelaxNGCleanupTypes();
    xmlCleanupParser();
    return status;
}
