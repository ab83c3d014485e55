/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <libvirt/libvirt.h>

#include "fake-daemon.h"
#include "vir-error.h"

static remote_nonnull_domain web = {.name = (char *)"web", .uuid = {1, 2, 3}, .id = -1};
static VirPromise *gate; /* jobs of the tests wait for it */
static gint at_gate;

static gboolean
get_autostart(VirCall *call, const remote_domain_get_autostart_args *args,
              remote_domain_get_autostart_ret *ret, GError **error)
{
    g_assert_cmpstr(call->conn, ==, "fake:///system");
    g_assert_nonnull(call->object);
    ret->autostart = 42;
    return TRUE;
}

static gboolean
suspend(VirCall *call, const remote_domain_suspend_args *args, void *ret, GError **error)
{
    g_assert_nonnull(vir_job_current());
    g_atomic_int_inc(&at_gate);
    if (gate && !vir_promise_wait(gate, 20000, "the gate", NULL, error))
        return FALSE;
    return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "no");
}

static gboolean
get_hostname(VirCall *call, const void *args, remote_connect_get_hostname_ret *ret, GError **error)
{
    ret->hostname = g_strdup("host");
    return TRUE;
}

static gboolean
get_capabilities(VirCall *call, const void *args, remote_connect_get_capabilities_ret *ret,
                 GError **error)
{
    g_assert_nonnull(vir_job_current());
    ret->capabilities = g_strnfill(3000000, 'x');
    return TRUE;
}

static gboolean
domain_destroy(VirCall *call, const remote_domain_destroy_args *args, void *ret, GError **error)
{
    return TRUE;
}

static void
test_not_open(Fake *f, const void *data)
{
    FakePeer *peer = fake_connect(f, FALSE, VIR_AUTH_NONE);
    virNetMessageHeader header = {0x12345678, 1, 1, VIR_NET_CALL, 9, 0};

    fake_error(f, peer, REMOTE_PROC_CONNECT_NUM_OF_DOMAINS, NULL, VIR_ERR_RPC, "open connection");
    fake_error(f, peer, 9999, NULL, VIR_ERR_RPC, "unknown procedure 9999");
    fake_error(f, peer, -1, NULL, VIR_ERR_RPC, "unknown procedure -1");
    fake_error(f, peer, REMOTE_PROC_DOMAIN_EVENT_LIFECYCLE, NULL, VIR_ERR_RPC, "unknown procedure");
    fake_send(peer, &header, NULL, 0);
    fake_next(peer, &header);
    g_assert_cmpuint(header.prog, ==, 0x12345678);
    g_assert_cmpint(header.status, ==, VIR_NET_ERROR);
    g_assert_cmpuint(header.serial, ==, 9);
}

static void
test_types(Fake *f, const void *data)
{
    FakePeer *peer = fake_connect(f, FALSE, VIR_AUTH_NONE);
    virNetMessageHeader header = {REMOTE_PROGRAM, 1, 1, VIR_NET_REPLY, 9, 0};

    for (int type = -1; type < 9; type++) {
        if (type == VIR_NET_CALL || type == VIR_NET_CALL_WITH_FDS)
            continue;
        if (type == VIR_NET_REPLY_WITH_FDS)
            continue;
        header.type = type;
        fake_send(peer, &header, NULL, 0);
    }
    header.type = VIR_NET_CALL;
    header.status = VIR_NET_CONTINUE;
    fake_send(peer, &header, NULL, 0);
    fake_next(peer, &header);
    g_assert_cmpint(header.status, ==, VIR_NET_ERROR);
    fake_turn();
    g_assert_cmpuint(peer->got->len, ==, 1);
}

