/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-uuid.h"

#include <string.h>
#include <sys/random.h>

gboolean
vir_uuid_parse(const char *text, guint8 uuid[VIR_UUID_LEN])
{
    guint8 parsed[VIR_UUID_LEN];

    if (!text)
        return FALSE;
    while (g_ascii_isspace(*text))
        text++;
    for (int i = 0; i < VIR_UUID_LEN; i++) {
        int hi, lo;

        while (*text == '-' || *text == ' ')
            text++;
        hi = g_ascii_xdigit_value(text[0]);
        if (hi < 0)
            return FALSE;
        lo = g_ascii_xdigit_value(text[1]);
        if (lo < 0)
            return FALSE;
        parsed[i] = hi << 4 | lo;
        text += 2;
    }
    while (g_ascii_isspace(*text))
        text++;
    if (*text)
        return FALSE;
    memcpy(uuid, parsed, VIR_UUID_LEN);
    return TRUE;
}

char *
vir_uuid_format(const guint8 uuid[VIR_UUID_LEN], char text[VIR_UUID_TEXT_LEN])
{
    static const char digits[] = "0123456789abcdef";
    char *out = text;

    for (int i = 0; i < VIR_UUID_LEN; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[uuid[i] >> 4];
        *out++ = digits[uuid[i] & 15];
    }
    *out = '\0';
    return text;
}

void
vir_uuid_stamp(guint8 uuid[VIR_UUID_LEN])
{
    uuid[6] = (uuid[6] & 0x0f) | 0x40;
    uuid[8] = (uuid[8] & 0x3f) | 0x80;
}

void
vir_uuid_generate(guint8 uuid[VIR_UUID_LEN])
{
    if (getrandom(uuid, VIR_UUID_LEN, 0) != VIR_UUID_LEN)
        g_error("the kernel gives no random bytes");
    vir_uuid_stamp(uuid);
}
