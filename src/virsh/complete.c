/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static void
add(GPtrArray *out, const char *prefix, const char *text)
{
    if (text && g_str_has_prefix(text, prefix))
        g_ptr_array_add(out, g_strdup(text));
}

/* One kind of object: how to list them all and what their names are. */
typedef int (*ListFunc)(virConnectPtr conn, void ***objects, unsigned int flags);
typedef const char *(*NameFunc)(void *object);
typedef int (*FreeFunc)(void *object);

static const struct {
    const char *completer;
    ListFunc list;
    NameFunc name;
    FreeFunc unref;
} kinds[] = {
    {"domain", (ListFunc)virConnectListAllDomains, (NameFunc)virDomainGetName,
     (FreeFunc)virDomainFree},
    {"network", (ListFunc)virConnectListAllNetworks, (NameFunc)virNetworkGetName,
     (FreeFunc)virNetworkFree},
    {"pool", (ListFunc)virConnectListAllStoragePools, (NameFunc)virStoragePoolGetName,
     (FreeFunc)virStoragePoolFree},
    {"nwfilter", (ListFunc)virConnectListAllNWFilters, (NameFunc)virNWFilterGetName,
     (FreeFunc)virNWFilterFree},
    {"interface", (ListFunc)virConnectListAllInterfaces, (NameFunc)virInterfaceGetName,
     (FreeFunc)virInterfaceFree},
    {"nodedev", (ListFunc)virConnectListAllNodeDevices, (NameFunc)virNodeDeviceGetName,
     (FreeFunc)virNodeDeviceFree},
};

static void
add_objects(VirshCtl *ctl, const char *completer, const char *prefix, GPtrArray *out)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        void **objects = NULL;
        int n;

        if (strcmp(kinds[i].completer, completer) != 0)
            continue;
        if (!ctl->conn)
            return;
        n = kinds[i].list(ctl->conn, &objects, 0);
        for (int k = 0; k < n; k++) {
            add(out, prefix, kinds[i].name(objects[k]));
            kinds[i].unref(objects[k]);
        }
        free(objects);
        virsh_forget();
    }
}

static void
add_files(const char *prefix, gboolean only_dirs, GPtrArray *out)
{
    g_autofree char *base = g_path_get_basename(prefix);
    const char *slash = strrchr(prefix, '/');
    g_autofree char *dir = slash ? g_strndup(prefix, slash - prefix + 1) : g_strdup("");
    DIR *handle = opendir(*dir ? dir : ".");

    if (slash && !slash[1])
        *base = 0;
    if (!*prefix)
        *base = 0;
    while (handle) {
        struct dirent *entry = readdir(handle);
        g_autofree char *path = NULL;
        gboolean is_dir;

        if (!entry)
            break;
        if ((entry->d_name[0] == '.' && base[0] != '.') || !g_str_has_prefix(entry->d_name, base))
            continue;
        path = g_strconcat(dir, entry->d_name, NULL);
        is_dir = g_file_test(path, G_FILE_TEST_IS_DIR);
        if (is_dir || !only_dirs)
            g_ptr_array_add(out, g_strconcat(path, is_dir ? "/" : "", NULL));
    }
    if (handle)
        closedir(handle);
}

static void
add_commands(const char *prefix, gboolean groups, GPtrArray *out)
{
    for (gsize i = 0; i < virsh_n_commands; i++) {
        if (*virsh_commands[i].group)
            add(out, prefix, virsh_commands[i].name);
    }
    for (gsize i = 0; groups && i < virsh_n_groups; i++)
        add(out, prefix, virsh_groups[i].name);
}

static void
add_values(VirshCtl *ctl, const VirshOpt *opt, const char *prefix, GPtrArray *out)
{
    if (!opt || !opt->completer)
        return;
    if (strcmp(opt->completer, "file") == 0 || strcmp(opt->completer, "directory") == 0)
        add_files(prefix, *opt->completer == 'd', out);
    else if (strcmp(opt->completer, "command") == 0)
        add_commands(prefix, TRUE, out);
    else
        add_objects(ctl, opt->completer, prefix, out);
}