static void
test_fast_path(Fake *f, const void *data)
{
    FakePeer *peer = fake_connect(f, FALSE, VIR_AUTH_NONE);
    remote_domain_get_autostart_args args = {.dom = web};
    remote_domain_get_autostart_ret ret;
    g_auto(VirArena) arena = {0};

    f->ops.domain_get_autostart = get_autostart;
    fake_open(f, peer, "fake:///system");
    for (int i = 0; i < 100; i++)
        fake_ok(f, peer, REMOTE_PROC_DOMAIN_GET_AUTOSTART, &args, &ret, &arena);
    g_assert_cmpint(ret.autostart, ==, 42);
    args.dom.name = (char *)"db";
    args.dom.uuid[5] = 1;
    fake_error(f, peer, REMOTE_PROC_DOMAIN_GET_AUTOSTART, &args, VIR_ERR_NO_DOMAIN, "'db'");
    fake_error(f, peer, REMOTE_PROC_DOMAIN_GET_INFO, &args, VIR_ERR_NO_SUPPORT, "virDomainGetInfo");
    fake_error(f, peer, REMOTE_PROC_CONNECT_NUM_OF_NETWORKS, NULL, VIR_ERR_NO_SUPPORT,
               "virConnectNumOfNetworks");
}

static void
test_job(Fake *f, const void *data)
{
    FakePeer *peer = fake_connect(f, FALSE, VIR_AUTH_NONE);
    remote_domain_suspend_args args = {.dom = web};
    remote_domain_destroy_args destroy = {.dom = web};
    remote_connect_get_capabilities_ret caps;
    remote_connect_get_hostname_ret host;
    g_auto(VirArena) arena = {0};
    virNetMessageHeader header;
    guint32 slow;

    f->ops.domain_suspend = suspend;
    f->ops.connect_get_capabilities = get_capabilities;
    f->ops.connect_get_hostname = get_hostname;
    f->ops.domain_destroy = domain_destroy;
    fake_open(f, peer, "fake:///system");
    fake_error(f, peer, REMOTE_PROC_DOMAIN_SUSPEND, &args, VIR_ERR_OPERATION_INVALID, "no");
    fake_ok(f, peer, REMOTE_PROC_CONNECT_GET_CAPABILITIES, NULL, &caps, &arena);
    g_assert_cmpuint(strlen(caps.capabilities), ==, 3000000);

    /* One that waits holds up nobody, and destroy ends its wait. */
    gate = vir_promise_new(NULL);
    g_atomic_int_set(&at_gate, 0);
    slow = fake_call(f, peer, REMOTE_PROC_DOMAIN_SUSPEND, &args);
    fake_wait(g_atomic_int_get(&at_gate));
    fake_ok(f, peer, REMOTE_PROC_CONNECT_GET_HOSTNAME, NULL, &host, &arena);
    fake_call(f, peer, REMOTE_PROC_DOMAIN_DESTROY, &destroy);
    for (int i = 0; i < 2; i++) { /* in any order */
        fake_next(peer, &header);
        g_assert_cmpint(header.status, ==, header.serial == slow ? VIR_NET_ERROR : VIR_NET_OK);
    }
    g_clear_pointer(&gate, vir_promise_unref);
}

static void
test_gone_while_job_runs(Fake *f, const void *data)
{
    remote_domain_suspend_args args = {.dom = web};

    f->ops.domain_suspend = suspend;
    gate = vir_promise_new(NULL);
    for (int i = 0; i < 20; i++) {
        FakePeer *peer = fake_connect(f, FALSE, VIR_AUTH_NONE);

        fake_open(f, peer, "fake:///system");
        fake_call(f, peer, REMOTE_PROC_DOMAIN_SUSPEND, &args);
        fake_call(f, peer, REMOTE_PROC_DOMAIN_SUSPEND, &args);
        fake_turn();
        fake_hangup(peer);
        fake_turn();
    }
    g_assert_cmpuint(vir_server_count(f->server, NULL), ==, 0);
    vir_promise_fulfil(gate, NULL);
    g_assert_true(vir_strand_drain_all(20000));
    fake_turn();
    g_clear_pointer(&gate, vir_promise_unref);
}

