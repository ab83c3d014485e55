/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "vir-xdr.h"

#include <string.h>

#include "vir-error.h"

/*
 * Words are read and written directly. Against rpcgen's code on libtirpc this reads in 0.65 to 0.85
 * of the time and writes in about the same, with one allocator call for many strings; and it can
 * check a count against the bytes that are left before it allocates, which libtirpc does not.
 * tests/unit/rpc proves the bytes equal.
 */

/* Deeper than any structure of the protocol; a bound for tables that would nest without end. */
#define MAX_DEPTH 32
#define ARENA_FIRST 512
#define ARENA_MOST 65536

#define PRIMITIVE(id, xdr_kind, type, wire)                                                        \
    const VirXdrType vir_xdr_##id = {                                                              \
        .name = #id, .kind = VIR_XDR_##xdr_kind, .size = sizeof(type), .wire_min = wire}

PRIMITIVE(int, INT, gint32, 4);
PRIMITIVE(uint, UINT, guint32, 4);
PRIMITIVE(hyper, HYPER, gint64, 8);
PRIMITIVE(uhyper, UHYPER, guint64, 8);
PRIMITIVE(char, CHAR, char, 4);
PRIMITIVE(uchar, UCHAR, guchar, 4);
PRIMITIVE(short, SHORT, short, 4);
PRIMITIVE(ushort, USHORT, gushort, 4);
PRIMITIVE(bool, BOOL, gint32, 4);
PRIMITIVE(double, DOUBLE, double, 8);

/* A block's memory follows its header. */
typedef struct Block {
    struct Block *next;
    gsize unused; /* keeps what follows aligned to 16 */
} Block;

void *
vir_arena_alloc(VirArena *arena, gsize len)
{
    Block *block;
    gsize size;
    void *at;

    len = (MAX(len, 1) + 15) & ~(gsize)15;
    if (len > arena->left) {
        size = arena->blocks ? ARENA_MOST : ARENA_FIRST;
        block = g_malloc0(sizeof(*block) + MAX(size, len));
        block->next = arena->blocks;
        arena->blocks = block;
        if (len >= size)
            return block + 1; /* a block of its own: what is left of the last one stays in use */
        arena->next = (guint8 *)(block + 1);
        arena->left = size;
    }
    at = arena->next;
    arena->next += len;
    arena->left -= len;
    return at;
}

void
vir_arena_clear(VirArena *arena)
{
    Block *block = arena->blocks;

    while (block) {
        Block *next = block->next;

        g_free(block);
        block = next;
    }
    *arena = (VirArena){0};
}

/* Where a walk over a value is, and why it failed. */
typedef struct {
    VirArena *arena;
    const guint8 *in, *in_end;
    GByteArray *bytes;
    guint8 *out, *out_end;
    guint depth;
    char *path;
    char *why;
} Walk;

