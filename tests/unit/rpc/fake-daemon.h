/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-server-private.h"

/**
 * A server in this process with a driver of class domain that knows one domain, "web", and a client
 * that speaks frames. All in the main thread; fake_turn() is the main loop.
 */
typedef struct {
    VirServer *server;
    VirEventHub *events;
    VirObject *domain;
    VirOps ops;
    VirDriver driver;
    VirServerConfig config;
    guint32 serial;
    GPtrArray *peers; /* of FakePeer, to be freed at the end */
} Fake;

typedef struct {
    VirWire *wire;
    GPtrArray *got; /* of VirPacket */
    guint taken;
    char *reason; /* it is closed */
} FakePeer;

void fake_setup(Fake *fake, const void *data);
void fake_teardown(Fake *fake, const void *data);
/** Runs the main loop until nothing is left to do. */
void fake_turn(void);
/** Runs it, at most some seconds, until @cond; else the test fails. */
#define fake_wait(cond)                                                                            \
    do {                                                                                           \
        gint64 fake_end = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;                            \
                                                                                                   \
        while (!(cond)) {                                                                          \
            g_assert_cmpint(g_get_monotonic_time(), <, fake_end);                                  \
            g_main_context_iteration(NULL, FALSE) ? (void)0 : g_usleep(200);                       \
        }                                                                                          \
    } while (0)

/** A new client of the server. */
FakePeer *fake_connect(Fake *fake, gboolean readonly, VirAuth auth);
/** Speaks on @fd, taken. */
FakePeer *fake_peer_new(Fake *fake, int fd);
void fake_hangup(FakePeer *peer);

/** Sends a call of @proc (its args may be NULL); returns the serial. */
guint32 fake_call(Fake *fake, FakePeer *peer, int proc, const void *args);
void fake_send(FakePeer *peer, const virNetMessageHeader *header, const guint8 *payload, gsize len);
/** Waits for the next message of the server; valid until the peer is freed. */
VirPacket *fake_next(FakePeer *peer, virNetMessageHeader *header);
/** Calls and expects success; @ret is decoded into @arena, NULL: none. */
void fake_ok(Fake *fake, FakePeer *peer, int proc, const void *args, void *ret, VirArena *arena);
/** Calls and expects an error of @code, whose text has @text in it. */
void fake_error(Fake *fake, FakePeer *peer, int proc, const void *args, int code, const char *text);
void fake_open(Fake *fake, FakePeer *peer, const char *uri);
