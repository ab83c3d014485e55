/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * virtfakehvd: answers to the name of virtqemud with guests that are three variables each, for
 * tests of the relay with real clients. A guest's console echoes in upper case and ends at "quit".
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vir-daemon.h"
#include "vir-error.h"
#include "vir-ops.h"

typedef struct {
    VirObject object;
    gint state; /* atomic */
} Guest;

static VirRegistry *guests;
static VirDriver driver;

static gboolean
driver_open(void *state, VirIdentity *identity, gboolean readonly, const char *uri, void **conn,
            GError **error)
{
    if (*uri && !g_str_equal(uri, "qemu:///system") && !g_str_equal(uri, "qemu:///session"))
        return vir_error_set(error, VIR_ERR_NO_CONNECT, "'%s'", uri);
    return TRUE;
}

static char *
driver_uri(void *state, void *conn)
{
    return g_strdup("qemu:///system");
}

static VirObject *
lookup(void *state, VirClass klass, const char *name, const guint8 *uuid, GError **error)
{
    VirObject *object = vir_registry_by_uuid(guests, uuid);

    if (!object)
        vir_error_set(error, VIR_ERR_NO_DOMAIN, "no domain '%s'", name);
    return object;
}

static void
fill(remote_nonnull_domain *dom, const Guest *guest)
{
    dom->name = g_strdup(guest->object.name);
    memcpy(dom->uuid, guest->object.uuid, VIR_UUID_LEN);
    dom->id = guest->object.id;
}

static gboolean
lookup_by_name(VirCall *call, const remote_domain_lookup_by_name_args *args,
               remote_domain_lookup_by_name_ret *ret, GError **error)
{
    Guest *guest = vir_registry_by_name(guests, args->name);

    if (!guest)
        return vir_error_set(error, VIR_ERR_NO_DOMAIN, "no domain '%s'", args->name);
    fill(&ret->dom, guest);
    vir_object_unref(guest);
    return TRUE;
}

static gboolean
list_all(VirCall *call, const remote_connect_list_all_domains_args *args,
         remote_connect_list_all_domains_ret *ret, GError **error)
{
    g_autoptr(GPtrArray) all = vir_registry_list(guests);

    ret->ret = all->len;
    if (!args->need_results)
        return TRUE;
    ret->domains.domains_len = all->len;
    ret->domains.domains_val = g_new0(remote_nonnull_domain, all->len);
    for (guint i = 0; i < all->len; i++)
        fill(&ret->domains.domains_val[i], g_ptr_array_index(all, i));
    return TRUE;
}

static gboolean
get_state(VirCall *call, const remote_domain_get_state_args *args, remote_domain_get_state_ret *ret,
          GError **error)
{
    ret->state = g_atomic_int_get(&((Guest *)call->object)->state);
    return TRUE;
}

static gboolean
get_info(VirCall *call, const remote_domain_get_info_args *args, remote_domain_get_info_ret *ret,
         GError **error)
{
    ret->state = g_atomic_int_get(&((Guest *)call->object)->state);
    ret->maxMem = ret->memory = 1024;
    ret->nrVirtCpu = 1;
    return TRUE;
}

static gboolean
get_xml(VirCall *call, const remote_domain_get_xml_desc_args *args,
        remote_domain_get_xml_desc_ret *ret, GError **error)
{
    ret->xml =
        g_strdup_printf("<domain type='qemu'>\n  <name>%s</name>\n</domain>\n", call->object->name);
    return TRUE;
}

static void
event_free(void *data)
{
    vir_xdr_free(&vir_xdr_remote_domain_event_lifecycle_msg, data);
}

static void
set_state(Guest *guest, int state, int what)
{
    remote_domain_event_lifecycle_msg *msg = g_new0(remote_domain_event_lifecycle_msg, 1);
    VirEvent event = {.klass = VIR_CLASS_DOMAIN,
                      .event_id = VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                      .payload = msg,
                      .payload_free = event_free};

    g_atomic_int_set(&guest->state, state);
    fill(&msg->dom, guest);
    msg->event = what;
    memcpy(event.uuid, guest->object.uuid, VIR_UUID_LEN);
    vir_event_hub_emit(driver.events, &event);
}

