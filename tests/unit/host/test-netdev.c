/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network devices and taps, made in a network namespace of this program's own: the host sees
 * nothing of it. Skipped where we may not make one, or the kernel lacks the device.
 */
#include "vir-error.h"
#include "vir-file.h"
#include "vir-netdev.h"
#include "vir-netlink.h"
#include "vir-spawn.h"
#include "vir-tap.h"
#include <errno.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const guint8 mac[6] = {0xfe, 0x54, 0x00, 0x01, 0x02, 0x03};
static const char *why_not; /* skipped because of this */

static gboolean
skipped(void)
{
    if (why_not)
        g_test_skip(why_not);
    return why_not != NULL;
}

/* ip(8) is another pair of eyes. */
static char *
ip(const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_autoptr(VirSpawn) spawn = vir_spawn_new("ip");
    char *out = NULL;
    int status = -1;

    vir_spawn_pass_env(spawn, "PATH");
    vir_spawn_add_args(spawn, (const char *const *)words);
    if (!vir_spawn_run(spawn, 60000, 65536, &out, NULL, &status, NULL) || status != 0)
        g_clear_pointer(&out, g_free);
    return out;
}

static void
assert_shows(const char *line, const char *text)
{
    g_autofree char *out = ip(line);

    g_assert_nonnull(out);
    if (!strstr(out, text))
        g_error("'ip %s' does not show '%s': %s", line, text, out);
}

