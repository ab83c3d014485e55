/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A network document: refused with an error, or taken and printed as a fixed point. */

#include "fuzz.h"
#include "vir-network-model.h"

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) ignored = NULL;
    g_autofree char *text = NULL;
    g_autofree char *again = NULL;
    g_autoptr(VirNetworkDef) def =
        vir_network_model_parse((const char *)data, (gssize)len, "fuzz", 0, 0, &ignored, &error);
    g_autoptr(VirNetworkDef) second = NULL;

    g_assert_true((def == NULL) == (error != NULL));
    if (def == NULL)
        return 0;
    text = vir_network_model_format(def, VIR_XML_SECURE, &error);
    g_assert_no_error(error);
    second = vir_network_model_parse(text, -1, "again", 0, 0, NULL, &error);
    g_assert_no_error(error);
    again = vir_network_model_format(second, VIR_XML_SECURE, &error);
    g_assert_cmpstr(text, ==, again);
    return 0;
}
