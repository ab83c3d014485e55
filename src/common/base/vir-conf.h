/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * Configuration files: lines `key = value` with a value that is an integer, a string in "…" or '…'
 * (in """…""" over several lines), or a list [ "…", "…" ] that may go over several lines; `#`
 * begins a comment. The last of several values of a key counts.
 */
typedef struct VirConf VirConf;

typedef enum {
    VIR_CONF_INT = 1 << 0,
    VIR_CONF_BOOL = 1 << 1, /* 0 or 1 */
    VIR_CONF_STRING = 1 << 2,
    VIR_CONF_LIST = 1 << 3, /* of strings; one string will do */
} VirConfType;

/** What a key may be: a row of conf-keys.tsv. */
typedef struct VirConfKey {
    const char *key;
    unsigned types;            /* VirConfType */
    const char *const *values; /* the strings or list members allowed; NULL: any */
    gint64 min;                /* of an integer */
    gint64 max;
    gboolean ip_only; /* for daemons that listen on IP */
} VirConfKey;

typedef struct VirConfTable {
    const VirConfKey *keys; /* in the order of strcmp() */
    unsigned n_keys;
} VirConfTable;

/**
 * Parses @len bytes of @text; @name is the file's in errors. With @table (NULL: no check) every key
 * has to be in it, with a value of its type; @ip: keys of IP listeners are allowed.
 * VIR_ERR_CONF_SYNTAX with "@name:LINE: …".
 */
VirConf *vir_conf_parse(const char *text, gsize len, const char *name, const VirConfTable *table,
                        gboolean ip, GError **error);

/** As vir_conf_parse() of the file @path. Where it does not exist: no keys, or an error if @needed.
 */
VirConf *vir_conf_load(const char *path, gboolean needed, const VirConfTable *table, gboolean ip,
                       GError **error);
void vir_conf_free(VirConf *conf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirConf, vir_conf_free)

/** The value; @fallback where the key is not set (or, unchecked, of another type). Borrowed. */
gint64 vir_conf_int(const VirConf *conf, const char *key, gint64 fallback);
gboolean vir_conf_bool(const VirConf *conf, const char *key, gboolean fallback);
const char *vir_conf_string(const VirConf *conf, const char *key, const char *fallback);
/** NULL terminated; NULL where the key is not set. */
const char *const *vir_conf_list(const VirConf *conf, const char *key);

/** The line of @key, from 1; 0 where it is not set. */
unsigned vir_conf_line(const VirConf *conf, const char *key);
/** The name given at parsing. */
const char *vir_conf_name(const VirConf *conf);
