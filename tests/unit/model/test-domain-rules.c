/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each domain/NAME.xml goes through the rules that hold for every hypervisor; NAME.out has what it
 * becomes, or the error. Written anew with VIR_TEST_REGENERATE=1.
 */
#include "expect.h"
#include "vir-domain-model.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-xml.h"
#include <string.h>

static char *
convert(const char *path)
{
    g_autoptr(GError) error = NULL;
    gsize len = 0;
    g_autofree char *text = vir_file_read(path, 1 << 20, &len, NULL);
    g_autoptr(VirDomainDef) def =
        vir_xml_parse(&vir_domain_domain_doc, text, (gssize)len, path, 0, NULL, &error);

    g_assert_no_error(error);
    /* What is complete already stays as it is. */
    for (guint pass = 0; pass < 2; pass++) {
        if (!vir_domain_model_complete(def, "x86_64", &error)) {
            g_autofree char *why = vir_error_text(error);

            g_assert_cmpuint(pass, ==, 0);
            return g_strconcat(why, "\n", NULL);
        }
    }
    return vir_xml_format(&vir_domain_domain_doc, def, 0, NULL);
}

static void
test_document(const void *data)
{
    const char *path = data;
    g_autofree char *got = convert(path);

    expect(path, ".out", NULL, got);
}

int
main(int argc, char **argv)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *folder = NULL;
    g_autoptr(GDir) dir = NULL;
    const char *name;

    g_test_init(&argc, &argv, NULL);
    folder = g_test_build_filename(G_TEST_DIST, "unit", "model", "domain", NULL);
    dir = g_dir_open(folder, 0, NULL);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *test = g_strconcat("/domain/", name, NULL);

        if (!g_str_has_suffix(name, ".xml"))
            continue;
        g_ptr_array_add(paths, g_build_filename(folder, name, NULL));
        g_test_add_data_func(test, paths->pdata[paths->len - 1], test_document);
    }
    return g_test_run();
}
