/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

VIRSH_COMMAND(cd)
{
    const char *dir = virsh_string(cmd, "dir");

    if (!ctl->interactive)
        return virsh_error(ctl, "cd: command valid only in interactive mode");
    if (!dir)
        dir = g_get_home_dir();
    if (g_chdir(dir) == 0)
        return TRUE;
    return virsh_error(ctl, "cd: %s: %s", g_strerror(errno), dir);
}

VIRSH_COMMAND(pwd)
{
    g_autofree char *dir = g_get_current_dir();

    virsh_print("%s\n", dir);
    return TRUE;
}

static char *
shell_quote(const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "%+,-./:=@_";
    g_auto(GStrv) parts = NULL;
    g_autofree char *inner = NULL;

    if (*word && strspn(word, safe) == strlen(word))
        return g_strdup(word);
    parts = g_strsplit(word, "'", -1);
    inner = g_strjoinv("'\\''", parts);
    return *word ? g_strdup_printf("'%s'", inner) : g_strdup("''");
}

/* "a,b,,c" is "a" and "b,c": a doubled comma stands for one. */
static GPtrArray *
split_commas(const char *word)
{
    GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) part = g_string_new(NULL);

    for (; *word; word++) {
        if (*word != ',') {
            g_string_append_c(part, *word);
        } else if (word[1] == ',') {
            g_string_append_c(part, ',');
            word++;
        } else {
            g_ptr_array_add(out, g_strdup(part->str));
            g_string_truncate(part, 0);
        }
    }
    g_ptr_array_add(out, g_strdup(part->str));
    return out;
}

VIRSH_COMMAND(echo)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const char *prefix = virsh_string(cmd, "prefix");
    gsize n;
    const char *const *words = virsh_strings(cmd, "string", &n);

    if (!VIRSH_EXCLUSIVE(ctl, cmd, "shell", "xml") ||
        !VIRSH_EXCLUSIVE(ctl, cmd, "shell", "split") || !VIRSH_EXCLUSIVE(ctl, cmd, "xml", "split"))
        return FALSE;
    for (gsize i = 0; i < n; i++) {
        if (virsh_flag(cmd, "split")) {
            g_autoptr(GPtrArray) parts = split_commas(words[i]);

            for (guint k = 0; k < parts->len; k++)
                g_string_append_printf(out, "%s\n", (char *)g_ptr_array_index(parts, k));
            continue;
        }
        if (i > 0)
            g_string_append_c(out, ' ');
        if (virsh_flag(cmd, "shell")) {
            g_autofree char *quoted = shell_quote(words[i]);

            g_string_append(out, quoted);
        } else if (virsh_flag(cmd, "xml")) {
            g_autofree char *quoted = g_markup_escape_text(words[i], -1);
            g_auto(GStrv) parts = g_strsplit(quoted, "&#39;", -1);
            g_autofree char *apos = g_strjoinv("&apos;", parts);

            g_string_append(out, apos);
        } else {
            g_string_append(out, words[i]);
        }
    }
    if (virsh_flag(cmd, "err"))
        virsh_error(ctl, "%s%s%s", prefix ? prefix : "", prefix ? " " : "", out->str);
    else
        virsh_print("%s%s%s", prefix ? prefix : "", prefix ? " " : "", out->str);
    return TRUE;
}

VIRSH_COMMAND(exit)
{
    ctl->quit = TRUE;
    return TRUE;
}

VIRSH_COMMAND(quit)
{
    ctl->quit = TRUE;
    return TRUE;
}

VIRSH_COMMAND(help)
{
    const char *name = virsh_string(cmd, "command");
    const VirshCmdDef *def;

    if (!name) {
        virsh_print("Grouped commands:\n\n");
        virsh_help_groups(TRUE);
        return TRUE;
    }
    def = virsh_find_command(name);
    if (def) {
        virsh_help_command(def);
        return TRUE;
    }
    if (virsh_help_group(name))
        return TRUE;
    return virsh_error(ctl, "command or command group '%s' doesn't exist", name);
}

VIRSH_COMMAND(connect)
{
    const char *name = virsh_string(cmd, "name");
    gboolean readonly = virsh_flag(cmd, "readonly");
    g_autofree char *uri = g_strdup(name ? name : ctl->uri);

    virsh_disconnect(ctl);
    if (!virsh_connect(ctl, uri, readonly))
        return FALSE;
    g_free(ctl->uri);
    ctl->uri = g_steal_pointer(&uri);
    return TRUE;
}