/* What the words before the last one leave open: which options are given, and whether the last
 * one of them still waits for its value. */
static const VirshOpt *
scan(const VirshCmdDef *def, GPtrArray *words, gboolean *given, gboolean *data_only)
{
    const VirshOpt *pending = NULL;

    for (guint i = 1; i + 1 < words->len; i++) {
        const char *word = g_ptr_array_index(words, i);
        const char *value;
        const VirshOpt *opt = NULL;

        if (pending) {
            pending = NULL;
        } else if (!*data_only && strcmp(word, "--") == 0) {
            *data_only = TRUE;
        } else if (!*data_only && g_str_has_prefix(word, "--")) {
            g_autofree char *name = g_strndup(word + 2, strcspn(word + 2, "="));

            opt = virsh_find_option(def, name, &value);
            if (!opt)
                return NULL; /* what follows a mistake means nothing */
            if (opt->type != VIRSH_TYPE_FLAG && !value && !strchr(word, '='))
                pending = opt;
        } else {
            for (gsize k = 0; k < def->n_options && !opt; k++) {
                const VirshOpt *o = &def->options[k];

                if (o->type != VIRSH_TYPE_FLAG && o->form != VIRSH_FORM_NAMED &&
                    (o->repeats || !given[k]))
                    opt = o;
            }
        }
        if (opt)
            given[opt - def->options] = TRUE;
    }
    return pending;
}

static void
complete_words(VirshCtl *ctl, GPtrArray *words, GPtrArray *out)
{
    const char *last = g_ptr_array_index(words, words->len - 1);
    const VirshCmdDef *def;
    const VirshOpt *pending;
    g_autofree gboolean *given = NULL;
    gboolean data_only = FALSE;

    if (words->len == 1) {
        add_commands(last, FALSE, out);
        return;
    }
    def = virsh_find_command(g_ptr_array_index(words, 0));
    if (!def)
        return;
    given = g_new0(gboolean, def->n_options + 1);
    pending = scan(def, words, given, &data_only);
    if (pending) {
        add_values(ctl, pending, last, out);
        return;
    }
    for (gsize i = 0; i < def->n_options; i++) {
        const VirshOpt *opt = &def->options[i];
        g_autofree char *name = g_strconcat("--", opt->name, NULL);

        if (!data_only && (!*last || *last == '-') && (!given[i] || opt->repeats))
            add(out, last, name);
    }
    for (gsize i = 0; i < def->n_options && *last && *last != '-'; i++) {
        const VirshOpt *opt = &def->options[i];

        if (opt->type == VIRSH_TYPE_FLAG || opt->form == VIRSH_FORM_NAMED ||
            (given[i] && !opt->repeats))
            continue;
        add_values(ctl, opt, last, out);
        break;
    }
}

GPtrArray *
virsh_complete(VirshCtl *ctl, const char *line)
{
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) words = NULL;
    gboolean open;

    words = virsh_parse_partial(line, &open);
    if (!open)
        g_ptr_array_add(words, g_strdup(""));
    complete_words(ctl, words, out);
    return g_steal_pointer(&out);
}

/* What a shell asks for its own completion: the words of its command line. */
VIRSH_COMMAND(complete)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);
    gsize n;
    const char *const *given = virsh_strings(cmd, "string", &n);

    for (gsize i = 0; i < n; i++)
        g_ptr_array_add(words, (char *)given[i]);
    if (n == 0)
        return FALSE;
    if (!ctl->conn)
        virsh_connect(ctl, ctl->uri, TRUE);
    complete_words(ctl, words, out);
    for (guint i = 0; i < out->len; i++)
        virsh_print("%s\n", (char *)g_ptr_array_index(out, i));
    return out->len > 0;
}
