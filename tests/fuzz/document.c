/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A document of the kind FUZZ_KIND: refused with an error, or taken, copied, compared and printed
 * in every form, each of which is taken again and is then the same; and completed as its driver
 * does it, which changes nothing the second time.
 */

#include "document.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* g_error() would raise SIGTRAP, for which libFuzzer keeps no input. */
#define fail(...)                                                                                  \
    G_STMT_START                                                                                   \
    {                                                                                              \
        g_printerr(__VA_ARGS__);                                                                   \
        abort();                                                                                   \
    }                                                                                              \
    G_STMT_END

static const unsigned parse_flags[] = {0, VIR_XML_INACTIVE, VIR_XML_STATUS,
                                       VIR_XML_STATUS | VIR_XML_INACTIVE,
                                       VIR_XML_INACTIVE | VIR_XML_NO_CHECK};

/* What this run is to do of several things: one, which depends on the input, so that a fuzzer is
 * fast; or all (FUZZ_ALL). */
static guint salt;

static gboolean
passed_over(guint i, guint n)
{
#ifdef FUZZ_ALL
    return FALSE;
#else
    return i != salt % n;
#endif
}

static void
choose(const FuzzText *in)
{
    salt = 5381;
    for (gssize i = 0; i < in->len; i++)
        salt = salt * 33 + (guchar)in->text[i];
}

static void
expect_same(const char *a, const char *b, const char *what)
{
    if (strcmp(a, b) != 0)
        fail("%s:\n%s\n---- became\n%s", what, a, b);
}

/** @text, printed with @flags by ourselves, is taken and printed the same. */
static void
check_text(const VirXmlDoc *doc, const void *obj, const char *text, unsigned flags)
{
    const VirXmlType *type = vir_xml_doc_type(doc);
    g_autoptr(GError) error = NULL;
    g_autofree char *again = NULL;
    g_autofree char *difference = NULL;
    void *second = vir_xml_parse(doc, text, -1, "again", flags | VIR_XML_STRICT, NULL, &error);

    if (second == NULL)
        fail("printed with flags %u it is refused: %s\n%s", flags, error->message, text);
    if (obj != NULL && !vir_xml_equal(doc, obj, second, flags, &difference))
        fail("flags %u: %s\n%s", flags, difference, text);
    again = vir_xml_format(doc, second, flags, &error);
    g_assert_no_error(error);
    expect_same(text, again, "printed twice");
    vir_xml_free(type, second);
}

/** Every form of @obj, which was taken with @flags. */
static void
check_forms(const VirXmlDoc *doc, const void *obj, unsigned flags)
{
    static const unsigned forms[] = {VIR_XML_INACTIVE, VIR_XML_STATUS, VIR_XML_MIGRATABLE,
                                     VIR_XML_INACTIVE | VIR_XML_MIGRATABLE};
    unsigned own = flags & (VIR_XML_INACTIVE | VIR_XML_STATUS);
    unsigned check = flags & VIR_XML_NO_CHECK;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = vir_xml_format(doc, obj, own | VIR_XML_SECURE, &error);
    g_autofree char *open = NULL;
    g_autofree char *secure = NULL;

    g_assert_no_error(error);
    check_text(doc, obj, text, own | check | VIR_XML_SECURE);
    g_assert_true(vir_xml_format_both(doc, obj, own, &open, &secure, &error));
    expect_same(text, secure != NULL ? secure : open, "printed in both forms at once");
    for (guint i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_autofree char *form = NULL;
        g_autofree char *public = NULL;

        if (passed_over(i, G_N_ELEMENTS(forms)))
            continue;
        form = vir_xml_format(doc, obj, forms[i] | VIR_XML_SECURE, &error);
        public = vir_xml_format(doc, obj, forms[i], NULL);
        g_assert_no_error(error);
        g_assert_nonnull(public);
        check_text(doc, NULL, form, forms[i] | check | VIR_XML_SECURE);
    }
}

