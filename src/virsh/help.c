/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virsh.h"

#include <string.h>

static const char *
value_name(const VirshOpt *opt)
{
    return opt->type == VIRSH_TYPE_NUMBER ? "number" : "string";
}

static void
print_synopsis(const VirshCmdDef *def)
{
    virsh_print("    %s", def->name);
    for (gsize i = 0; i < def->n_options; i++) {
        const VirshOpt *opt = &def->options[i];
        const char *dots = opt->repeats ? "..." : "";

        if (opt->type == VIRSH_TYPE_FLAG)
            virsh_print(" [--%s]", opt->name);
        else if (opt->form != VIRSH_FORM_DATA)
            virsh_print(" [--%s <%s>]%s", opt->name, value_name(opt), dots);
        else if (opt->required)
            virsh_print(" <%s>%s", opt->name, dots);
        else
            virsh_print(" [<%s>]%s", opt->name, dots);
    }
    virsh_print("\n");
}

void
virsh_help_command(const VirshCmdDef *def)
{
    virsh_print("  NAME\n    %s - %s\n", def->name, def->help);
    if (!def->handler)
        virsh_print("    (not built yet)\n");
    virsh_print("\n  SYNOPSIS\n");
    print_synopsis(def);
    if (def->n_options > 0)
        virsh_print("\n  OPTIONS\n");
    for (gsize i = 0; i < def->n_options; i++) {
        const VirshOpt *opt = &def->options[i];
        g_autofree char *left = NULL;

        if (opt->type == VIRSH_TYPE_FLAG)
            left = g_strdup_printf("--%s", opt->name);
        else if (opt->form == VIRSH_FORM_DATA)
            left = g_strdup_printf("[--%s] <%s>", opt->name, value_name(opt));
        else
            left = g_strdup_printf("--%s <%s>", opt->name, value_name(opt));
        virsh_print("    %-15s  %s\n", left, opt->help ? opt->help : "");
    }
    virsh_print("\n");
}

static void
print_group(const VirshGroup *group, gboolean colon)
{
    virsh_print(" %s (help keyword '%s')%s\n", group->title, group->name, colon ? ":" : "");
    for (gsize i = 0; i < virsh_n_commands; i++) {
        const VirshCmdDef *def = &virsh_commands[i];

        if (strcmp(def->group, group->name) == 0)
            virsh_print("    %-30s %s%s\n", def->name, def->help,
                        def->handler ? "" : " (not built yet)");
    }
}

gboolean
virsh_help_group(const char *name)
{
    for (gsize i = 0; i < virsh_n_groups; i++) {
        if (strcmp(virsh_groups[i].name, name) == 0) {
            print_group(&virsh_groups[i], TRUE);
            return TRUE;
        }
    }
    return FALSE;
}

void
virsh_help_groups(gboolean with_colon)
{
    for (gsize i = 0; i < virsh_n_groups; i++) {
        print_group(&virsh_groups[i], with_colon);
        virsh_print("\n");
    }
}