static gboolean
guest_suspend(VirCall *call, const remote_domain_suspend_args *args, void *ret, GError **error)
{
    set_state((Guest *)call->object, VIR_DOMAIN_PAUSED, VIR_DOMAIN_EVENT_SUSPENDED);
    return TRUE;
}

static gboolean
guest_resume(VirCall *call, const remote_domain_resume_args *args, void *ret, GError **error)
{
    set_state((Guest *)call->object, VIR_DOMAIN_RUNNING, VIR_DOMAIN_EVENT_RESUMED);
    return TRUE;
}

static void *
console_main(void *data)
{
    int fd = GPOINTER_TO_INT(data);
    char buf[4096];
    gssize n;

    if (write(fd, "login: ", 7) == 7) {
        while ((n = read(fd, buf, sizeof(buf))) > 0) {
            gboolean quit = n >= 4 && memcmp(buf, "quit", 4) == 0;

            for (gssize i = 0; i < n; i++)
                buf[i] = (char)toupper(buf[i]);
            if (write(fd, buf, n) != n || quit)
                break;
        }
    }
    close(fd);
    return NULL;
}

static gboolean
open_console(VirCall *call, const remote_domain_open_console_args *args, void *ret, GError **error)
{
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return vir_error_set(error, VIR_ERR_SYSTEM_ERROR, "no socket");
    vir_stream_pump_fd(call->stream, fds[0]);
    g_thread_unref(g_thread_new("console", console_main, GINT_TO_POINTER(fds[1])));
    return TRUE;
}

/* The picture is the file that VIRTFAKEHVD_SCREENSHOT names. */
static gboolean
screenshot(VirCall *call, const remote_domain_screenshot_args *args,
           remote_domain_screenshot_ret *ret, GError **error)
{
    const char *path = g_getenv("VIRTFAKEHVD_SCREENSHOT");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (fd < 0)
        return vir_error_set_errno(error, errno, "cannot open '%s'", path ? path : "");
    ret->mime = g_new0(char *, 1);
    *ret->mime = g_strdup("image/png");
    vir_stream_pump_fd(call->stream, fd);
    return TRUE;
}

static const VirOps ops = {
    .connect_list_all_domains = list_all,
    .domain_get_info = get_info,
    .domain_get_state = get_state,
    .domain_get_xml_desc = get_xml,
    .domain_lookup_by_name = lookup_by_name,
    .domain_open_console = open_console,
    .domain_screenshot = screenshot,
    .domain_resume = guest_resume,
    .domain_suspend = guest_suspend,
};

static VirDriver driver = {
    .name = "QEMU",
    .scheme = "qemu",
    .error_domain = VIR_FROM_QEMU,
    .classes = 1 << VIR_CLASS_CONNECT | 1 << VIR_CLASS_DOMAIN,
    .ops = &ops,
    .open = driver_open,
    .uri = driver_uri,
    .lookup = lookup,
};

static gboolean
start(VirDaemon *daemon, VirDriver **result, GError **error)
{
    static const char *const names[] = {"web", "db"};

    guests = vir_registry_new();
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        Guest *guest = g_new0(Guest, 1);
        guint8 uuid[VIR_UUID_LEN] = {(guint8)(i + 1), 2, 3};

        guest->state = VIR_DOMAIN_RUNNING;
        vir_object_init(&guest->object, VIR_CLASS_DOMAIN, "domain", names[i], uuid, NULL);
        vir_registry_add(guests, &guest->object, NULL);
        vir_registry_set_id(guests, &guest->object, (int)i + 1);
        vir_object_unref(guest);
    }
    driver.events = vir_event_hub_new();
    *result = &driver;
    return TRUE;
}

static void
stop(VirDaemon *daemon)
{
    g_clear_pointer(&driver.events, vir_event_hub_free);
    g_clear_pointer(&guests, vir_registry_free);
}

static VirDaemonSpec spec = {
    .name = "virtqemud",
    .socket_name = "virtqemud",
    .summary = "A hypervisor's daemon for tests, without a hypervisor.",
    .start = start,
    .stop = stop,
};

/* VIRTFAKEHVD_POLKIT_WAIT: milliseconds. */
int
main(int argc, char **argv)
{
    const char *wait = g_getenv("VIRTFAKEHVD_POLKIT_WAIT");

    spec.polkit_wait_ms = wait ? atoi(wait) : 0;
    return vir_daemon_main(&spec, argc, argv);
}
