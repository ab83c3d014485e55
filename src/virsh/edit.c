/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virsh.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Runs the editor on a file. As git does, the variable may hold options too, so a shell reads it.
 */
static gboolean
run_editor(VirshCtl *ctl, const char *path)
{
    const char *editor = g_getenv("VISUAL");
    g_autofree char *quoted = g_shell_quote(path);
    g_autofree char *command = NULL;
    const char *argv[] = {"/bin/sh", "-c", NULL, NULL};
    g_autoptr(GError) error = NULL;
    int status;

    if (!editor || !*editor)
        editor = g_getenv("EDITOR");
    if (!editor || !*editor)
        editor = "vi";
    command = g_strdup_printf("%s %s", editor, quoted);
    argv[2] = command;
    fflush(stdout);
    if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, NULL,
                      NULL, &status, &error) ||
        !g_spawn_check_wait_status(status, &error))
        return virsh_error(ctl, "%s: %s", command, error->message);
    return TRUE;
}

/* A new private file with the text; the name's suffix lets editors see that it is XML. */
static char *
write_temp(VirshCtl *ctl, const char *text)
{
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "virshXXXXXX.xml", NULL);
    gsize left = strlen(text);
    int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0) {
        virsh_error(ctl, "failed to make a temporary file '%s': %s", path, g_strerror(errno));
        return NULL;
    }
    while (left > 0) {
        gssize n = write(fd, text, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            virsh_error(ctl, "failed to write '%s': %s", path, g_strerror(errno));
            close(fd);
            g_unlink(path);
            return NULL;
        }
        text += n;
        left -= n;
    }
    close(fd);
    return g_steal_pointer(&path);
}

char *
virsh_edit_text(VirshCtl *ctl, const char *text)
{
    g_autofree char *path = write_temp(ctl, text);
    char *edited = NULL;

    if (!path)
        return NULL;
    if (run_editor(ctl, path))
        edited = virsh_read_file(ctl, path);
    g_unlink(path);
    return edited;
}

int
virsh_ask(VirshCtl *ctl, const char *message, const char *choices)
{
    struct termios saved, raw;
    int c;

    if (tcgetattr(STDIN_FILENO, &saved) < 0)
        return 'n';
    raw = saved;
    raw.c_lflag &= ~(ICANON | ECHO);
    for (;;) {
        virsh_print("%s [%s]: ", message, choices);
        fflush(stdout);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
        c = getchar();
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
        virsh_print("%c\n", c == EOF ? 'n' : c);
        if (c == EOF)
            return 'n';
        c = g_ascii_tolower(c);
        if (c != ',' && strchr(choices, c))
            return c;
        virsh_print("y - edit again\nn - give up\ni - define without validation\n? - this help\n");
    }
}

gboolean
virsh_edit(VirshCtl *ctl, const char *xml, const char *unchanged, VirshApplyFunc apply,
           gpointer data)
{
    g_autofree char *text = g_strdup(xml);
    gboolean relaxed = FALSE;

    for (;;) {
        int answer;

        if (!relaxed) {
            char *edited = virsh_edit_text(ctl, text);

            if (!edited)
                return FALSE;
            g_free(text);
            text = edited;
        }
        if (strcmp(text, xml) == 0) {
            virsh_say(ctl, "%s", unchanged);
            return TRUE;
        }
        if (apply(ctl, text, relaxed, data))
            return TRUE;
        if (!isatty(STDIN_FILENO))
            return FALSE;
        virsh_report(ctl);
        answer = virsh_ask(ctl, "Failed. Try again?", relaxed ? "y,n,?" : "y,n,i,?");
        if (answer == 'n')
            return FALSE;
        relaxed = answer == 'i';
    }
}
