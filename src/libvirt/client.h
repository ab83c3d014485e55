/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-client.h"

/**
 * The client's end of one socket. Any number of threads call at once: each sends its frame and then
 * waits; one of those that wait reads for all. Where the program runs an event loop, the loop
 * watches the socket whenever nobody waits. Reference counted, thread-safe.
 */

/** What the owner (a connection) is told; always by the event loop, never with a lock held. */
typedef struct {
    /** An event message; @msg is the decoded structure, valid for this call. */
    void (*event)(void *owner, const VirProc *proc, const void *msg);
    /** The connection ended by itself; @reason is a virConnectCloseReason. */
    void (*closed)(void *owner, int reason);
} VirClientFuncs;

/**
 * Takes the connected @fd. @peer names it in errors ("/run/libvirt/virtqemud-sock"). @owner is a
 * handle; it is not referenced: vir_client_detach() it before it is freed.
 */
VirClient *vir_client_new(int fd, const char *peer, const VirClientFuncs *funcs, void *owner);
VirClient *vir_client_ref(VirClient *client);
void vir_client_unref(VirClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirClient, vir_client_unref)

/** Ends the connection: all who wait fail, the owner is told nothing any more. */
void vir_client_detach(VirClient *client);

/** FALSE once the connection broke. Looks at the socket where nobody reads it. */
gboolean vir_client_alive(VirClient *client);

/** Watches the socket with the registered event loop; FALSE where there is none. */
gboolean vir_client_watch(VirClient *client);
gboolean vir_client_watched(VirClient *client);

/**
 * The general call, see vir_client_call_fds(). Where @stream is not NULL and the call succeeds,
 * *@stream is its stream.
 */
gboolean vir_client_roundtrip(VirClient *client, const VirProc *proc, const void *args,
                              const int *fds, unsigned n_fds, void *ret, int **out_fds,
                              unsigned *n_out_fds, VirClientStream **stream, VirArena *arena,
                              GError **error);

/** Sends a ping after @interval seconds of silence, gives up after @count unanswered; 0: none. */
void vir_client_set_keepalive(VirClient *client, int interval, unsigned count);

/**
 * Streams. All functions may be called from any thread; those that wait return once there is
 * something or the stream has ended.
 */

/** Bytes taken, -2 where it would have to wait and @nonblock, -1 with @error. */
int vir_client_stream_send(VirClientStream *stream, const char *data, size_t len, gboolean nonblock,
                           GError **error);
/**
 * Bytes read, 0 at the end, -2 where it would have to wait and @nonblock, -3 at a hole where
 * @stop_at_hole (else a hole reads as zeros), -1 with @error.
 */
int vir_client_stream_recv(VirClientStream *stream, char *data, size_t len, gboolean stop_at_hole,
                           gboolean nonblock, GError **error);
gboolean vir_client_stream_send_hole(VirClientStream *stream, gint64 length, GError **error);
/** The length of the hole that recv stopped at. */
gboolean vir_client_stream_recv_hole(VirClientStream *stream, gint64 *length, GError **error);
/** Whether recv would find data (TRUE) or a hole, and how much of it: *@length 0 at the end. */
gboolean vir_client_stream_in_data(VirClientStream *stream, gint64 *length);
/** Confirms with the peer that all went well. */
gboolean vir_client_stream_finish(VirClientStream *stream, GError **error);
void vir_client_stream_abort(VirClientStream *stream);
/** Calls @func from the event loop while one of @events is so; 0: not. @data is a handle. */
void vir_client_stream_set_events(VirClientStream *stream, int events,
                                  void (*func)(void *data, int events), void *data);
/** Aborts where it has not ended, and frees it. */
void vir_client_stream_free(VirClientStream *stream);
