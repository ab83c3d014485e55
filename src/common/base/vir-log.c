/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "vir-error.h"
#include "vir-file.h"

typedef enum { OUT_STDERR, OUT_FILE, OUT_SYSLOG, OUT_JOURNALD } OutputKind;

typedef struct {
    OutputKind kind;
    int level;
    char *arg; /* path or syslog identity, or NULL */
    int fd;
} Output;

typedef struct {
    int level;
    char *match;
} Filter;

static const char *const output_names[] = {"stderr", "file", "syslog", "journald"};
static const char *const level_names[] = {"", "debug", "info", "warning", "error"};
static const int syslog_levels[] = {LOG_DEBUG, LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR};

static GMutex lock;
static int default_level = VIR_LOG_WARN;
static GArray *filters; /* of Filter */
static GArray *outputs; /* of Output; NULL: stderr for everything */
static unsigned config_serial = 1;

static void
filter_clear(void *filter)
{
    g_free(((Filter *)filter)->match);
}

static void
output_clear(void *data)
{
    Output *output = data;

    g_free(output->arg);
    vir_fd_close(&output->fd);
}

static gboolean
output_open(Output *output, GError **error)
{
    if (output->kind == OUT_FILE) {
        output->fd = open(output->arg, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
        if (output->fd < 0)
            return vir_error_set_errno(error, errno, "cannot open log file '%s'", output->arg);
    } else if (output->kind == OUT_SYSLOG) {
        openlog(output->arg, LOG_PID, LOG_DAEMON);
    }
    return TRUE;
}

/* "N:rest" -> N of 1..4 and rest. */
static const char *
split_level(const char *word, int *level)
{
    if (word[0] < '1' || word[0] > '4' || word[1] != ':')
        return NULL;
    *level = word[0] - '0';
    return word + 2;
}

static GArray *
parse_filters(const char *text, GError **error)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(Filter));
    g_auto(GStrv) words = g_strsplit_set(text, " \t\n", -1);

    g_array_set_clear_func(list, filter_clear);
    for (char **word = words; *word; word++) {
        Filter filter;
        const char *rest;

        if (!**word)
            continue;
        rest = split_level(*word, &filter.level);
        if (!rest || !*rest) {
            vir_error_set(error, VIR_ERR_INVALID_ARG,
                          "log filter '%s' is not LEVEL:NAME with LEVEL from 1 to 4", *word);
            return NULL;
        }
        /* "+name" asked for stack traces once; the sign is still accepted. */
        filter.match = g_strdup(*rest == '+' ? rest + 1 : rest);
        g_array_append_val(list, filter);
    }
    return g_steal_pointer(&list);
}

static gboolean
parse_output(const char *word, Output *output, GError **error)
{
    const char *rest = split_level(word, &output->level);
    g_auto(GStrv) parts = rest ? g_strsplit(rest, ":", 2) : NULL;

    output->fd = -1;
    output->arg = NULL;
    for (int i = 0; parts && parts[0] && i < (int)G_N_ELEMENTS(output_names); i++) {
        gboolean needs_arg = i == OUT_FILE || i == OUT_SYSLOG;

        if (!g_str_equal(parts[0], output_names[i]))
            continue;
        if (needs_arg != (parts[1] && *parts[1]))
            break;
        if (i == OUT_FILE && !g_path_is_absolute(parts[1]))
            break;
        output->kind = i;
        output->arg = g_strdup(parts[1]);
        return output_open(output, error);
    }
    return vir_error_set(error, VIR_ERR_INVALID_ARG,
                         "log output '%s' is none of LEVEL:stderr, LEVEL:file:/PATH, "
                         "LEVEL:syslog:NAME, LEVEL:journald with LEVEL from 1 to 4",
                         word);
}

static GArray *
parse_outputs(const char *text, GError **error)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(Output));
    g_auto(GStrv) words = g_strsplit_set(text, " \t\n", -1);

    g_array_set_clear_func(list, output_clear);
    for (char **word = words; *word; word++) {
        Output output;

        if (!**word)
            continue;
        if (!parse_output(*word, &output, error)) {
            g_free(output.arg);
            return NULL;
        }
        g_array_append_val(list, output);
    }
    return g_steal_pointer(&list);
}

