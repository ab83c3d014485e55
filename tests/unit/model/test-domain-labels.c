/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vir-domain-metadata.h"
#include "vir-domain-seclabel.h"
#include "vir-xml.h"
#include <string.h>

static void
tidies_to(const char *text, const char *want)
{
    g_autofree char *got = g_strdup(text);

    vir_domain_metadata_tidy(&got);
    g_assert_cmpstr(got, ==, want);
}

static void
test_metadata(void)
{
    tidies_to(NULL, NULL);
    tidies_to("<metadata>\n <a xmlns='urn:a'>x</a>\n</metadata>",
              "<metadata>\n <a xmlns='urn:a'>x</a>\n</metadata>");
    tidies_to("<metadata> <none/> <a xmlns='urn:a'/> <b xmlns='urn:a'><c/></b> "
              "<d:a xmlns:d='urn:d'/></metadata>",
              "<metadata>  <a xmlns='urn:a'/>  <d:a xmlns:d='urn:d'/></metadata>");
    tidies_to("<metadata><none/></metadata>", "<metadata></metadata>");
}

static char *
complete(const char *labels)
{
    g_autofree char *text =
        g_strconcat("<domain type='qemu'><name>n</name><memory>1</memory><os><type>hvm</type></os>",
                    labels, "</domain>", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(VirDomainDef) def =
        vir_xml_parse(&vir_domain_domain_doc, text, -1, "test", VIR_XML_INACTIVE, NULL, &error);
    g_autofree char *out = NULL;
    const char *from;

    g_assert_no_error(error);
    g_assert_true(vir_domain_seclabels_complete(def, "none", &error));
    out = vir_xml_format(&vir_domain_domain_doc, def, 0, &error);
    g_assert_no_error(error);
    from = strstr(out, "  <seclabel");
    return from ? g_strndup(from, strlen(from) - strlen("</domain>\n")) : g_strdup("");
}

static void
completes_to(const char *labels, const char *want)
{
    g_autofree char *got = complete(labels);

    g_assert_cmpstr(got, ==, want);
}

static void
test_seclabels(void)
{
    completes_to("", "");
    /* Without a driver there is nothing to label with. */
    completes_to("<seclabel type='dynamic' relabel='yes'/>",
                 "  <seclabel type='none' model='none'/>\n");
    completes_to("<seclabel model='dac'/>",
                 "  <seclabel type='dynamic' model='dac' relabel='yes'/>\n");
    completes_to("<seclabel type='none' model='dac' relabel='no'/>",
                 "  <seclabel type='none' model='dac'/>\n");
    completes_to("<seclabel type='static' model='dac'><label>1:2</label></seclabel>",
                 "  <seclabel type='static' model='dac' relabel='no'>\n"
                 "    <label>1:2</label>\n"
                 "  </seclabel>\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/domain-labels/metadata", test_metadata);
    g_test_add_func("/domain-labels/seclabels", test_seclabels);
    return g_test_run();
}