static void
test_request_limit(Fake *f, const void *data)
{
    FakePeer *peer = fake_connect(f, FALSE, VIR_AUTH_NONE);
    remote_domain_suspend_args args = {.dom = web};
    virNetMessageHeader header;

    f->ops.domain_suspend = suspend;
    f->ops.connect_get_hostname = get_hostname;
    fake_open(f, peer, "fake:///system");
    gate = vir_promise_new(NULL);
    for (int i = 0; i < 12; i++)
        fake_call(f, peer, REMOTE_PROC_DOMAIN_SUSPEND, &args);
    fake_call(f, peer, REMOTE_PROC_CONNECT_GET_HOSTNAME, NULL);
    fake_turn();
    g_assert_cmpuint(f->server->sessions->n_requests, ==, 5);
    g_assert_cmpuint(peer->got->len, ==, peer->taken);
    vir_promise_fulfil(gate, NULL);
    for (int i = 0; i < 13; i++)
        fake_next(peer, &header);
    g_assert_cmpuint(f->server->sessions->n_requests, ==, 0);
    g_clear_pointer(&gate, vir_promise_unref);
}

static void
test_readonly(Fake *f, const void *data)
{
    FakePeer *peer = fake_connect(f, TRUE, VIR_AUTH_NONE);
    remote_domain_destroy_args args = {.dom = web};
    remote_domain_get_xml_desc_args xml = {.dom = web, .flags = VIR_DOMAIN_XML_SECURE};
    remote_domain_get_autostart_args ok = {.dom = web};

    f->ops.domain_get_autostart = get_autostart;
    f->ops.domain_destroy = domain_destroy;
    f->ops.domain_get_xml_desc =
        (gboolean(*)(VirCall *, const remote_domain_get_xml_desc_args *,
                     remote_domain_get_xml_desc_ret *, GError **))(void (*)(void))get_hostname;
    fake_open(f, peer, "fake:///system");
    fake_error(f, peer, REMOTE_PROC_DOMAIN_DESTROY, &args, VIR_ERR_OPERATION_DENIED,
               "virDomainDestroy");
    fake_error(f, peer, REMOTE_PROC_DOMAIN_GET_XML_DESC, &xml, VIR_ERR_OPERATION_DENIED,
               "virDomainGetXMLDesc");
    fake_ok(f, peer, REMOTE_PROC_DOMAIN_GET_AUTOSTART, &ok, NULL, NULL);
}

static gboolean
deny(const VirProc *proc, const void *args, VirIdentity *identity, VirObject *object,
     GError **error)
{
    g_assert_cmpuint(identity->uid, ==, geteuid());
    if (proc->number != REMOTE_PROC_DOMAIN_DESTROY)
        return TRUE;
    g_assert_nonnull(object);
    return vir_error_set(error, VIR_ERR_ACCESS_DENIED, "for tests");
}

static void
test_access(Fake *f, const void *data)
{
    remote_domain_destroy_args args = {.dom = web};
    FakePeer *peer;

    f->config.access = deny;
    f->ops.domain_destroy = domain_destroy;
    peer = fake_connect(f, FALSE, VIR_AUTH_NONE);
    fake_open(f, peer, "fake:///system");
    fake_error(f, peer, REMOTE_PROC_DOMAIN_DESTROY, &args, VIR_ERR_ACCESS_DENIED, "for tests");
}

static void
test_auth(Fake *f, const void *data)
{
    remote_connect_open_args open = {0};
    remote_auth_list_ret list;
    g_auto(VirArena) arena = {0};
    FakePeer *peer;

    /* SASL stands for "not root": this test may be root. */
    peer = fake_connect(f, FALSE, VIR_AUTH_SASL);
    fake_error(f, peer, REMOTE_PROC_CONNECT_OPEN, &open, VIR_ERR_RPC, "authentication");
    fake_error(f, peer, REMOTE_PROC_AUTH_POLKIT, NULL, VIR_ERR_AUTH_FAILED, "polkit");
    fake_ok(f, peer, REMOTE_PROC_AUTH_LIST, NULL, &list, &arena);
    g_assert_cmpuint(list.types.types_len, ==, 1);
    g_assert_cmpint(list.types.types_val[0], ==, REMOTE_AUTH_SASL);
}

