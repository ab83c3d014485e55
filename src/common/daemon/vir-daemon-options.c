/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-daemon-private.h"
#include "vir-error.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef enum {
    VIR_OPTION_FLAG,
    VIR_OPTION_PATH,
    VIR_OPTION_SECONDS,
} VirOptionKind;

typedef struct {
    const char *name;
    char letter; /* '\0': none */
    VirOptionKind kind;
    gsize offset; /* in VirDaemonOptions */
    const char *arg;
    const char *help;
} VirOption;

#define AT(member) offsetof(VirDaemonOptions, member)

static const VirOption options_table[] = {
    {"help", 'h', VIR_OPTION_FLAG, AT(help), NULL, "show this help and end"},
    {"version", 'V', VIR_OPTION_FLAG, AT(version), NULL, "show the version and end"},
    {"verbose", 'v', VIR_OPTION_FLAG, AT(verbose), NULL, "log at level information"},
    {"daemon", 'd', VIR_OPTION_FLAG, AT(daemon), NULL,
     "go to the background, once clients can connect"},
    {"listen", 'l', VIR_OPTION_FLAG, AT(listen), NULL,
     "refused: connections from the network are for socket units"},
    {"timeout", 't', VIR_OPTION_SECONDS, AT(timeout), "SECONDS",
     "end after so long without clients and without work"},
    {"config", 'f', VIR_OPTION_PATH, AT(config), "FILE", "read this configuration file"},
    {"pid-file", 'p', VIR_OPTION_PATH, AT(pid_file), "FILE", "write this pid file too"},
    {"root", '\0', VIR_OPTION_PATH, AT(root), "FOLDER",
     "keep every path of the daemon beneath this folder"},
};

static const VirOption *
option_by_name(const char *name, gsize len)
{
    for (gsize i = 0; i < G_N_ELEMENTS(options_table); i++) {
        if (strlen(options_table[i].name) == len && strncmp(options_table[i].name, name, len) == 0)
            return &options_table[i];
    }
    return NULL;
}

static const VirOption *
option_by_letter(char letter)
{
    for (gsize i = 0; i < G_N_ELEMENTS(options_table); i++) {
        if (options_table[i].letter == letter)
            return &options_table[i];
    }
    return NULL;
}

static gboolean
option_store(VirDaemonOptions *options, const VirOption *option, const char *value, GError **error)
{
    void *at = (char *)options + option->offset;

    switch (option->kind) {
    case VIR_OPTION_FLAG:
        *(gboolean *)at = TRUE;
        break;
    case VIR_OPTION_PATH:
        if (*value == '\0')
            return vir_error_set(error, VIR_ERR_INVALID_ARG, "option --%s: the path is empty",
                                 option->name);
        /* --daemon leaves the working directory. */
        g_free(*(char **)at);
        *(char **)at = g_canonicalize_filename(value, NULL);
        break;
    case VIR_OPTION_SECONDS: {
        guint64 seconds;

        if (!g_ascii_string_to_unsigned(value, 10, 1, G_MAXINT, &seconds, NULL))
            return vir_error_set(error, VIR_ERR_INVALID_ARG,
                                 "option --%s: '%s' is no number of seconds from 1 on",
                                 option->name, value);
        *(int *)at = (int)seconds;
        break;
    }
    }
    return TRUE;
}

/* One option with its value, which may be the next argument; *@i stays on the last one used. */
static gboolean
option_take(VirDaemonOptions *options, const VirOption *option, const char *value, int argc,
            char **argv, int *i, GError **error)
{
    if (option->kind == VIR_OPTION_FLAG && value != NULL)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "option --%s takes no value",
                             option->name);
    if (option->kind != VIR_OPTION_FLAG && value == NULL) {
        if (++*i >= argc)
            return vir_error_set(error, VIR_ERR_INVALID_ARG, "option --%s needs %s", option->name,
                                 option->arg);
        value = argv[*i];
    }
    return option_store(options, option, value, error);
}

static gboolean
take_long(VirDaemonOptions *options, int argc, char **argv, int *i, GError **error)
{
    const char *name = argv[*i] + 2;
    const char *value = strchr(name, '=');
    const VirOption *option =
        option_by_name(name, value != NULL ? (gsize)(value - name) : strlen(name));

    if (option == NULL)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "unknown option '%s', see --help",
                             argv[*i]);
    return option_take(options, option, value != NULL ? value + 1 : NULL, argc, argv, i, error);
}

/* "-dv", "-t30", "-t 30" */
static gboolean
take_letters(VirDaemonOptions *options, int argc, char **argv, int *i, GError **error)
{
    for (const char *at = argv[*i] + 1; *at != '\0'; at++) {
        const VirOption *option = option_by_letter(*at);

        if (option == NULL)
            return vir_error_set(error, VIR_ERR_INVALID_ARG, "unknown option '-%c', see --help",
                                 *at);
        if (option->kind != VIR_OPTION_FLAG)
            return option_take(options, option, at[1] != '\0' ? at + 1 : NULL, argc, argv, i,
                               error);
        option_store(options, option, NULL, NULL);
    }
    return TRUE;
}

gboolean
vir_daemon_options_parse(VirDaemonOptions *options, int argc, char **argv, GError **error)
{
    options->timeout = -1;
    for (int i = 1; i < argc; i++) {
        gboolean ok;

        if (g_str_has_prefix(argv[i], "--") && argv[i][2] != '\0')
            ok = take_long(options, argc, argv, &i, error);
        else if (argv[i][0] == '-' && argv[i][1] != '\0' && argv[i][1] != '-')
            ok = take_letters(options, argc, argv, &i, error);
        else
            ok = vir_error_set(error, VIR_ERR_INVALID_ARG, "unexpected argument '%s', see --help",
                               argv[i]);
        if (!ok)
            return FALSE;
    }
    return TRUE;
}

void
vir_daemon_options_clear(VirDaemonOptions *options)
{
    g_free(options->root);
    g_free(options->config);
    g_free(options->pid_file);
}

void
vir_daemon_options_print(const VirDaemonSpec *spec)
{
    printf("Usage: %s [OPTION]...\n\n%s\n\nOptions:\n", spec->name, spec->summary);
    for (gsize i = 0; i < G_N_ELEMENTS(options_table); i++) {
        const VirOption *option = &options_table[i];
        g_autofree char *left = option->letter != '\0'
                                    ? g_strdup_printf("-%c, --%s %s", option->letter, option->name,
                                                      option->arg != NULL ? option->arg : "")
                                    : g_strdup_printf("    --%s %s", option->name,
                                                      option->arg != NULL ? option->arg : "");

        printf("  %-26s %s\n", left, option->help);
    }
    printf("\nConfiguration: %s/libvirt/%s.conf, or in session mode\n"
           "$XDG_CONFIG_HOME/libvirt/%s.conf.\n",
           VIR_SYSCONFDIR, spec->name, spec->name);
}