static void
check_object(const VirXmlDoc *doc, const void *obj, unsigned flags)
{
    const VirXmlType *type = vir_xml_doc_type(doc);
    g_autoptr(GError) error = NULL;
    g_autofree char *difference = NULL;
    void *copy = vir_xml_clone(type, obj);

    if (!vir_xml_equal(doc, obj, copy, flags, &difference) ||
        !vir_xml_equal(doc, obj, copy, VIR_XML_ABI, &difference))
        fail("a copy differs: %s", difference);
    g_assert_cmpuint(vir_xml_memory(type, copy), >, 0);
    if (!(flags & VIR_XML_NO_CHECK) && !vir_xml_validate(doc, copy, flags, &error))
        fail("taken, but not valid: %s", error->message);
    check_forms(doc, copy, flags);
    vir_xml_free(type, copy);
}

/** What stops a strict reading is what another one passes over. */
static void
check_strict(const FuzzKind *kind, guint n_docs, const FuzzText *in, const GPtrArray *ignored,
             gboolean taken)
{
    g_autoptr(GError) error = NULL;
    guint which = 0;
    void *obj = vir_xml_parse_any(kind->docs, n_docs, in->text, in->len, "fuzz", VIR_XML_STRICT,
                                  &which, NULL, &error);

    g_assert_true((obj == NULL) == (error != NULL));
    if ((obj != NULL) != (taken && ignored->len == 0))
        fail("strict reading: %s", error != NULL ? error->message : "taken");
    if (obj != NULL)
        vir_xml_free(vir_xml_doc_type(kind->docs[which]), obj);
}

static void
run_schema(const FuzzKind *kind, const FuzzText *in)
{
    guint n_docs = 0;

    while (kind->docs[n_docs] != NULL)
        n_docs++;
    for (guint i = 0; i < G_N_ELEMENTS(parse_flags); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) ignored = NULL;
        guint which = 0;
        void *obj = vir_xml_parse_any(kind->docs, n_docs, in->text, in->len, "fuzz", parse_flags[i],
                                      &which, &ignored, &error);

        g_assert_true((obj == NULL) == (error != NULL));
        if (parse_flags[i] == 0)
            check_strict(kind, n_docs, in, ignored, obj != NULL);
        if (obj == NULL)
            continue;
        check_object(kind->docs[which], obj, parse_flags[i]);
        if (kind->use != NULL && kind->complete == NULL)
            kind->use(obj, which, in);
        vir_xml_free(vir_xml_doc_type(kind->docs[which]), obj);
    }
}

/** What a driver has completed it takes again as it is. */
static void
run_complete(const FuzzKind *kind, const FuzzText *in, guint variant)
{
    const VirXmlDoc *doc = kind->docs[0];
    const VirXmlType *type = vir_xml_doc_type(doc);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    g_autofree char *again = NULL;
    unsigned flags = 0;
    void *obj = kind->complete(in, variant, &flags, &error);
    void *second;

    g_assert_true((obj == NULL) == (error != NULL));
    if (obj == NULL)
        return;
    text = vir_xml_format(doc, obj, flags | VIR_XML_SECURE, &error);
    g_assert_no_error(error);
    second = kind->complete(&(FuzzText){text, -1}, variant, &flags, &error);
    if (second == NULL)
        fail("completed (%u) it is refused: %s\n%s", variant, error->message, text);
    again = vir_xml_format(doc, second, flags | VIR_XML_SECURE, &error);
    g_assert_no_error(error);
    expect_same(text, again, "completed twice");
    check_object(doc, second, flags);
    if (kind->use != NULL)
        kind->use(second, 0, in);
    vir_xml_free(type, second);
    vir_xml_free(type, obj);
}

/** The number that the next file gets. */
static int
next_fd(void)
{
    int fd = dup(STDERR_FILENO);

    close(fd);
    return fd;
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
    static const FuzzKind *kind;
    FuzzText in = {(const char *)data, (gssize)len};
    int fd = next_fd();

    if (kind == NULL)
        kind = fuzz_kind(FUZZ_KIND);
    choose(&in);
    run_schema(kind, &in);
    for (guint i = 0; kind->complete != NULL && i < kind->n_variants; i++) {
        if (!passed_over(i, kind->n_variants))
            run_complete(kind, &in, i);
    }
    g_assert_cmpint(next_fd(), ==, fd);
    return 0;
}