/* No bus, one that never answers, one that goes; what polkit says itself is an integration test. */
static void
test_polkit(Fake *f, const void *data)
{
    g_autofree char *dir = g_dir_make_tmp("polkit-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "bus", NULL);
    g_autofree char *address = g_strconcat("unix:path=", path, NULL);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    virNetMessageHeader header;
    FakePeer *peer;

    g_setenv("DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
    f->config.polkit_wait_ms = 50;
    peer = fake_connect(f, FALSE, VIR_AUTH_SASL);
    f->server->sessions->auth = VIR_AUTH_POLKIT;
    fake_error(f, peer, REMOTE_PROC_AUTH_POLKIT, NULL, VIR_ERR_AUTH_UNAVAILABLE, "no system bus");

    g_strlcpy(addr.sun_path, path, sizeof(addr.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), ==, 0);
    g_assert_cmpint(listen(fd, 5), ==, 0);
    fake_error(f, peer, REMOTE_PROC_AUTH_POLKIT, NULL, VIR_ERR_OPERATION_TIMEOUT,
               "polkit did not say within 0.05 s");
    f->server->config.polkit_wait_ms = 60000;
    fake_call(f, peer, REMOTE_PROC_AUTH_POLKIT, NULL);
    fake_turn();
    fake_error(f, peer, REMOTE_PROC_AUTH_POLKIT, NULL, VIR_ERR_AUTH_FAILED, "already");
    close(fd);
    g_assert_nonnull(fake_next(peer, &header));
    g_assert_cmpint(header.status, ==, VIR_NET_ERROR);
    g_assert_false(f->server->sessions->authenticated);
    unlink(path);
    g_rmdir(dir);
}

static void
test_open(Fake *f, const void *data)
{
    FakePeer *peer = fake_connect(f, FALSE, VIR_AUTH_NONE);
    char *bad = (char *)"bad:///";
    remote_connect_open_args args = {.name = &bad};
    remote_connect_supports_feature_args feature = {.feature = 8};
    remote_connect_supports_feature_ret supported;
    remote_connect_get_uri_ret uri;
    remote_connect_get_type_ret type;
    g_auto(VirArena) arena = {0};

    fake_ok(f, peer, REMOTE_PROC_CONNECT_SUPPORTS_FEATURE, &feature, &supported, &arena);
    g_assert_cmpint(supported.supported, ==, 1);
    fake_error(f, peer, REMOTE_PROC_CONNECT_OPEN, &args, VIR_ERR_NO_CONNECT, "bad:///");
    fake_open(f, peer, "fake:///system");
    fake_error(f, peer, REMOTE_PROC_CONNECT_OPEN, &args, VIR_ERR_OPERATION_INVALID, "already");
    fake_ok(f, peer, REMOTE_PROC_CONNECT_GET_URI, NULL, &uri, &arena);
    g_assert_cmpstr(uri.uri, ==, "fake:///system");
    fake_ok(f, peer, REMOTE_PROC_CONNECT_GET_TYPE, NULL, &type, &arena);
    g_assert_cmpstr(type.type, ==, "FAKE");
    feature.feature = 6;
    fake_ok(f, peer, REMOTE_PROC_CONNECT_SUPPORTS_FEATURE, &feature, &supported, &arena);
    g_assert_cmpint(supported.supported, ==, 0);
    fake_ok(f, peer, REMOTE_PROC_CONNECT_CLOSE, NULL, NULL, NULL);
    fake_error(f, peer, REMOTE_PROC_CONNECT_NUM_OF_DOMAINS, NULL, VIR_ERR_RPC, "open connection");
}

static void
test_identity(Fake *f, const void *data)
{
    FakePeer *peer = fake_connect(f, FALSE, VIR_AUTH_NONE);
    remote_typed_param params[2] = {
        {.field = (char *)VIR_CONNECT_IDENTITY_UNIX_USER_ID,
         .value = {VIR_TYPED_PARAM_ULLONG, {.ul = 4711}}},
        {.field = (char *)VIR_CONNECT_IDENTITY_USER_NAME,
         .value = {VIR_TYPED_PARAM_STRING, {.s = (char *)"joe"}}},
    };
    remote_connect_set_identity_args args = {.params = {2, params}};

    fake_open(f, peer, "fake:///system");
    params[1].value.type = VIR_TYPED_PARAM_INT;
    fake_error(f, peer, REMOTE_PROC_CONNECT_SET_IDENTITY, &args, VIR_ERR_INVALID_ARG, "user-name");
    params[1].value.type = VIR_TYPED_PARAM_STRING;
    fake_ok(f, peer, REMOTE_PROC_CONNECT_SET_IDENTITY, &args, NULL, NULL);
    g_assert_cmpuint(f->server->sessions->identity->uid, ==, 4711);
    g_assert_cmpstr(f->server->sessions->identity->user_name, ==, "joe");
    fake_error(f, peer, REMOTE_PROC_CONNECT_SET_IDENTITY, &args, VIR_ERR_ACCESS_DENIED, "speak");
}

static void
emit(Fake *f, int id, void *payload)
{
    VirEvent event = {.klass = VIR_CLASS_DOMAIN, .event_id = id, .payload = payload};

    memcpy(event.uuid, web.uuid, VIR_UUID_LEN);
    vir_event_hub_emit(f->events, &event);
}

static void
test_events(Fake *f, const void *data)
{
    FakePeer *peer = fake_connect(f, FALSE, VIR_AUTH_NONE);
    remote_connect_domain_event_callback_register_any_args add = {.eventID = 0};
    remote_connect_domain_event_callback_register_any_ret added[3];
    remote_connect_domain_event_callback_deregister_any_args remove;
    remote_connect_domain_event_register_any_args legacy = {.eventID = 1};
    remote_domain_event_lifecycle_msg lifecycle = {.dom = web, .event = 4, .detail = 7};
    remote_domain_event_callback_tunable_msg tunable = {.dom = web};
    remote_domain_event_callback_lifecycle_msg got;
    remote_domain_event_callback_tunable_msg got_tunable;
    remote_nonnull_domain other = {.name = (char *)"db", .uuid = {9}};
    g_auto(VirArena) arena = {0};
    virNetMessageHeader header;
    VirPacket *packet;

    fake_open(f, peer, "fake:///system");
    fake_ok(f, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, &add, &added[0],
            &arena);
    add.dom = &other;
    fake_ok(f, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, &add, &added[1],
            &arena);
    add.eventID = VIR_DOMAIN_EVENT_ID_TUNABLE;
    add.dom = &web;
    fake_ok(f, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, &add, &added[2],
            &arena);
    g_assert_cmpint(added[0].callbackID, !=, added[2].callbackID);
    fake_ok(f, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_REGISTER_ANY, &legacy, NULL, NULL);
    fake_error(f, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_REGISTER_ANY, &legacy, VIR_ERR_INVALID_ARG,
               "already");
    legacy.eventID = VIR_DOMAIN_EVENT_ID_TUNABLE;
    fake_error(f, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_REGISTER_ANY, &legacy, VIR_ERR_INVALID_ARG,
               "unsupported");
    add.eventID = 99;
    fake_error(f, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, &add,
               VIR_ERR_INVALID_ARG, "unsupported event 99");

    emit(f, VIR_DOMAIN_EVENT_ID_LIFECYCLE, &lifecycle);
    emit(f, VIR_DOMAIN_EVENT_ID_TUNABLE, &tunable);
    emit(f, VIR_DOMAIN_EVENT_ID_REBOOT, &lifecycle);
    packet = fake_next(peer, &header);
    g_assert_cmpint(header.proc, ==, REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE);
    g_assert_cmpint(header.type, ==, VIR_NET_MESSAGE);
    g_assert_cmpint(header.serial, ==, 0);
    g_assert_true(vir_xdr_decode(&vir_xdr_remote_domain_event_callback_lifecycle_msg,
                                 packet->data + 28, packet->len - 28, &got, &arena, NULL));
    g_assert_cmpint(got.callbackID, ==, added[0].callbackID);
    g_assert_cmpint(got.msg.event, ==, 4);
    g_assert_cmpint(got.msg.detail, ==, 7);
    g_assert_cmpstr(got.msg.dom.name, ==, "web");
    packet = fake_next(peer, &header);
    g_assert_cmpint(header.proc, ==, REMOTE_PROC_DOMAIN_EVENT_CALLBACK_TUNABLE);
    g_assert_true(vir_xdr_decode(&vir_xdr_remote_domain_event_callback_tunable_msg,
                                 packet->data + 28, packet->len - 28, &got_tunable, &arena, NULL));
    g_assert_cmpint(got_tunable.callbackID, ==, added[2].callbackID);
    fake_next(peer, &header);
    g_assert_cmpint(header.proc, ==, REMOTE_PROC_DOMAIN_EVENT_REBOOT);

    remove.callbackID = added[0].callbackID;
    fake_ok(f, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY, &remove, NULL, NULL);
    fake_error(f, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY, &remove,
               VIR_ERR_INVALID_ARG, "not registered");
    emit(f, VIR_DOMAIN_EVENT_ID_LIFECYCLE, &lifecycle);
    fake_turn();
    g_assert_cmpuint(peer->got->len, ==, peer->taken);
}

static void
test_events_not_read(Fake *f, const void *data)
{
    FakePeer *peer = fake_connect(f, FALSE, VIR_AUTH_NONE);
    remote_connect_domain_event_callback_register_any_args add = {.eventID = 0};
    remote_domain_event_lifecycle_msg lifecycle = {.dom = web};
    g_autofree char *name = g_strnfill(4000, 'n');

    fake_open(f, peer, "fake:///system");
    fake_ok(f, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, &add, NULL, NULL);
    vir_wire_set_paused(peer->wire, 1, TRUE);
    lifecycle.dom.name = name;
    for (int i = 0; i < 10000; i++) {
        emit(f, VIR_DOMAIN_EVENT_ID_LIFECYCLE, &lifecycle);
        if (i % 100 == 0)
            fake_turn();
    }
    fake_turn();
    g_assert_cmpuint(vir_server_count(f->server, NULL), ==, 0);
}

static void
test_keepalive(Fake *f, const void *data)
{
    virNetMessageHeader ping = {KEEPALIVE_PROGRAM, 1, KEEPALIVE_PROC_PING, VIR_NET_MESSAGE};
    remote_connect_supports_feature_args feature = {.feature = 10};
    virNetMessageHeader header;
    FakePeer *peer, *mute;

    f->config.keepalive_interval = 1000;
    f->config.keepalive_count = 2;
    peer = fake_connect(f, FALSE, VIR_AUTH_NONE);
    fake_send(peer, &ping, NULL, 0);
    fake_next(peer, &header);
    g_assert_cmpint(header.proc, ==, KEEPALIVE_PROC_PONG);
    fake_ok(f, peer, REMOTE_PROC_CONNECT_SUPPORTS_FEATURE, &feature, NULL, NULL);
    fake_hangup(peer);
    fake_turn();

    mute = fake_connect(f, FALSE, VIR_AUTH_NONE);
    fake_ok(f, mute, REMOTE_PROC_CONNECT_SUPPORTS_FEATURE, &feature, NULL, NULL);
    for (int i = 0; i < 4; i++) { /* the turn after a sign of life, two pings, the end */
        g_assert_null(mute->reason);
        vir_session_keepalive(f->server->sessions);
        fake_turn();
    }
    g_assert_nonnull(mute->reason);
    g_assert_cmpuint(mute->got->len, ==, mute->taken + 2);
}

static void
test_limits(Fake *f, const void *data)
{
    VirServerLimits limits = {2, 20, 5};
    FakePeer *peer;

    f->config.limits.max_anonymous_clients = 1;
    peer = fake_connect(f, FALSE, VIR_AUTH_SASL);
    g_assert_false(f->server->accepting);
    fake_hangup(peer);
    fake_turn();
    g_assert_true(f->server->accepting);
    vir_server_set_limits(f->server, &limits);
    fake_connect(f, FALSE, VIR_AUTH_NONE);
    g_assert_true(f->server->accepting);
    fake_connect(f, FALSE, VIR_AUTH_NONE);
    g_assert_false(f->server->accepting);
    g_assert_true(vir_server_close_session(f->server, 2));
    g_assert_false(vir_server_close_session(f->server, 77));
    fake_turn();
    g_assert_true(f->server->accepting);
}

/* Without a file descriptor left a client waits, and the main loop does not spin. */
static void
test_no_fds_left(Fake *f, const void *data)
{
    g_autofree char *dir = g_dir_make_tmp("server-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(dir, "sock", NULL);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct rlimit old, none;

    g_strlcpy(addr.sun_path, file, sizeof(addr.sun_path));
    g_assert_cmpint(bind(listening, (struct sockaddr *)&addr, sizeof(addr)), ==, 0);
    g_assert_cmpint(listen(listening, 5), ==, 0);
    f->server = vir_server_new(&f->config);
    vir_server_add_socket(f->server, listening, FALSE, VIR_AUTH_NONE);
    fake_turn();
    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &none);
    g_assert_cmpint(connect(client, (struct sockaddr *)&addr, sizeof(addr)), ==, 0);
    fake_turn(); /* and comes back */
    g_assert_false(f->server->accepting);
    setrlimit(RLIMIT_NOFILE, &old);
    fake_wait(vir_server_count(f->server, NULL) == 1);
    close(client);
    unlink(file);
    rmdir(dir);
}

/* Truncated, over-long and random arguments for every procedure: an error each, nobody falls. */
static void
test_hostile_args(Fake *f, const void *data)
{
    static const guint32 programs[] = {REMOTE_PROGRAM, QEMU_PROGRAM, LXC_PROGRAM};
    FakePeer *peer = fake_connect(f, FALSE, VIR_AUTH_NONE);
    g_autofree guint8 *bytes = g_malloc(4096);

    for (gsize i = 0; i < sizeof(f->ops) / sizeof(void *); i++) {
        gboolean (*op)(VirCall *, const void *, void *, GError **) =
            (gboolean(*)(VirCall *, const void *, void *, GError **))(void (*)(void))domain_destroy;

        memcpy((void **)&f->ops + i, &op, sizeof(op));
    }
    fake_open(f, peer, "fake:///system");
    for (gsize p = 0; p < G_N_ELEMENTS(programs); p++) {
        const VirProgram *program = vir_program_find(programs[p]);

        for (int i = 1; i < program->n_procs; i++) {
            for (int kind = 0; kind < 4; kind++) {
                virNetMessageHeader header = {program->number, 1, i, VIR_NET_CALL, i, 0};

                if (program->number == REMOTE_PROGRAM && i == REMOTE_PROC_CONNECT_CLOSE)
                    continue;
                for (int b = 0; b < 4096; b++)
                    bytes[b] = kind == 0 ? 0 : kind == 1 ? 0xff : g_random_int();
                fake_send(peer, &header, bytes, kind == 3 ? 3 : 4096);
                fake_next(peer, &header);
                g_assert_cmpint(header.proc, ==, i);
                g_assert_cmpint(header.status, ==, VIR_NET_ERROR);
            }
        }
    }
    g_assert_null(peer->reason);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/server/" name, Fake, NULL, fake_setup, func, fake_teardown)
    ADD("not-open", test_not_open);
    ADD("types", test_types);
    ADD("fast-path", test_fast_path);
    ADD("job", test_job);
    ADD("gone-while-job-runs", test_gone_while_job_runs);
    ADD("request-limit", test_request_limit);
    ADD("readonly", test_readonly);
    ADD("access", test_access);
    ADD("auth", test_auth);
    ADD("polkit", test_polkit);
    ADD("open", test_open);
    ADD("identity", test_identity);
    ADD("events", test_events);
    ADD("events-not-read", test_events_not_read);
    ADD("keepalive", test_keepalive);
    ADD("limits", test_limits);
    ADD("no-fds-left", test_no_fds_left);
    ADD("hostile-args", test_hostile_args);
    return g_test_run();
}
