/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virsh.h"

#include <errno.h>
#include <readline/history.h>
#include <readline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_KEEPALIVE_INTERVAL 5
#define DEFAULT_KEEPALIVE_COUNT 6
#define DEFAULT_HISTORY_SIZE 500

/* The library's event loop runs beside the commands: keepalive, events and streams need it. */
static gpointer
event_thread(gpointer data)
{
    for (;;) {
        if (virEventRunDefaultImpl() < 0) {
            virsh_forget();
            g_usleep(G_USEC_PER_SEC / 10);
        }
    }
    return NULL;
}

static void
start_event_thread(void)
{
    static gboolean started;

    if (started)
        return;
    started = TRUE;
    g_thread_unref(g_thread_new("virsh-events", event_thread, NULL));
}

static void
on_close(virConnectPtr conn, int reason, void *opaque)
{
    VirshCtl *ctl = opaque;

    if (reason != VIR_CONNECT_CLOSE_REASON_CLIENT)
        g_atomic_int_set(&ctl->disconnected, reason + 1);
}

static void
say_disconnected(VirshCtl *ctl)
{
    static const char *const reasons[] = {
        [VIR_CONNECT_CLOSE_REASON_ERROR] = "Disconnected from %s due to I/O error",
        [VIR_CONNECT_CLOSE_REASON_EOF] = "Disconnected from %s due to end of file",
        [VIR_CONNECT_CLOSE_REASON_KEEPALIVE] = "Disconnected from %s due to keepalive timeout",
        [VIR_CONNECT_CLOSE_REASON_CLIENT] = "Disconnected from %s due to client request",
    };
    int reason = g_atomic_int_get(&ctl->disconnected) - 1;
    char *uri = virConnectGetURI(ctl->conn);
    g_autofree char *text = NULL;

    virsh_forget();
    if (reason < 0 || reason >= (int)G_N_ELEMENTS(reasons))
        reason = VIR_CONNECT_CLOSE_REASON_ERROR;
    text = g_strdup(reasons[reason]);
    if (uri) {
        g_auto(GStrv) parts = g_strsplit(text, "%s", 2);

        virsh_error(ctl, "%s%s%s", parts[0], uri, parts[1]);
    }
    free(uri);
}

void
virsh_disconnect(VirshCtl *ctl)
{
    if (!ctl->conn)
        return;
    if (ctl->hooked)
        virConnectUnregisterCloseCallback(ctl->conn, on_close);
    ctl->hooked = FALSE;
    virConnectClose(ctl->conn);
    ctl->conn = NULL;
    g_atomic_int_set(&ctl->disconnected, 0);
    virsh_forget();
}

static gboolean
set_keepalive(VirshCtl *ctl, virConnectPtr conn)
{
    gboolean asked = ctl->keepalive_interval >= 0;
    int interval = asked ? ctl->keepalive_interval : DEFAULT_KEEPALIVE_INTERVAL;
    int count = ctl->keepalive_count >= 0 ? ctl->keepalive_count : DEFAULT_KEEPALIVE_COUNT;

    if (interval == 0 || virConnectSetKeepAlive(conn, interval, count) == 0)
        return TRUE;
    if (asked)
        return virsh_error(ctl, "Cannot setup keepalive on connection as requested, disconnecting");
    virsh_forget();
    return TRUE;
}

/* Replaces the connection. On failure there is none, and the error is printed. */
gboolean
virsh_connect(VirshCtl *ctl, const char *uri, gboolean readonly)
{
    virConnectPtr conn;
    gboolean kept;

    start_event_thread();
    virsh_disconnect(ctl);
    conn = virConnectOpenAuth(uri, virConnectAuthPtrDefault, readonly ? VIR_CONNECT_RO : 0);
    kept = conn && set_keepalive(ctl, conn);
    if (!kept) {
        virsh_error(ctl, "failed to connect to the hypervisor");
        virsh_report(ctl);
        if (conn)
            virConnectClose(conn);
        return FALSE;
    }
    ctl->conn = conn;
    ctl->readonly = readonly;
    ctl->hooked = virConnectRegisterCloseCallback(conn, on_close, ctl, NULL) == 0;
    virsh_forget();
    return TRUE;
}

static gboolean
have_connection(VirshCtl *ctl)
{
    gboolean again = ctl->conn != NULL;

    if (ctl->conn && g_atomic_int_get(&ctl->disconnected) == 0)
        return TRUE;
    if (again)
        say_disconnected(ctl);
    if (!virsh_connect(ctl, ctl->uri, ctl->readonly))
        return FALSE;
    if (again)
        virsh_error(ctl, "Reconnected to the hypervisor");
    return TRUE;
}

