/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-xml.h"

/** A text as a fuzzer gives it. */
typedef struct {
    const char *text;
    gssize len;
} FuzzText;

/** A kind of document: a fuzz target of its own, with the corpus corpus/NAME. */
typedef struct {
    const char *name;
    const VirXmlDoc *const *docs; /* told apart by their root elements; NULL terminated */
    guint n_variants;             /* ways to take it */
    /**
     * The first of @docs with what its driver adds and asks in the way number @variant; *@flags
     * gets those that it is to be printed with. NULL: there are no rules but those of the schema.
     */
    void *(*complete)(const FuzzText *text, guint variant, unsigned *flags, GError **error);
    /** What else becomes of a document, the @which of @docs or a completed one; or NULL. */
    void (*use)(void *obj, guint which, const FuzzText *text);
} FuzzKind;

/** The row of @name; aborts where there is none. */
const FuzzKind *fuzz_kind(const char *name);

/* The QEMU driver's part: @variant is of VirModelFlags. */
void *fuzz_domain_complete(const FuzzText *text, guint variant, unsigned *flags, GError **error);
/** Up to the command line. */
void fuzz_domain_use(void *obj, guint which, const FuzzText *text);