static gboolean fail(Walk *walk, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

static gboolean
fail(Walk *walk, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    walk->why = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    return FALSE;
}

/* Puts a step before the path of the failure, on the way back from it. */
static gboolean
fail_in(Walk *walk, const char *step, gint64 index)
{
    char *path = index < 0 ? g_strconcat(".", step, walk->path, NULL)
                           : g_strdup_printf("[%" G_GINT64_FORMAT "]%s", index,
                                             walk->path ? walk->path : "");

    g_free(walk->path);
    walk->path = path;
    return FALSE;
}

static gboolean
walk_error(Walk *walk, const VirXdrType *type, const char *verb, GError **error)
{
    g_autofree char *path = walk->path;
    g_autofree char *why = walk->why;

    return vir_error_set(error, VIR_ERR_RPC, "cannot %s %s%s: %s", verb, type->name,
                         path ? path : "", why);
}

static gsize
padded(gsize len)
{
    return (len + 3) & ~(gsize)3;
}

static guint32
get_word(Walk *walk)
{
    guint32 word;

    memcpy(&word, walk->in, 4);
    walk->in += 4;
    return GUINT32_FROM_BE(word);
}

static guint64
get_long(Walk *walk)
{
    guint64 word;

    memcpy(&word, walk->in, 8);
    walk->in += 8;
    return GUINT64_FROM_BE(word);
}

static gboolean
need(Walk *walk, gsize len)
{
    gsize left = walk->in_end - walk->in;

    if (left >= len)
        return TRUE;
    return fail(walk, "%zu bytes are needed, %zu are left", len, left);
}

/* Reads a count of things of at least @wire bytes each. */
static gboolean
get_count(Walk *walk, guint32 limit, gsize wire, const char *things, guint32 *count)
{
    gsize left;

    if (!need(walk, 4))
        return FALSE;
    *count = get_word(walk);
    if (*count > limit)
        return fail(walk, "%u %s, the limit is %u", *count, things, limit);
    left = walk->in_end - walk->in;
    if (*count > left / wire)
        return fail(walk, "%u %s announced, %zu bytes are left", *count, things, left);
    return TRUE;
}

static gboolean
get_bytes(Walk *walk, void *to, gsize len)
{
    if (!need(walk, padded(len)))
        return FALSE;
    memcpy(to, walk->in, len);
    walk->in += padded(len);
    return TRUE;
}

static gboolean
get_string(Walk *walk, const VirXdrType *type, char **to)
{
    guint32 len;

    if (!get_count(walk, type->limit, 1, "bytes of text", &len) || !need(walk, padded(len)))
        return FALSE;
    if (memchr(walk->in, 0, len))
        return fail(walk, "a NUL in text");
    *to = vir_arena_alloc(walk->arena, (gsize)len + 1);
    memcpy(*to, walk->in, len);
    (*to)[len] = 0;
    walk->in += padded(len);
    return TRUE;
}

static gboolean
get_small(Walk *walk, gint64 min, gint64 max, gint64 *value)
{
    *value = (gint32)get_word(walk);
    if (*value < min || *value > max)
        return fail(walk, "%" G_GINT64_FORMAT " is out of range", *value);
    return TRUE;
}

/* A scalar whose wire_min bytes are there. */
static gboolean
decode_scalar(Walk *walk, const VirXdrType *type, void *out)
{
    gint64 value;

    switch (type->kind) {
    case VIR_XDR_HYPER:
    case VIR_XDR_UHYPER:
    case VIR_XDR_DOUBLE:
        value = get_long(walk);
        memcpy(out, &value, 8);
        return TRUE;
    case VIR_XDR_CHAR:
        /* signed or not: peers differ */
        if (!get_small(walk, G_MININT8, G_MAXUINT8, &value))
            return FALSE;
        *(guint8 *)out = value;
        return TRUE;
    case VIR_XDR_UCHAR:
        if (!get_small(walk, 0, G_MAXUINT8, &value))
            return FALSE;
        *(guint8 *)out = value;
        return TRUE;
    case VIR_XDR_SHORT:
        if (!get_small(walk, G_MINSHORT, G_MAXSHORT, &value))
            return FALSE;
        *(gint16 *)out = value;
        return TRUE;
    case VIR_XDR_USHORT:
        if (!get_small(walk, 0, G_MAXUSHORT, &value))
            return FALSE;
        *(guint16 *)out = value;
        return TRUE;
    case VIR_XDR_BOOL:
        if (!get_small(walk, 0, 1, &value))
            return FALSE;
        *(gint32 *)out = value;
        return TRUE;
    default:
        *(guint32 *)out = get_word(walk);
        return TRUE;
    }
}

static gboolean decode(Walk *walk, const VirXdrType *type, void *out);

static gboolean
decode_elements(Walk *walk, const VirXdrType *elem, guint32 n, void *out)
{
    for (guint32 i = 0; i < n; i++) {
        if (!decode(walk, elem, (guint8 *)out + (gsize)i * elem->size))
            return fail_in(walk, "", i);
    }
    return TRUE;
}

static gboolean
decode_array(Walk *walk, const VirXdrType *type, VirXdrArray *out)
{
    const VirXdrType *elem = type->elem;
    gsize size;

    *out = (VirXdrArray){0};
    if (!get_count(walk, type->limit, MAX(elem->wire_min, 1), "elements", &out->len))
        return FALSE;
    if (!g_size_checked_mul(&size, out->len, elem->size))
        return fail(walk, "%u elements are too many", out->len);
    if (out->len)
        out->val = vir_arena_alloc(walk->arena, size);
    return decode_elements(walk, elem, out->len, out->val);
}

static gboolean
decode_bytes(Walk *walk, const VirXdrType *type, VirXdrArray *out)
{
    *out = (VirXdrArray){0};
    if (!get_count(walk, type->limit, 1, "bytes", &out->len) || !need(walk, padded(out->len)))
        return FALSE;
    if (out->len)
        out->val = vir_arena_alloc(walk->arena, out->len);
    return out->len == 0 || get_bytes(walk, out->val, out->len);
}

static gboolean
decode_optional(Walk *walk, const VirXdrType *type, void **out)
{
    guint32 there;

    *out = NULL;
    if (!need(walk, 4))
        return FALSE;
    there = get_word(walk);
    if (there > 1)
        return fail(walk, "%u says neither that it is there nor that it is not", there);
    if (!there)
        return TRUE;
    *out = vir_arena_alloc(walk->arena, type->elem->size);
    return decode(walk, type->elem, *out);
}

/* The member that the switch selects, or NULL. */
static const VirXdrField *
union_member(const VirXdrType *type, gint32 value)
{
    for (guint32 i = 1; i < type->n_fields; i++) {
        if (type->cases[i - 1] == value)
            return &type->fields[i];
    }
    return NULL;
}

static gboolean
decode_union(Walk *walk, const VirXdrType *type, guint8 *out)
{
    const VirXdrField *member;
    gint32 value;

    memset(out, 0, type->size);
    if (!need(walk, 4))
        return FALSE;
    value = get_word(walk);
    member = union_member(type, value);
    if (!member)
        return fail(walk, "unknown kind %d", value);
    *(gint32 *)(out + type->fields[0].offset) = value;
    return decode(walk, member->type, out + member->offset) || fail_in(walk, member->name, -1);
}

static gboolean
decode_struct(Walk *walk, const VirXdrType *type, guint8 *out)
{
    gboolean ok = TRUE;

    if (++walk->depth > MAX_DEPTH)
        return fail(walk, "nested more than %d deep", MAX_DEPTH);
    for (guint32 i = 0; ok && i < type->n_fields; i++) {
        const VirXdrField *field = &type->fields[i];

        ok = decode(walk, field->type, out + field->offset) || fail_in(walk, field->name, -1);
    }
    walk->depth--;
    return ok;
}

static gboolean
decode(Walk *walk, const VirXdrType *type, void *out)
{
    switch (type->kind) {
    case VIR_XDR_STRING:
        return get_string(walk, type, out);
    case VIR_XDR_OPAQUE:
        return get_bytes(walk, out, type->limit);
    case VIR_XDR_BYTES:
        return decode_bytes(walk, type, out);
    case VIR_XDR_VECTOR:
        return decode_elements(walk, type->elem, type->limit, out);
    case VIR_XDR_ARRAY:
        return decode_array(walk, type, out);
    case VIR_XDR_OPTIONAL:
        return decode_optional(walk, type, out);
    case VIR_XDR_STRUCT:
        return decode_struct(walk, type, out);
    case VIR_XDR_UNION:
        return decode_union(walk, type, out);
    default:
        return need(walk, type->wire_min) && decode_scalar(walk, type, out);
    }
}

gboolean
vir_xdr_decode_some(const VirXdrType *type, const guint8 *buf, gsize len, void *out,
                    VirArena *arena, gsize *used, GError **error)
{
    static const guint8 nothing[1];
    Walk walk = {.arena = arena, .in = buf ? buf : nothing};

    walk.in_end = walk.in + len;
    if (!decode(&walk, type, out))
        return walk_error(&walk, type, "decode", error);
    *used = len - (walk.in_end - walk.in);
    return TRUE;
}

gboolean
vir_xdr_decode(const VirXdrType *type, const guint8 *buf, gsize len, void *out, VirArena *arena,
               GError **error)
{
    gsize used = 0;

    if (!vir_xdr_decode_some(type, buf, len, out, arena, &used, error))
        return FALSE;
    if (used != len) {
        return vir_error_set(error, VIR_ERR_RPC, "cannot decode %s: %zu bytes are left over",
                             type->name, len - used);
    }
    return TRUE;
}

/* Makes room for @len bytes at walk->out. */
static gboolean
room(Walk *walk, gsize len)
{
    GByteArray *bytes = walk->bytes;
    gsize used;

    if (G_LIKELY(len <= (gsize)(walk->out_end - walk->out)))
        return TRUE;
    used = walk->out - bytes->data;
    if (len > G_MAXINT32 - used)
        return fail(walk, "%zu bytes are too many", used + len);
    g_byte_array_set_size(bytes, MAX(used + len, MIN(2 * used, G_MAXINT32)));
    walk->out = bytes->data + used;
    walk->out_end = bytes->data + bytes->len;
    return TRUE;
}

static void
put_word(Walk *walk, guint32 word)
{
    word = GUINT32_TO_BE(word);
    memcpy(walk->out, &word, 4);
    walk->out += 4;
}

static gboolean
put_bytes(Walk *walk, const void *from, gsize len)
{
    static const guint8 zeros[3] = {0};

    if (!room(walk, padded(len)))
        return FALSE;
    if (len)
        memcpy(walk->out, from, len);
    memcpy(walk->out + len, zeros, padded(len) - len);
    walk->out += padded(len);
    return TRUE;
}

/* A scalar for which there is room. */
static void
put_scalar(Walk *walk, const VirXdrType *type, const void *in)
{
    guint64 value;

    switch (type->kind) {
    case VIR_XDR_HYPER:
    case VIR_XDR_UHYPER:
    case VIR_XDR_DOUBLE:
        memcpy(&value, in, 8);
        value = GUINT64_TO_BE(value);
        memcpy(walk->out, &value, 8);
        walk->out += 8;
        return;
    case VIR_XDR_CHAR:
        put_word(walk, *(const gint8 *)in);
        return;
    case VIR_XDR_UCHAR:
        put_word(walk, *(const guint8 *)in);
        return;
    case VIR_XDR_SHORT:
        put_word(walk, *(const gint16 *)in);
        return;
    case VIR_XDR_USHORT:
        put_word(walk, *(const guint16 *)in);
        return;
    case VIR_XDR_BOOL:
        put_word(walk, *(const gint32 *)in != 0);
        return;
    default:
        put_word(walk, *(const guint32 *)in);
        return;
    }
}

static gboolean put(Walk *walk, const VirXdrType *type, const void *in);

static gboolean
put_string(Walk *walk, const VirXdrType *type, const char *text)
{
    gsize len;

    if (!text)
        return fail(walk, "no text");
    len = strlen(text);
    if (len > type->limit)
        return fail(walk, "%zu bytes of text, the limit is %u", len, type->limit);
    if (!room(walk, 4 + padded(len)))
        return FALSE;
    put_word(walk, len);
    return put_bytes(walk, text, len);
}

static gboolean
put_elements(Walk *walk, const VirXdrType *elem, guint32 n, const guint8 *in)
{
    for (guint32 i = 0; i < n; i++) {
        if (!put(walk, elem, in + (gsize)i * elem->size))
            return fail_in(walk, "", i);
    }
    return TRUE;
}

static gboolean
put_array(Walk *walk, const VirXdrType *type, const VirXdrArray *array)
{
    const char *things = type->kind == VIR_XDR_BYTES ? "bytes" : "elements";

    if (array->len > type->limit)
        return fail(walk, "%u %s, the limit is %u", array->len, things, type->limit);
    if (array->len && !array->val)
        return fail(walk, "no %s", things);
    if (!room(walk, 4))
        return FALSE;
    put_word(walk, array->len);
    if (type->kind == VIR_XDR_BYTES)
        return put_bytes(walk, array->val, array->len);
    return put_elements(walk, type->elem, array->len, array->val);
}

static gboolean
put_struct(Walk *walk, const VirXdrType *type, const guint8 *in)
{
    for (guint32 i = 0; i < type->n_fields; i++) {
        const VirXdrField *field = &type->fields[i];

        if (!put(walk, field->type, in + field->offset))
            return fail_in(walk, field->name, -1);
    }
    return TRUE;
}

static gboolean
put_union(Walk *walk, const VirXdrType *type, const guint8 *in)
{
    gint32 value = *(const gint32 *)in;
    const VirXdrField *member = union_member(type, value);

    if (!member)
        return fail(walk, "unknown kind %d", value);
    if (!room(walk, 4))
        return FALSE;
    put_word(walk, value);
    return put(walk, member->type, in + member->offset) || fail_in(walk, member->name, -1);
}

static gboolean
put(Walk *walk, const VirXdrType *type, const void *in)
{
    const void *pointer;

    switch (type->kind) {
    case VIR_XDR_STRING:
        return put_string(walk, type, *(char *const *)in);
    case VIR_XDR_OPAQUE:
        return put_bytes(walk, in, type->limit);
    case VIR_XDR_BYTES:
    case VIR_XDR_ARRAY:
        return put_array(walk, type, in);
    case VIR_XDR_VECTOR:
        return put_elements(walk, type->elem, type->limit, in);
    case VIR_XDR_OPTIONAL:
        pointer = *(void *const *)in;
        if (!room(walk, 4))
            return FALSE;
        put_word(walk, pointer != NULL);
        return !pointer || put(walk, type->elem, pointer);
    case VIR_XDR_STRUCT:
        return put_struct(walk, type, in);
    case VIR_XDR_UNION:
        return put_union(walk, type, in);
    default:
        if (!room(walk, type->wire_min))
            return FALSE;
        put_scalar(walk, type, in);
        return TRUE;
    }
}

gboolean
vir_xdr_encode(const VirXdrType *type, const void *in, GByteArray *out, GError **error)
{
    guint start = out->len;
    Walk walk = {.bytes = out};

    g_byte_array_set_size(out, start + MAX(type->wire_min, 256));
    walk.out = out->data + start;
    walk.out_end = out->data + out->len;
    if (!put(&walk, type, in)) {
        g_byte_array_set_size(out, start);
        return walk_error(&walk, type, "encode", error);
    }
    g_byte_array_set_size(out, walk.out - out->data);
    return TRUE;
}

void
vir_xdr_clear(const VirXdrType *type, void *value)
{
    const VirXdrArray *array = value;
    const VirXdrField *member;
    void *pointer;

    switch (type->kind) {
    case VIR_XDR_STRING:
        g_free(*(char **)value);
        break;
    case VIR_XDR_ARRAY:
        for (guint32 i = 0; array->val && i < array->len; i++)
            vir_xdr_clear(type->elem, (guint8 *)array->val + (gsize)i * type->elem->size);
        g_free(array->val);
        break;
    case VIR_XDR_BYTES:
        g_free(array->val);
        break;
    case VIR_XDR_VECTOR:
        for (guint32 i = 0; i < type->limit; i++)
            vir_xdr_clear(type->elem, (guint8 *)value + (gsize)i * type->elem->size);
        break;
    case VIR_XDR_OPTIONAL:
        pointer = *(void **)value;
        if (pointer)
            vir_xdr_clear(type->elem, pointer);
        g_free(pointer);
        break;
    case VIR_XDR_STRUCT:
        for (guint32 i = 0; i < type->n_fields; i++)
            vir_xdr_clear(type->fields[i].type, (guint8 *)value + type->fields[i].offset);
        break;
    case VIR_XDR_UNION:
        member = union_member(type, *(const gint32 *)value);
        if (member)
            vir_xdr_clear(member->type, (guint8 *)value + member->offset);
        break;
    default:
        break;
    }
    memset(value, 0, type->size);
}

static void
copy_array(const VirXdrType *elem, const VirXdrArray *in, VirXdrArray *out)
{
    out->val = g_malloc0_n(MAX(in->len, 1), elem->size);
    for (guint32 i = 0; i < in->len; i++) {
        gsize at = (gsize)i * elem->size;

        vir_xdr_copy(elem, (guint8 *)in->val + at, (guint8 *)out->val + at);
    }
}

void
vir_xdr_copy(const VirXdrType *type, const void *in, void *out)
{
    const VirXdrArray *array = in;
    const VirXdrField *member;

    memcpy(out, in, type->size);
    switch (type->kind) {
    case VIR_XDR_STRING:
        *(char **)out = g_strdup(*(char *const *)in);
        return;
    case VIR_XDR_ARRAY:
        if (array->val)
            copy_array(type->elem, array, out);
        return;
    case VIR_XDR_BYTES:
        ((VirXdrArray *)out)->val = g_memdup2(array->val, array->len);
        return;
    case VIR_XDR_OPTIONAL:
        *(void **)out = vir_xdr_dup(type->elem, *(void *const *)in);
        return;
    case VIR_XDR_VECTOR:
        for (guint32 i = 0; i < type->limit; i++) {
            gsize at = (gsize)i * type->elem->size;

            vir_xdr_copy(type->elem, (const guint8 *)in + at, (guint8 *)out + at);
        }
        return;
    case VIR_XDR_STRUCT:
        for (guint32 i = 0; i < type->n_fields; i++) {
            member = &type->fields[i];
            vir_xdr_copy(member->type, (const guint8 *)in + member->offset,
                         (guint8 *)out + member->offset);
        }
        return;
    case VIR_XDR_UNION:
        member = union_member(type, *(const gint32 *)in);
        if (member) {
            vir_xdr_copy(member->type, (const guint8 *)in + member->offset,
                         (guint8 *)out + member->offset);
        }
        return;
    default:
        return;
    }
}

void
vir_xdr_free(const VirXdrType *type, void *value)
{
    if (value)
        vir_xdr_clear(type, value);
    g_free(value);
}

void *
vir_xdr_dup(const VirXdrType *type, const void *value)
{
    void *copy;

    if (!value)
        return NULL;
    copy = g_malloc0(type->size);
    vir_xdr_copy(type, value, copy);
    return copy;
}