static gboolean
run_one(VirshCtl *ctl, const VirshCmd *cmd)
{
    if (cmd->help) {
        virsh_help_command(cmd->def);
        return TRUE;
    }
    if (!cmd->def->handler)
        return virsh_error(ctl, "command '%s' is not built yet", cmd->def->name);
    for (gsize i = 0; i < cmd->def->n_options; i++) {
        const VirshOpt *opt = &cmd->def->options[i];

        if (opt->required && !*virsh_string(cmd, opt->name))
            return virsh_error(ctl, "Failed to get option '%s': Option argument is empty",
                               opt->name);
    }
    if (cmd->def->connects && !have_connection(ctl))
        return FALSE;
    return cmd->def->handler(ctl, cmd);
}

gboolean
virsh_run(VirshCtl *ctl, const GPtrArray *commands)
{
    gboolean good = TRUE;

    for (guint i = 0; i < commands->len && !ctl->quit; i++) {
        gint64 start = g_get_monotonic_time();

        good = run_one(ctl, g_ptr_array_index(commands, i));
        if (!good)
            virsh_report(ctl);
        virsh_forget();
        if (ctl->quit)
            break;
        if (ctl->timing)
            virsh_print("\n(Time: %.3f ms)\n\n", (double)(g_get_monotonic_time() - start) / 1000.0);
        else
            virsh_say(ctl, "\n");
        fflush(stdout);
    }
    return good;
}

/* readline has one completion function for the process, so it needs the shell here. */
static VirshCtl *shell;
static GPtrArray *candidates;

static char *
next_candidate(const char *text, int state)
{
    static guint at;

    if (state == 0) {
        g_autofree char *line = g_strndup(rl_line_buffer, rl_point);

        at = 0;
        g_clear_pointer(&candidates, g_ptr_array_unref);
        candidates = virsh_complete(shell, line);
    }
    if (at >= candidates->len)
        return NULL;
    return strdup(g_ptr_array_index(candidates, at++));
}

static char **
complete_line(const char *text, int start, int end)
{
    rl_attempted_completion_over = 1;
    return rl_completion_matches(text, next_candidate);
}

static int
quoted_char(char *line, int at)
{
    return at > 0 && line[at - 1] == '\\';
}

static int
history_size(VirshCtl *ctl)
{
    const char *text = g_getenv("VIRSH_HISTSIZE");
    gint64 size = DEFAULT_HISTORY_SIZE;

    if (text && !g_ascii_string_to_signed(text, 10, 0, 500000, &size, NULL)) {
        virsh_error(ctl, "VIRSH_HISTSIZE is not a number between 0 and 500000: '%s'", text);
        size = DEFAULT_HISTORY_SIZE;
    }
    return (int)size;
}

static void
save_history(const char *path)
{
    g_autofree char *dir = g_path_get_dirname(path);

    if (g_mkdir_with_parents(dir, 0755) == 0)
        write_history(path);
}

void
virsh_interact(VirshCtl *ctl)
{
    g_autofree char *history = g_build_filename(g_get_user_cache_dir(), "virsh", "history", NULL);

    shell = ctl;
    ctl->interactive = TRUE;
    rl_readline_name = "virsh";
    rl_attempted_completion_function = complete_line;
    rl_basic_word_break_characters = " \t\n\\`@$><=;|&{(";
    rl_completer_quote_characters = "\"'";
    rl_char_is_quoted_p = quoted_char;
    using_history();
    stifle_history(history_size(ctl));
    read_history(history);
    virsh_say(
        ctl,
        "virsh, the shell for virtual machines: 'help' lists the commands, 'quit' leaves.\n\n");
    while (!ctl->quit) {
        g_autoptr(GPtrArray) commands = NULL;
        g_autoptr(GError) error = NULL;
        char *line = readline(ctl->readonly ? "virsh > " : "virsh # ");

        if (!line)
            break;
        if (*line)
            add_history(line);
        commands = virsh_parse_line(line, &error);
        free(line);
        if (commands)
            virsh_run(ctl, commands);
        else
            virsh_error(ctl, "%s", error->message);
    }
    virsh_print("\n");
    save_history(history);
    g_clear_pointer(&candidates, g_ptr_array_unref);
}
