/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * XDR (RFC 4506) from tables. A table describes one C type in rpcgen's memory layout; the tables of
 * the protocol are generated from *.x.
 */
typedef enum {
    VIR_XDR_INT,      /* int, enum */
    VIR_XDR_UINT,     /* u_int */
    VIR_XDR_HYPER,    /* quad_t */
    VIR_XDR_UHYPER,   /* u_quad_t */
    VIR_XDR_CHAR,     /* char, a whole word on the wire */
    VIR_XDR_UCHAR,    /* u_char */
    VIR_XDR_SHORT,    /* short */
    VIR_XDR_USHORT,   /* u_short */
    VIR_XDR_BOOL,     /* int, 0 or 1 */
    VIR_XDR_DOUBLE,   /* double */
    VIR_XDR_STRING,   /* char *, never NULL, `limit` bytes at most */
    VIR_XDR_OPAQUE,   /* char [limit] */
    VIR_XDR_BYTES,    /* VirXdrArray of char, `limit` bytes at most */
    VIR_XDR_VECTOR,   /* elem [limit] */
    VIR_XDR_ARRAY,    /* VirXdrArray of elem, `limit` elements at most */
    VIR_XDR_OPTIONAL, /* elem *, may be NULL */
    VIR_XDR_STRUCT,
    VIR_XDR_UNION, /* fields[0] is the switch; cases[i] selects fields[i + 1] */
} VirXdrKind;

typedef struct VirXdrType VirXdrType;

typedef struct {
    const char *name;
    const VirXdrType *type;
    guint32 offset;
} VirXdrField;

struct VirXdrType {
    const char *name;
    VirXdrKind kind;
    guint32 size;     /* bytes in memory */
    guint32 wire_min; /* fewest bytes on the wire */
    guint32 limit;
    const VirXdrType *elem;
    const VirXdrField *fields;
    const gint32 *cases;
    guint32 n_fields;
};

/** Any counted array: `struct { u_int x_len; T *x_val; }` of rpcgen. */
typedef struct {
    guint32 len;
    void *val;
} VirXdrArray;

extern const VirXdrType vir_xdr_int, vir_xdr_uint, vir_xdr_hyper, vir_xdr_uhyper, vir_xdr_char,
    vir_xdr_uchar, vir_xdr_short, vir_xdr_ushort, vir_xdr_bool, vir_xdr_double;

/**
 * Memory of decoded structures: many small pieces, freed at once. Put one on the stack as
 * `g_auto(VirArena) arena = { 0 };`.
 */
typedef struct {
    void *blocks;
    guint8 *next;
    gsize left;
} VirArena;

/** Zeroed, aligned for any type. @len is trusted: check what comes from a peer before. */
void *vir_arena_alloc(VirArena *arena, gsize len);
void vir_arena_clear(VirArena *arena);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VirArena, vir_arena_clear)

/**
 * Decodes exactly @len bytes into @out (type->size bytes, overwritten). What it points to lives in
 * @arena. Every count is checked against its limit and against the bytes that are left before
 * anything is allocated; strings are NUL terminated copies without NUL inside; padding must be
 * zero; bytes left over are an error. VIR_ERR_RPC names the structure and field. @out is undefined
 * after an error.
 */
gboolean vir_xdr_decode(const VirXdrType *type, const guint8 *buf, gsize len, void *out,
                        VirArena *arena, GError **error);

/** As vir_xdr_decode(), but @used bytes may be fewer than @len. */
gboolean vir_xdr_decode_some(const VirXdrType *type, const guint8 *buf, gsize len, void *out,
                             VirArena *arena, gsize *used, GError **error);

/**
 * Appends @in to @out. VIR_ERR_RPC where something exceeds its limit or a string that must be there
 * is NULL; then @out is as before.
 */
gboolean vir_xdr_encode(const VirXdrType *type, const void *in, GByteArray *out, GError **error);

/** Frees what @value (with g_malloc()ed content) points to, not @value, and zeroes it. */
void vir_xdr_clear(const VirXdrType *type, void *value);

/** Copies @in deeply into @out (overwritten, not freed); what it points to is g_malloc()ed. */
void vir_xdr_copy(const VirXdrType *type, const void *in, void *out);

/** As vir_xdr_clear() and then g_free(@value); NULL is allowed. */
void vir_xdr_free(const VirXdrType *type, void *value);

/** A g_malloc()ed deep copy; free with vir_xdr_free(). */
void *vir_xdr_dup(const VirXdrType *type, const void *value);
