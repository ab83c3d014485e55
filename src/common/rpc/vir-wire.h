/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string.h>

#include "vir-poller.h"

/**
 * Framed, nonblocking messages over a stream socket: the half of the protocol below XDR. Knows the
 * length word and the count of file descriptors, nothing else. All on the poller's thread.
 */

/** A length word below this cannot hold a header; above the other one nothing is accepted. */
#define VIR_WIRE_LEN_MIN 28u
#define VIR_WIRE_LEN_MAX 33554436u
#define VIR_WIRE_FDS_MAX 32u

/** A message from its length word on, with the file descriptors that travel with it. */
typedef struct VirPacket {
    struct VirPacket *next; /* in the wire's queue */
    unsigned refs;          /* 0: borrowed, see vir_packet_own() */
    guint32 len;            /* of the whole message; the length word says the same */
    guint32 size;           /* allocated */
    guint32 done;           /* received or sent so far */
    guint8 *data;
    int *fds; /* owned; -1 where somebody took one */
    unsigned n_fds;
    unsigned fds_done;
    gboolean pooled; /* ->data is of VIR_PACKET_POOLED bytes and goes back to the pool */
} VirPacket;

/** Buffers of this size, for a message of a stream, are kept for the next one. */
#define VIR_PACKET_POOLED (260u * 1024)

/**
 * An empty packet for @len bytes that the caller writes into ->data, length word included. Any
 * thread; so is vir_packet_unref() where nobody else has the packet.
 */
VirPacket *vir_packet_new(guint32 len);
/** Gives back what the pool keeps: a stream ended. Any thread. */
void vir_packet_trim(void);
/** Takes @data, g_malloc()ed, of @len bytes. */
VirPacket *vir_packet_new_take(guint8 *data, guint32 len);
/** A reference to keep: where @packet is borrowed a copy, which takes over the fds. */
VirPacket *vir_packet_own(VirPacket *packet);
void vir_packet_unref(VirPacket *packet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirPacket, vir_packet_unref)

/** Header words by index: 1 program, 2 version, 3 procedure, 4 type, 5 serial, 6 status, 7 … */
static inline guint32
vir_packet_word(const VirPacket *packet, unsigned index)
{
    guint32 word;

    memcpy(&word, packet->data + 4 * index, 4);
    return GUINT32_FROM_BE(word);
}

static inline void
vir_packet_set_word(VirPacket *packet, unsigned index, guint32 value)
{
    guint32 word = GUINT32_TO_BE(value);

    memcpy(packet->data + 4 * index, &word, 4);
}

typedef struct VirWire VirWire;

typedef struct VirWireOps {
    /** One whole message; borrowed, or owned by the wire, in any case only for this call. */
    void (*message)(VirWire *wire, VirPacket *packet, void *data);
    /** The connection ended, for @reason; nothing follows. Free the wire here or later. */
    void (*closed)(VirWire *wire, const char *reason, void *data);
    /** What waits to be sent fell below the low mark after it was above the high one. */
    void (*drained)(VirWire *wire, void *data);
} VirWireOps;

/** Above this many bytes a wire is congested, until no more than the low mark are left. */
#define VIR_WIRE_HIGH_MARK (1024 * 1024)
#define VIR_WIRE_LOW_MARK (256 * 1024)

/** Takes @fd, which becomes nonblocking. @limit: see vir_wire_send_bounded(). */
VirWire *vir_wire_new(VirPoller *poller, int fd, gsize limit, const VirWireOps *ops, void *data);
/** Closes; what waits to be sent is lost. No callback follows. Also from within a callback. */
void vir_wire_free(VirWire *wire);
int vir_wire_fd(const VirWire *wire);

/** Sends or queues; takes the reference. After the end of the connection it is dropped. */
void vir_wire_send(VirWire *wire, VirPacket *packet);
/** As vir_wire_send() for a message without fds in the caller's memory, copied only if it must. */
void vir_wire_send_data(VirWire *wire, const guint8 *data, guint32 len);
/** As vir_wire_send(), but ends the connection where more than the limit waits already. */
void vir_wire_send_bounded(VirWire *wire, VirPacket *packet);
gsize vir_wire_queued(const VirWire *wire);
gboolean vir_wire_congested(const VirWire *wire);

/** Ends the connection: closed() comes soon, from the main loop, with @reason. */
void vir_wire_fail(VirWire *wire, const char *reason);
/** As vir_wire_fail(), once all that waits is sent. Nothing is read any more. */
void vir_wire_finish(VirWire *wire, const char *reason);

/** Reading goes on while no bit is set. Messages that are here already wait as well. */
void vir_wire_set_paused(VirWire *wire, guint8 bit, gboolean paused);
gboolean vir_wire_paused(const VirWire *wire);

/** Bytes that this connection holds: received parts and what waits to be sent. */
gsize vir_wire_memory(const VirWire *wire);
