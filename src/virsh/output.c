/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virsh.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
virsh_print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

void
virsh_say(VirshCtl *ctl, const char *format, ...)
{
    va_list args;

    if (ctl->quiet)
        return;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

/* A line of the file of --log. */
static void
log_line(VirshCtl *ctl, const char *level, const char *text)
{
    g_autoptr(GDateTime) now = NULL;
    g_autofree char *stamp = NULL;
    g_autofree char *line = NULL;

    if (ctl->log_fd < 0)
        return;
    now = g_date_time_new_now_local();
    stamp = g_date_time_format(now, "%Y.%m.%d %H:%M:%S");
    line = g_strdup_printf("[%s virsh %d] %s %s\n", stamp, (int)getpid(), level, text);
    if (write(ctl->log_fd, line, strlen(line)) < 0) {
        close(ctl->log_fd);
        ctl->log_fd = -1;
    }
}

gboolean
virsh_line(const char *text)
{
    if (text)
        virsh_print("%s\n", text);
    return text != NULL;
}

const char *
virsh_yes_no(int answer)
{
    return answer < 0 ? "unknown" : answer ? "yes" : "no";
}

gboolean
virsh_error(VirshCtl *ctl, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    log_line(ctl, "ERROR", text);
    fflush(stdout); /* keeps the order when both are one file */
    fprintf(stderr, "error: %s\n", text);
    return FALSE;
}

void
virsh_debug(VirshCtl *ctl, int level, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    if (level < ctl->debug)
        return;
    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    log_line(ctl, "DEBUG", text);
    fprintf(stderr, "%s\n", text);
}

static __thread struct {
    int code;
    char *message;
} last_error;

static void
on_library_error(void *data, virErrorPtr error)
{
    g_free(last_error.message);
    last_error.code = error->code;
    last_error.message = g_strdup(error->message ? error->message : "unknown error");
}

void
virsh_keep_errors(void)
{
    virSetErrorFunc(NULL, on_library_error);
}

void
virsh_forget(void)
{
    last_error.code = VIR_ERR_OK;
    g_clear_pointer(&last_error.message, g_free);
    virResetLastError();
}

int
virsh_error_code(void)
{
    return last_error.code;
}

const char *
virsh_error_message(void)
{
    return last_error.message;
}

void
virsh_report(VirshCtl *ctl)
{
    if (last_error.code != VIR_ERR_OK)
        virsh_error(ctl, "%s", last_error.message);
    virsh_forget();
}

struct VirshTable {
    gsize n_columns;
    GPtrArray *rows; /* char ** each; the first one is the title */
};

/* A cell must not move the cursor: what is not printable is shown as \xHH. */
static char *
printable(const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);

    while (*text) {
        gunichar c = g_utf8_get_char_validated(text, -1);

        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append_printf(out, "\\x%02x", (unsigned char)*text++);
            continue;
        }
        if (g_unichar_iscntrl(c)) {
            for (const char *next = g_utf8_next_char(text); text < next; text++)
                g_string_append_printf(out, "\\x%02x", (unsigned char)*text);
            continue;
        }
        g_string_append_unichar(out, c);
        text = g_utf8_next_char(text);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static gsize
text_width(const char *text)
{
    gsize width = 0;

    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);

        if (!g_unichar_iszerowidth(c))
            width += g_unichar_iswide(c) ? 2 : 1;
    }
    return width;
}

VirshTable *
virsh_table_new(const char *const *titles)
{
    VirshTable *table = g_new0(VirshTable, 1);

    table->n_columns = g_strv_length((char **)titles);
    table->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    virsh_table_add(table, titles);
    return table;
}

/* A cell may be NULL, which shows "-"; so the array needs no terminator but n_columns cells. */
void
virsh_table_add(VirshTable *table, const char *const *cells)
{
    char **row = g_new0(char *, table->n_columns + 1);

    for (gsize i = 0; i < table->n_columns; i++)
        row[i] = printable(cells[i] ? cells[i] : "-");
    g_ptr_array_add(table->rows, row);
}

char *
virsh_table_format(const VirshTable *table, gboolean with_title)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree gsize *widths = g_new0(gsize, table->n_columns);
    gsize total = 0;

    for (guint r = with_title ? 0 : 1; r < table->rows->len; r++) {
        char **row = g_ptr_array_index(table->rows, r);

        for (gsize i = 0; i < table->n_columns; i++)
            widths[i] = MAX(widths[i], text_width(row[i]));
    }
    for (gsize i = 0; i < table->n_columns; i++)
        total += widths[i] + 3;
    for (guint r = with_title ? 0 : 1; r < table->rows->len; r++) {
        char **row = g_ptr_array_index(table->rows, r);

        for (gsize i = 0; i < table->n_columns; i++) {
            g_string_append_printf(out, " %s", row[i]);
            if (i + 1 < table->n_columns)
                g_string_append_printf(out, "%*s", (int)(widths[i] - text_width(row[i]) + 2), "");
        }
        g_string_append_c(out, '\n');
        if (r == 0) {
            for (gsize i = 0; i < total; i++)
                g_string_append_c(out, '-');
            g_string_append_c(out, '\n');
        }
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

void
virsh_table_print(VirshCtl *ctl, const VirshTable *table)
{
    g_autofree char *text = virsh_table_format(table, !ctl->quiet);

    virsh_print("%s", text);
}

void
virsh_table_free(VirshTable *table)
{
    if (!table)
        return;
    g_ptr_array_unref(table->rows);
    g_free(table);
}
