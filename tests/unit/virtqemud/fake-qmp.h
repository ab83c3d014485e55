/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/**
 * The QEMU side of a monitor that does what its script says, for faults that a real QEMU does not
 * have. A script is a NULL terminated list of steps:
 *   "<command"    reads one line, which must execute that command; its id becomes $ID
 *   ">text"       sends the text and a newline; $ID is the latest command's id
 *   "}text"       sends the text as it is, without a newline
 *   "*COUNT text" sends the text COUNT times, without newlines
 *   "fd"          the latest line must have come with a descriptor
 *   "close"       closes the connection
 * At the end of its script it stays silent until its other end closes.
 */
typedef struct FakeQmp FakeQmp;

#define FAKE_GREETING                                                                              \
    ">{\"QMP\": {\"version\": {\"qemu\": {\"major\": 7, \"minor\": 2, \"micro\": 0}}, "            \
    "\"capabilities\": [\"oob\"]}}",                                                               \
        "<qmp_capabilities", ">{\"return\": {}, \"id\": \"$ID\"}"

/** Starts the peer; *@fd is the monitor's other end, owned by the caller. */
FakeQmp *fake_qmp_start(const char *const *script, int *fd);
/** Waits for the peer's end and frees it. */
void fake_qmp_join(FakeQmp *fake);
