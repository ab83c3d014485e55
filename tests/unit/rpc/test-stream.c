/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include <libvirt/libvirt.h>

#include "fake-daemon.h"
#include "vir-error.h"

static VirStream *stream; /* of the call that was served last */
static GByteArray *received;
static gint64 hole;
static guint finished, closed;
static char *path;

static void
on_received(VirStream *s, const guint8 *data, gsize len, void *unused)
{
    if (data)
        g_byte_array_append(received, data, len);
    else
        finished++;
}

static void
on_hole(VirStream *s, gint64 length, void *unused)
{
    hole += length;
}

static void
on_closed(VirStream *s, void *unused)
{
    closed++;
    vir_stream_unref(stream);
    stream = NULL;
}

static const VirStreamOps ops = {.received = on_received, .hole = on_hole, .closed = on_closed};

static gboolean
serve(VirCall *call, const void *args, void *ret, GError **error)
{
    g_assert_nonnull(call->stream);
    if (path) {
        vir_stream_pump_fd(call->stream, open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        return TRUE;
    }
    stream = vir_stream_ref(call->stream);
    vir_stream_set_ops(stream, &ops, NULL);
    return TRUE;
}

static gboolean
serve_and_fail(VirCall *call, const void *args, void *ret, GError **error)
{
    serve(call, args, ret, error);
    return vir_error_set(error, VIR_ERR_OPERATION_FAILED, "after all");
}

static FakePeer *
setup(Fake *f)
{
    FakePeer *peer;

    f->driver.classes = ~0u;
    f->driver.lookup = NULL;
    f->ops.storage_vol_download = (gboolean(*)(VirCall *, const remote_storage_vol_download_args *,
                                               void *, GError **))(void (*)(void))serve;
    f->ops.storage_vol_upload = (gboolean(*)(VirCall *, const remote_storage_vol_upload_args *,
                                             void *, GError **))(void (*)(void))serve;
    g_clear_pointer(&received, g_byte_array_unref);
    received = g_byte_array_new();
    hole = 0;
    finished = closed = 0;
    peer = fake_connect(f, FALSE, VIR_AUTH_NONE);
    fake_open(f, peer, "fake:///system");
    return peer;
}

static remote_nonnull_storage_vol vol = {(char *)"p", (char *)"v", (char *)"k"};

static virNetMessageHeader
begin(Fake *f, FakePeer *peer, int proc, guint flags)
{
    remote_storage_vol_upload_args args = {.vol = vol, .flags = flags}; /* download's are alike */
    virNetMessageHeader header = {REMOTE_PROGRAM, 1,         proc,
                                  VIR_NET_STREAM, f->serial, VIR_NET_CONTINUE};

    fake_ok(f, peer, proc, &args, NULL, NULL);
    return header;
}

static void
send_hole(FakePeer *peer, virNetMessageHeader header, gint64 length)
{
    virNetStreamHole value = {.length = length};
    g_autoptr(GByteArray) out = g_byte_array_new();

    header.type = VIR_NET_STREAM_HOLE;
    g_assert_true(vir_xdr_encode(&vir_xdr_virNetStreamHole, &value, out, NULL));
    fake_send(peer, &header, out->data, out->len);
}

static void
test_upload(Fake *f, const void *data)
{
    FakePeer *peer = setup(f);
    virNetMessageHeader header =
        begin(f, peer, REMOTE_PROC_STORAGE_VOL_UPLOAD, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM);
    virNetMessageHeader got, other = header;

    fake_send(peer, &header, (const guint8 *)"abc", 3);
    send_hole(peer, header, 4096);
    other.serial = 77; /* nobody's */
    fake_send(peer, &other, (const guint8 *)"zzz", 3);
    fake_send(peer, &header, (const guint8 *)"def", 3);
    header.status = VIR_NET_OK;
    fake_send(peer, &header, NULL, 0);
    fake_wait(finished);
    g_assert_cmpmem(received->data, received->len, "abcdef", 6);
    g_assert_cmpint(hole, ==, 4096);
    g_assert_cmpuint(peer->got->len, ==, peer->taken);
    vir_stream_finish(stream);
    fake_next(peer, &got);
    g_assert_cmpint(got.type, ==, VIR_NET_STREAM);
    g_assert_cmpint(got.status, ==, VIR_NET_OK);
    g_assert_cmpuint(got.serial, ==, header.serial);
    g_assert_cmpuint(closed, ==, 1);
    /* Late data is nobody's fault. */
    header.status = VIR_NET_CONTINUE;
    fake_send(peer, &header, (const guint8 *)"late", 4);
    fake_turn();
    g_assert_cmpuint(peer->got->len, ==, peer->taken);
    g_assert_null(peer->reason);
}

static void
test_unexpected_hole(Fake *f, const void *data)
{
    FakePeer *peer = setup(f);

    for (int negative = 0; negative < 2; negative++) {
        virNetMessageHeader header = begin(f, peer, REMOTE_PROC_STORAGE_VOL_UPLOAD,
                                           negative ? VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM : 0);
        virNetMessageHeader got;

        send_hole(peer, header, negative ? -1 : 10);
        fake_next(peer, &got);
        g_assert_cmpint(got.type, ==, VIR_NET_STREAM);
        g_assert_cmpint(got.status, ==, VIR_NET_ERROR);
    }
    g_assert_cmpuint(closed, ==, 2);
}

static void
test_download(Fake *f, const void *data)
{
    FakePeer *peer = setup(f);
    virNetMessageHeader header =
        begin(f, peer, REMOTE_PROC_STORAGE_VOL_DOWNLOAD, VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM);
    g_autofree guint8 *big = g_malloc0(600000);
    virNetMessageHeader got;
    VirPacket *packet;

    g_assert_true(vir_stream_send(stream, big, 600000));
    g_assert_true(vir_stream_send_hole(stream, 1 << 20));
    vir_stream_send_eof(stream);
    for (gsize sum = 0; sum < 600000; sum += packet->len - 28) {
        packet = fake_next(peer, &got);
        g_assert_cmpint(got.status, ==, VIR_NET_CONTINUE);
        g_assert_cmpuint(packet->len - 28, <=, VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX);
        g_assert_cmpuint(got.serial, ==, header.serial);
    }
    fake_next(peer, &got);
    g_assert_cmpint(got.type, ==, VIR_NET_STREAM_HOLE);
    packet = fake_next(peer, &got);
    g_assert_cmpuint(packet->len, ==, 28);
    g_assert_cmpint(got.status, ==, VIR_NET_CONTINUE);
    header.status = VIR_NET_OK;
    fake_send(peer, &header, NULL, 0);
    fake_wait(finished);
    vir_stream_finish(stream);
    fake_next(peer, &got);
    g_assert_cmpint(got.status, ==, VIR_NET_OK);
}

static void
test_abort(Fake *f, const void *data)
{
    FakePeer *peer = setup(f);
    virNetMessageHeader header = begin(f, peer, REMOTE_PROC_STORAGE_VOL_DOWNLOAD, 0);
    g_autoptr(GError) error = NULL;
    virNetMessageHeader got;
    VirPacket *packet;

    vir_stream_abort(stream, g_error_new(VIR_ERROR, VIR_ERR_OPERATION_FAILED, "disk full"));
    packet = fake_next(peer, &got);
    g_assert_cmpint(got.type, ==, VIR_NET_STREAM);
    g_assert_cmpint(got.status, ==, VIR_NET_ERROR);
    g_assert_cmpuint(got.serial, ==, header.serial);
    error = vir_frame_decode_error(packet->data + 28, packet->len - 28);
    g_assert_nonnull(strstr(error->message, "disk full"));
    g_assert_cmpuint(closed, ==, 1);

    begin(f, peer, REMOTE_PROC_STORAGE_VOL_DOWNLOAD, 0);
    fake_hangup(peer);
    fake_wait(closed == 2);
}

static void
test_call_fails(Fake *f, const void *data)
{
    FakePeer *peer = setup(f);
    remote_storage_vol_upload_args args = {.vol = vol};

    f->ops.storage_vol_upload = (gboolean(*)(VirCall *, const remote_storage_vol_upload_args *,
                                             void *, GError **))(void (*)(void))serve_and_fail;
    fake_error(f, peer, REMOTE_PROC_STORAGE_VOL_UPLOAD, &args, VIR_ERR_OPERATION_FAILED,
               "after all");
    g_assert_cmpuint(closed, ==, 1);
    g_assert_null(f->server->sessions->streams);
}

/* More than the driver takes: the client is paused, nothing is lost. */
static void
test_pause(Fake *f, const void *data)
{
    FakePeer *peer = setup(f);
    virNetMessageHeader header = begin(f, peer, REMOTE_PROC_STORAGE_VOL_UPLOAD, 0);
    g_autofree guint8 *bytes = g_malloc0(100000);

    vir_stream_pause(stream, TRUE);
    for (int i = 0; i < 50; i++)
        fake_send(peer, &header, bytes, 100000);
    fake_turn();
    g_assert_cmpuint(received->len, ==, 0);
    vir_stream_pause(stream, FALSE);
    fake_wait(received->len == 5000000);
    vir_stream_pause(stream, TRUE);
    fake_hangup(peer);
    fake_wait(closed == 1);
}

static void
test_file(Fake *f, const void *data)
{
    FakePeer *peer = setup(f);
    g_autofree char *content = NULL;
    g_autofree guint8 *bytes = g_malloc(100000);
    g_autofree char *dir = g_dir_make_tmp("stream-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(dir, "vol", NULL);
    virNetMessageHeader header, got;
    gsize len;

    path = file;
    header = begin(f, peer, REMOTE_PROC_STORAGE_VOL_UPLOAD, 0);
    for (int i = 0; i < 50; i++) {
        memset(bytes, i, 100000);
        fake_send(peer, &header, bytes, 100000);
    }
    header.status = VIR_NET_OK;
    fake_send(peer, &header, NULL, 0);
    do { /* the empty file's end comes first */
        fake_next(peer, &got);
    } while (got.status == VIR_NET_CONTINUE);
    g_assert_cmpint(got.status, ==, VIR_NET_OK);
    g_assert_true(g_file_get_contents(file, &content, &len, NULL));
    g_assert_cmpuint(len, ==, 5000000);
    for (gsize i = 0; i < len; i++)
        g_assert_cmpint(content[i], ==, (char)(i / 100000));
    unlink(file);
    g_rmdir(dir);
    path = NULL;
}

int
main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/stream/" name, Fake, NULL, fake_setup, func, fake_teardown)
    ADD("upload", test_upload);
    ADD("unexpected-hole", test_unexpected_hole);
    ADD("download", test_download);
    ADD("abort", test_abort);
    ADD("call-fails", test_call_fails);
    ADD("pause", test_pause);
    ADD("file", test_file);
    status = g_test_run();
    g_clear_pointer(&received, g_byte_array_unref);
    return status;
}
