/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command line of virsh: parsed, and completed as if the cursor stood at its end. */

#include "virsh.h"
#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
    VirshCtl ctl = {.log_fd = -1};
    g_autofree char *line = g_strndup(len ? (const char *)data : "", len);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) commands = virsh_parse_line(line, &error);
    g_autoptr(GPtrArray) words = NULL;
    gboolean open;
    unsigned long long bytes;

    g_assert_true((commands == NULL) == (error != NULL));
    words = virsh_parse_partial(line, &open);
    g_assert_true(!open || words->len > 0);
    virsh_parse_size(line, 1024, &bytes);
    if (!strchr(line, '/')) { /* no files: their names are the machine's */
        g_autoptr(GPtrArray) candidates = virsh_complete(&ctl, line);

        g_assert_nonnull(candidates);
    }
    return 0;
}
