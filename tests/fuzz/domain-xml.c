/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A domain document or a device: refused with an error, or taken, copied, compared and printed. */

#include "fuzz.h"
#include "vir-domain-def.h"

static const VirXmlDoc *const docs[] = {&vir_domain_domain_doc,    &vir_domain_disk_doc,
                                        &vir_domain_interface_doc, &vir_domain_hostdev_doc,
                                        &vir_domain_serial_doc,    &vir_domain_graphics_doc,
                                        &vir_domain_controller_doc};

static void
check(const VirXmlDoc *doc, const void *obj, unsigned flags)
{
    const VirXmlType *type = vir_xml_doc_type(doc);
    g_autofree char *text = vir_xml_format(doc, obj, flags | VIR_XML_SECURE, NULL);
    g_autofree char *again = NULL;
    g_autofree char *difference = NULL;
    void *copy = vir_xml_clone(type, obj);
    void *second;

    g_assert_nonnull(text);
    g_assert_true(vir_xml_equal(doc, obj, copy, flags, &difference));
    vir_xml_free(type, copy);
    second = vir_xml_parse(doc, text, -1, "again", flags, NULL, NULL);
    g_assert_nonnull(second);
    again = vir_xml_format(doc, second, flags | VIR_XML_SECURE, NULL);
    g_assert_cmpstr(text, ==, again);
    vir_xml_free(type, second);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
    static const unsigned flags[] = {0, VIR_XML_INACTIVE};

    for (guint i = 0; i < G_N_ELEMENTS(flags); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) ignored = NULL;
        guint which = 0;
        void *obj = vir_xml_parse_any(docs, G_N_ELEMENTS(docs), (const char *)data, (gssize)len,
                                      "fuzz", flags[i], &which, &ignored, &error);

        g_assert_true((obj == NULL) == (error != NULL));
        if (obj == NULL)
            continue;
        check(docs[which], obj, flags[i]);
        vir_xml_free(vir_xml_doc_type(docs[which]), obj);
    }
    return 0;
}
