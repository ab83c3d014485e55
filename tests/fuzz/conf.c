/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A configuration file: parsed as one of a daemon, and without a table. */

#include "fuzz.h"
#include "vir-conf-keys.h"

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirConf) any = vir_conf_parse((const char *)data, len, "any", NULL, FALSE, &error);
    g_autoptr(VirConf) checked =
        vir_conf_parse((const char *)data, len, "daemon", &vir_conf_daemon, TRUE, NULL);

    g_assert_true((any == NULL) == (error != NULL));
    g_assert_true(any != NULL || checked == NULL);
    return 0;
}
