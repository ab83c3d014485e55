/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#define VIR_UUID_LEN 16
#define VIR_UUID_TEXT_LEN 37

/** Parses 32 hex digits with dashes or blanks anywhere between; FALSE where it is no UUID. */
gboolean vir_uuid_parse(const char *text, guint8 uuid[VIR_UUID_LEN]);

/** Canonical lower case text with its NUL into @text; returns @text. */
char *vir_uuid_format(const guint8 uuid[VIR_UUID_LEN], char text[VIR_UUID_TEXT_LEN]);

/** A random UUID of version 4 (RFC 4122) from the kernel. */
void vir_uuid_generate(guint8 uuid[VIR_UUID_LEN]);

/** Makes random bytes a UUID of version 4. */
void vir_uuid_stamp(guint8 uuid[VIR_UUID_LEN]);
