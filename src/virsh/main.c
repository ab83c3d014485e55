/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virsh.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CTRL_CLOSE_BRACKET 0x1d

static void
print_usage(void)
{
    virsh_print("\nvirsh [options]... [<command_string>]\n"
                "virsh [options]... <command> [args...]\n\n"
                "  options:\n"
                "    -c | --connect=URI      what to connect to\n"
                "    -d | --debug=NUM        debug level [0-4], 4 says least\n"
                "    -e | --escape <char>    character that leaves a console (^])\n"
                "    -h | --help             this help\n"
                "    -k | --keepalive-interval=NUM\n"
                "                            seconds between keepalive messages, 0 for none\n"
                "    -K | --keepalive-count=NUM\n"
                "                            how many of them may stay unanswered\n"
                "    -l | --log=FILE         append errors and debug messages to a file\n"
                "    -q | --quiet            print nothing but results\n"
                "    -r | --readonly         connect without the right to change anything\n"
                "    -t | --timing           print how long each command takes\n"
                "    -v                      short version\n"
                "    -V                      long version\n"
                "         --version[=TYPE]   version, TYPE is short or long (default short)\n"
                "  commands (non interactive mode):\n\n");
    virsh_help_groups(FALSE);
    virsh_print("\n  (specify help <group> for details about the commands in the group)\n"
                "\n  (specify help <command> for details about the command)\n\n");
}

static void
print_version(gboolean long_form)
{
    if (!long_form) {
        virsh_print("%s\n", VIR_VERSION);
        return;
    }
    virsh_print("Virsh command line tool of libvirt %s\n\n", VIR_VERSION);
    virsh_print("Compiled with support for:\n"
                " Miscellaneous: Readline\n");
}

static gboolean
parse_escape(VirshCtl *ctl, const char *text)
{
    gsize len = strlen(text);

    if (len == 2 && text[0] == '^' && g_ascii_isprint(text[1]))
        ctl->escape = text[1] & 0x1f;
    else if (len == 1 && text[0] != '^')
        ctl->escape = (unsigned char)text[0];
    else
        return virsh_error(ctl, "Invalid string '%s' for escape sequence", text);
    return TRUE;
}

static gboolean
parse_keepalive(VirshCtl *ctl, const char *text, const char *option, int *value)
{
    gint64 wide;

    if (!g_ascii_string_to_signed(text, 10, G_MININT, G_MAXINT, &wide, NULL))
        return virsh_error(ctl, "Invalid value for option %s", option);
    if (wide < 0)
        return virsh_error(ctl, "option %s requires a positive integer argument", option);
    *value = (int)wide;
    return TRUE;
}

static gboolean
parse_debug(VirshCtl *ctl, const char *text, const char *option)
{
    gint64 level;

    if (!g_ascii_string_to_signed(text, 10, G_MININT, G_MAXINT, &level, NULL))
        return virsh_error(ctl, "option %s takes a numeric argument", option);
    if (level < 0 || level > 4)
        virsh_error(ctl, "ignoring debug level %d out of range [0-4]", (int)level);
    else
        ctl->debug = (int)level;
    return TRUE;
}

static gboolean
open_log(VirshCtl *ctl, const char *path)
{
    ctl->log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (ctl->log_fd >= 0)
        return TRUE;
    return virsh_error(ctl, "failed to open the log file '%s': %s", path, g_strerror(errno));
}