gboolean
vir_log_configure(int level, const char *new_filters, const char *new_outputs, GError **error)
{
    g_autoptr(GArray) parsed_filters = NULL;
    g_autoptr(GArray) parsed_outputs = NULL;

    if (level && (level < VIR_LOG_DEBUG || level > VIR_LOG_ERROR))
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "log level %d is not from 1 to 4", level);
    if (new_filters && !(parsed_filters = parse_filters(new_filters, error)))
        return FALSE;
    if (new_outputs && !(parsed_outputs = parse_outputs(new_outputs, error)))
        return FALSE;

    g_mutex_lock(&lock);
    if (level)
        default_level = level;
    if (parsed_filters) {
        GArray *old = filters;
        filters = g_steal_pointer(&parsed_filters);
        parsed_filters = old;
    }
    if (parsed_outputs) {
        GArray *old = outputs;
        outputs = g_steal_pointer(&parsed_outputs);
        parsed_outputs = old;
    }
    g_atomic_int_inc(&config_serial);
    g_mutex_unlock(&lock);
    return TRUE;
}

char *
vir_log_get_filters(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);

    for (guint i = 0; filters && i < filters->len; i++) {
        const Filter *filter = &g_array_index(filters, Filter, i);

        g_string_append_printf(text, "%s%d:%s", i ? " " : "", filter->level, filter->match);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *
vir_log_get_outputs(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);

    for (guint i = 0; outputs && i < outputs->len; i++) {
        const Output *output = &g_array_index(outputs, Output, i);

        g_string_append_printf(text, "%s%d:%s%s%s", i ? " " : "", output->level,
                               output_names[output->kind], output->arg ? ":" : "",
                               output->arg ? output->arg : "");
    }
    if (!outputs)
        g_string_append_printf(text, "%d:stderr", default_level);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

void
vir_log_reopen(void)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);

    for (guint i = 0; outputs && i < outputs->len; i++) {
        Output *output = &g_array_index(outputs, Output, i);
        int old = output->fd;

        /* Where the new file cannot be made the old one goes on: no message is lost. */
        if (output->kind != OUT_FILE)
            continue;
        if (output_open(output, NULL))
            vir_fd_close(&old);
        else
            output->fd = old;
    }
}

gboolean
vir_log_enabled(VirLogSource *source, VirLogLevel level)
{
    unsigned serial = g_atomic_int_get(&config_serial);

    if (g_atomic_int_get(&source->serial) != serial) {
        g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);
        int threshold = default_level;

        for (guint i = 0; filters && i < filters->len; i++) {
            const Filter *filter = &g_array_index(filters, Filter, i);

            if (strstr(source->name, filter->match)) {
                threshold = filter->level;
                break;
            }
        }
        g_atomic_int_set(&source->cached, threshold);
        g_atomic_int_set(&source->serial, serial);
    }
    return (int)level >= g_atomic_int_get(&source->cached);
}

static void
write_line(int fd, const char *line, gsize len)
{
    while (len > 0) {
        gssize n = write(fd, line, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        line += n;
        len -= n;
    }
}

static void
output_write(const Output *output, VirLogLevel level, const char *source, const char *func,
             const char *text, const char *line)
{
    switch (output->kind) {
    case OUT_STDERR:
        write_line(STDERR_FILENO, line, strlen(line));
        break;
    case OUT_FILE:
        write_line(output->fd, line, strlen(line));
        break;
    case OUT_SYSLOG:
        syslog(syslog_levels[level], "%s", text);
        break;
    case OUT_JOURNALD:
        sd_journal_send("MESSAGE=%s", text, "PRIORITY=%d", syslog_levels[level],
                        "LIBVIRT_SOURCE=%s", source, "CODE_FUNC=%s", func, NULL);
        break;
    }
}

void
vir_log_write(VirLogSource *source, VirLogLevel level, const char *func, const char *fmt, ...)
{
    static const Output to_stderr = {.kind = OUT_STDERR, .level = VIR_LOG_DEBUG, .fd = -1};
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *when = g_date_time_format(now, "%F %T");
    g_autofree char *text = NULL;
    g_autofree char *line = NULL;
    va_list ap;
    int saved = errno;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    /* Text from outside must not forge a second line. */
    for (char *p = text; *p; p++) {
        if ((guchar)*p < ' ' && *p != '\t')
            *p = ' ';
    }
    line = g_strdup_printf("%s.%03d+0000: %ld: %s : %s:%s : %s\n", when,
                           g_date_time_get_microsecond(now) / 1000, (long)syscall(SYS_gettid),
                           level_names[level], source->name, func, text);

    g_mutex_lock(&lock);
    if (!outputs || outputs->len == 0)
        output_write(&to_stderr, level, source->name, func, text, line);
    for (guint i = 0; outputs && i < outputs->len; i++) {
        const Output *output = &g_array_index(outputs, Output, i);

        if ((int)level >= output->level)
            output_write(output, level, source->name, func, text, line);
    }
    g_mutex_unlock(&lock);
    errno = saved;
}