static void
test_tap(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *first = NULL;
    g_autofree char *second = g_strdup("mine0");
    int fds[3];

    if (skipped())
        return;
    g_assert_true(vir_tap_open(VIR_TAP_DEVICE, &first, TRUE, 2, fds, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(first, ==, "vnet0");
    g_assert_true(vir_tap_open(VIR_TAP_DEVICE, &second, FALSE, 1, &fds[2], &error));
    g_assert_cmpstr(second, ==, "mine0");

    g_assert_true(vir_netdev_set_mac(first, mac, &error));
    g_assert_true(vir_netdev_set_mtu(first, 1400, &error));
    g_assert_true(vir_netdev_set_up(first, TRUE, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(vir_netdev_mtu(first), ==, 1400);
    assert_shows("link show vnet0", "fe:54:00:01:02:03");
    assert_shows("link show vnet0", ",UP");
    assert_shows("-d link show vnet0", "multi_queue");

    for (int i = 0; i < 3; i++)
        close(fds[i]);
    g_assert_cmpuint(vir_netdev_index("vnet0"), ==, 0);
    g_assert_cmpuint(vir_netdev_index("mine0"), ==, 0);
}

static void
test_tap_errors(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strdup("a-name-that-is-too-long");
    int fd = -1;

    if (skipped())
        return;
    g_assert_false(vir_tap_open(VIR_TAP_DEVICE, &name, FALSE, 1, &fd, &error));
    g_assert_nonnull(strstr(error->message, "at most 15"));
    g_assert_cmpint(fd, ==, -1);
    g_clear_error(&error);
    g_assert_false(vir_tap_open("/nonexistent/tun", &name, FALSE, 1, &fd, &error));
    g_assert_nonnull(strstr(error->message, "/nonexistent/tun"));
    g_clear_error(&error);
    g_assert_false(vir_netdev_set_mtu("none", 1400, &error));
    g_assert_nonnull(strstr(error->message, "'none'"));
}

static void
test_bridge(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = NULL;
    g_autofree char *made = NULL;
    gboolean vlans;
    int fd = -1;

    if (skipped())
        return;
    made = ip("link add br0 type bridge vlan_filtering 1");
    vlans = made != NULL; /* a choice of who built the kernel */
    if (!made)
        made = ip("link add br0 type bridge");
    if (!made) {
        g_test_skip("no bridges here");
        return;
    }
    g_assert_true(vir_netdev_is_bridge("br0"));
    g_assert_false(vir_netdev_is_bridge("lo"));
    g_assert_true(vir_tap_open(VIR_TAP_DEVICE, &name, FALSE, 1, &fd, &error));
    g_assert_false(vir_netdev_set_bridge(name, "lo", &error));
    g_assert_nonnull(strstr(error->message, "not a bridge"));
    g_clear_error(&error);
    g_assert_true(vir_netdev_set_bridge(name, "br0", &error));
    g_assert_true(vir_netdev_set_isolated(name, TRUE, &error));
    g_assert_no_error(error);
    assert_shows("-d link show vnet0", "master br0");
    if (vlans) {
        g_assert_true(vir_netdev_remove_vlan(name, 1, &error));
        g_assert_true(vir_netdev_add_vlan(name, 42, TRUE, TRUE, &error));
        g_assert_no_error(error);
    } else {
        g_assert_false(vir_netdev_add_vlan(name, 42, TRUE, TRUE, &error));
        g_clear_error(&error);
    }
    assert_shows("-d link show vnet0", "isolated on");
    close(fd);
    g_assert_true(vir_netdev_delete("br0", &error));
    g_assert_true(vir_netdev_delete("br0", &error)); /* was not there */
}

static void
test_addresses(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = NULL;
    int fd = -1;

    if (skipped())
        return;
    g_assert_true(vir_tap_open(VIR_TAP_DEVICE, &name, FALSE, 1, &fd, &error));
    g_assert_true(vir_netdev_add_address(name, "192.0.2.1", NULL, 24, &error));
    g_assert_true(vir_netdev_add_address(name, "198.51.100.1", "198.51.100.2", 0, &error));
    g_assert_true(vir_netdev_add_address(name, "2001:db8::1", NULL, 64, &error));
    g_assert_true(vir_netdev_set_up(name, TRUE, &error));
    g_assert_true(vir_netdev_add_route(name, "10.0.0.0", 8, "192.0.2.9", 7, &error));
    g_assert_no_error(error);
    assert_shows("addr show vnet0", "inet 192.0.2.1/24");
    assert_shows("addr show vnet0", "198.51.100.1 peer 198.51.100.2/32");
    assert_shows("addr show vnet0", "2001:db8::1/64");
    assert_shows("route show", "10.0.0.0/8 via 192.0.2.9");
    assert_shows("route show", "metric 7");
    g_assert_false(vir_netdev_add_address(name, "192.0.2.1", "2001:db8::2", 0, &error));
    g_clear_error(&error);
    g_assert_false(vir_netdev_add_address(name, "192.0.2.5", NULL, 33, &error));
    g_clear_error(&error);
    g_assert_false(vir_netdev_add_address(name, "example.org", NULL, 24, &error));
    close(fd);
}

static void
test_macvtap(void)
{
    static const guint8 own[6] = {0x52, 0x54, 0x00, 0x0a, 0x0b, 0x0c};
    g_autoptr(GError) error = NULL;
    g_autofree char *veth = NULL;
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    int fds[2];

    if (skipped())
        return;
    veth = ip("link add low0 type veth peer name low1");
    if (veth)
        first = vir_netdev_add_macvtap(NULL, "low0", VIR_NETDEV_MACVTAP_BRIDGE, own, &error);
    if (!first) {
        g_test_skip(error ? error->message : "no veth devices here");
        return;
    }
    g_assert_cmpstr(first, ==, "macvtap0");
    assert_shows("-d link show macvtap0", "mode bridge");
    assert_shows("link show macvtap0", "52:54:00:0a:0b:0c");
    g_assert_null(vir_netdev_add_macvtap("macvtap0", "low0", VIR_NETDEV_MACVTAP_VEPA, mac, &error));
    g_assert_cmpint(vir_error_code(error), ==, VIR_ERR_OPERATION_INVALID);
    g_clear_error(&error);
    second = vir_netdev_add_macvtap(NULL, "low0", VIR_NETDEV_MACVTAP_PRIVATE, mac, &error);
    if (second) /* not beside one of mode bridge on every kernel */
        g_assert_cmpstr(second, ==, "macvtap1");
    g_clear_error(&error);
    g_assert_null(vir_netdev_add_macvtap(NULL, "none", VIR_NETDEV_MACVTAP_VEPA, mac, &error));
    g_assert_nonnull(strstr(error->message, "'none'"));
    g_clear_error(&error);
    if (vir_tap_open_macvtap(first, TRUE, 2, fds, &error)) {
        g_assert_true(vir_netdev_set_up(first, TRUE, &error));
        close(fds[0]);
        close(fds[1]);
    } else {
        g_test_message("no node of the macvtap device: %s", error->message);
        g_clear_error(&error);
    }
    g_assert_true(vir_netdev_delete(first, &error));
    g_assert_cmpuint(vir_netdev_index(first), ==, 0);
    g_assert_true(vir_netdev_delete("low0", &error));
}

static void
test_message_too_long(void)
{
    struct ifinfomsg link = {0};
    g_autofree char *text = g_strnfill(3000, 'x');
    VirNetlink message;
    gsize nest;

    vir_netlink_begin(&message, RTM_NEWLINK, 0, &link, sizeof(link));
    nest = vir_netlink_nest(&message, IFLA_LINKINFO);
    vir_netlink_add_string(&message, IFLA_IFNAME, text);
    vir_netlink_add_string(&message, IFLA_IFALIAS, text);
    vir_netlink_add_string(&message, IFLA_IFALIAS, text);
    vir_netlink_end(&message, nest);
    g_assert_cmpint(vir_netlink_send(&message), ==, EMSGSIZE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (unshare(CLONE_NEWNET) < 0)
        why_not = "no right to make a network namespace";
    else if (access(VIR_TAP_DEVICE, R_OK | W_OK) < 0)
        why_not = "no " VIR_TAP_DEVICE;
    g_test_add_func("/netdev/tap", test_tap);
    g_test_add_func("/netdev/tap-errors", test_tap_errors);
    g_test_add_func("/netdev/bridge", test_bridge);
    g_test_add_func("/netdev/addresses", test_addresses);
    g_test_add_func("/netdev/macvtap", test_macvtap);
    g_test_add_func("/netdev/message-too-long", test_message_too_long);
    return g_test_run();
}