static const struct option long_options[] = {
    {"connect", required_argument, NULL, 'c'},
    {"debug", required_argument, NULL, 'd'},
    {"escape", required_argument, NULL, 'e'},
    {"help", no_argument, NULL, 'h'},
    {"keepalive-interval", required_argument, NULL, 'k'},
    {"keepalive-count", required_argument, NULL, 'K'},
    {"log", required_argument, NULL, 'l'},
    {"quiet", no_argument, NULL, 'q'},
    {"readonly", no_argument, NULL, 'r'},
    {"timing", no_argument, NULL, 't'},
    {"version", optional_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

static void
wrong_option(VirshCtl *ctl, int why, char **argv)
{
    if (why == ':') {
        for (const struct option *o = long_options; o->name; o++) {
            if (o->val == optopt) {
                virsh_error(ctl, "option '-%c'/'--%s' requires an argument", optopt, o->name);
                return;
            }
        }
    }
    if (optopt)
        virsh_error(ctl, "unsupported option '-%c'. See --help.", optopt);
    else
        virsh_error(ctl, "unsupported option '%s'. See --help.", argv[optind - 1]);
}

/* Returns the exit status, or -1 to go on. */
static int
parse_options(VirshCtl *ctl, int argc, char **argv)
{
    int c;
    int which = -1;

    opterr = 0;
    while ((c = getopt_long(argc, argv, "+:c:d:e:hk:K:l:qrtvV", long_options, &which)) != -1) {
        g_autofree char *option = which >= 0 ? g_strdup_printf("--%s", long_options[which].name)
                                             : g_strdup_printf("-%c", c);
        gboolean good = TRUE;

        which = -1;
        switch (c) {
        case 'c':
            g_free(ctl->uri);
            ctl->uri = g_strdup(optarg);
            break;
        case 'd':
            good = parse_debug(ctl, optarg, option);
            break;
        case 'e':
            good = parse_escape(ctl, optarg);
            break;
        case 'h':
            print_usage();
            return EXIT_SUCCESS;
        case 'k':
            good = parse_keepalive(ctl, optarg, option, &ctl->keepalive_interval);
            break;
        case 'K':
            good = parse_keepalive(ctl, optarg, option, &ctl->keepalive_count);
            break;
        case 'l':
            good = open_log(ctl, optarg);
            break;
        case 'q':
            ctl->quiet = TRUE;
            break;
        case 'r':
            ctl->readonly = TRUE;
            break;
        case 't':
            ctl->timing = TRUE;
            break;
        case 'v':
        case 'V':
            print_version(c == 'V' || g_strcmp0(optarg, "long") == 0);
            return EXIT_SUCCESS;
        default:
            wrong_option(ctl, c, argv);
            return EXIT_FAILURE;
        }
        if (!good)
            return EXIT_FAILURE;
    }
    return -1;
}

static void
read_environment(VirshCtl *ctl)
{
    const char *uri = g_getenv("VIRSH_DEFAULT_CONNECT_URI");
    const char *debug = g_getenv("VIRSH_DEBUG");
    const char *log = g_getenv("VIRSH_LOG_FILE");

    if (uri && *uri)
        ctl->uri = g_strdup(uri);
    if (debug)
        parse_debug(ctl, debug, "VIRSH_DEBUG");
    if (log && *log)
        open_log(ctl, log);
}

static gboolean
run_arguments(VirshCtl *ctl, char **args)
{
    g_autoptr(GPtrArray) commands = NULL;
    g_autoptr(GError) error = NULL;

    if (args[1])
        commands = virsh_parse_words((const char *const *)args, &error);
    else if (*args[0])
        commands = virsh_parse_line(args[0], &error);
    else
        return FALSE;
    if (!commands)
        return virsh_error(ctl, "%s", error->message);
    return virsh_run(ctl, commands);
}

static gboolean
run(VirshCtl *ctl, char **args)
{
    gboolean good = TRUE;

    virsh_keep_errors();
    if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0) {
        virsh_report(ctl);
        return FALSE;
    }
    if (ctl->uri && !virsh_connect(ctl, ctl->uri, ctl->readonly))
        return FALSE;
    if (*args)
        good = run_arguments(ctl, args);
    else
        virsh_interact(ctl);
    virsh_disconnect(ctl);
    return good;
}

int
main(int argc, char **argv)
{
    VirshCtl ctl = {
        .debug = 4,
        .escape = CTRL_CLOSE_BRACKET,
        .keepalive_interval = -1,
        .keepalive_count = -1,
        .log_fd = -1,
    };
    int status;

    setlocale(LC_ALL, "");
    read_environment(&ctl);
    status = parse_options(&ctl, argc, argv);
    if (status < 0)
        status = run(&ctl, argv + optind) ? EXIT_SUCCESS : EXIT_FAILURE;
    g_free(ctl.uri);
    return status;
}
