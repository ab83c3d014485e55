/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef enum {
    VIR_LOG_DEBUG = 1,
    VIR_LOG_INFO = 2,
    VIR_LOG_WARN = 3,
    VIR_LOG_ERROR = 4,
} VirLogLevel;

/**
 * A source of messages, one per file; @name is matched by log_filters ("3:rpc"): a filter applies
 * where its text is a substring of the name. `cached` keeps the level until the filters change.
 */
typedef struct {
    const char *name;
    int cached;
    unsigned serial;
} VirLogSource;

#define VIR_LOG_INIT(n) static VirLogSource vir_log_source = {.name = n}

gboolean vir_log_enabled(VirLogSource *source, VirLogLevel level);
void vir_log_write(VirLogSource *source, VirLogLevel level, const char *func, const char *fmt, ...)
    G_GNUC_PRINTF(4, 5);

#define VIR_LOG(level, ...)                                                                        \
    do {                                                                                           \
        if (vir_log_enabled(&vir_log_source, level))                                               \
            vir_log_write(&vir_log_source, level, __func__, __VA_ARGS__);                          \
    } while (0)
#define vir_debug(...) VIR_LOG(VIR_LOG_DEBUG, __VA_ARGS__)
#define vir_info(...) VIR_LOG(VIR_LOG_INFO, __VA_ARGS__)
#define vir_warn(...) VIR_LOG(VIR_LOG_WARN, __VA_ARGS__)
#define vir_err(...) VIR_LOG(VIR_LOG_ERROR, __VA_ARGS__)

/**
 * Takes the level, filters and outputs as the daemons' configuration spells them
 * (log_level, log_filters = "3:rpc 1:qemu", log_outputs = "1:file:/p 3:stderr 2:syslog:id
 * 4:journald"). NULL keeps what is set. FALSE with VIR_ERR_INVALID_ARG names the bad word.
 * Thread-safe.
 */
gboolean vir_log_configure(int level, const char *filters, const char *outputs, GError **error);

/** Outputs and filters now in force, in the same spelling. Free with g_free(). */
char *vir_log_get_filters(void);
char *vir_log_get_outputs(void);

/** Closes and opens the files again (after logrotate; SIGHUP). */
void vir_log_reopen(void);
