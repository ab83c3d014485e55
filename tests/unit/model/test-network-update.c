/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <libvirt/libvirt.h>
#include <string.h>

#include "vir-error.h"
#include "vir-network-model.h"
#include "vir-network-update.h"

static const char network[] =
    "<network><name>n</name><forward mode='nat'/>"
    "<dns><txt name='t' value='1'/><srv service='a' protocol='tcp' domain='x'/>"
    "<srv service='a' protocol='udp' domain='x'/>"
    "<host ip='10.0.0.3'><hostname>three</hostname><hostname>drei</hostname></host></dns>"
    "<ip address='10.0.0.1' prefix='24'><dhcp><range start='10.0.0.10' end='10.0.0.20'/>"
    "<host mac='52:54:00:00:00:01' name='one' ip='10.0.0.5'/></dhcp></ip>"
    "<ip family='ipv6' address='2001:db8::1' prefix='64'/>"
    "<portgroup name='p' default='yes'/></network>";

static const char plugged[] = "<network><name>n</name><forward mode='private'>"
                              "<interface dev='w0'/><interface dev='w1'/></forward></network>";

static const char isolated[] = "<network><name>n</name><bridge name='b'/></network>";

static const char virtual_functions[] =
    "<network><name>n</name><forward mode='hostdev'>"
    "<address type='pci' domain='0' bus='3' slot='0' function='1'/></forward></network>";

static const char *document = network;

/** Result of the update, or its error with "error: " before it. */
static char *
update(guint command, guint section, int index, const char *xml)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirNetworkDef) def = vir_network_model_parse(document, -1, "n", 0, 0, NULL, &error);
    g_autofree char *before = vir_network_model_format(def, 0, NULL);
    g_autofree char *after = NULL;
    g_autoptr(VirNetworkDef) changed =
        vir_network_update(def, command, section, index, xml, &error);
    char *out;

    g_assert_true((changed == NULL) == (error != NULL));
    after = vir_network_model_format(def, 0, NULL);
    g_assert_cmpstr(before, ==, after);
    if (error != NULL)
        return g_strconcat("error: ", error->message, NULL);
    out = vir_network_model_format(changed, 0, &error);
    g_assert_no_error(error);
    return out;
}

static void
check(guint command, guint section, int index, const char *xml, const char *has, const char *hasnt)
{
    g_autofree char *out = update(command, section, index, xml);

    if (has != NULL && strstr(out, has) == NULL)
        g_assert_cmpstr(out, ==, has);
    if (hasnt != NULL && strstr(out, hasnt) != NULL)
        g_assert_cmpstr(out, ==, hasnt);
}

#define MODIFY VIR_NETWORK_UPDATE_COMMAND_MODIFY
#define DELETE VIR_NETWORK_UPDATE_COMMAND_DELETE
#define FIRST VIR_NETWORK_UPDATE_COMMAND_ADD_FIRST
#define LAST VIR_NETWORK_UPDATE_COMMAND_ADD_LAST

static void
test_dhcp(void)
{
    guint host = VIR_NETWORK_SECTION_IP_DHCP_HOST, range = VIR_NETWORK_SECTION_IP_DHCP_RANGE;

    check(LAST, host, -1, "<host mac='52:54:00:00:00:02' ip='10.0.0.6'/>", "ip='10.0.0.6'", NULL);
    check(LAST, host, 0, "<host mac='52:54:00:00:00:01' ip='10.0.0.6'/>", "is there already", NULL);
    check(LAST, host, 0, "<host mac='52:54:00:00:00:03'/>", "has no ip", NULL);
    check(MODIFY, host, 0, "<host mac='52:54:00:00:00:01' ip='10.0.0.7'/>", "ip='10.0.0.7'",
          "10.0.0.5");
    check(MODIFY, host, 0, "<host mac='52:54:00:00:00:09' ip='10.0.0.7'/>", "is not there", NULL);
    check(DELETE, host, 0, "<host mac='52:54:00:00:00:01'/>", "<range", "<host mac");
    check(DELETE, host, 0, "<host/>", "error: a DHCP host needs one of", NULL);
    check(LAST, host, 9, "<host mac='52:54:00:00:00:02' ip='10.0.0.6'/>", "no <ip> number 9", NULL);
    check(LAST, host, 1, "<host id='0:1' ip='2001:db8::5'/>", "id='0:1' ip='2001:db8::5'", NULL);
    check(LAST, host, -1, "<host id='0:1' ip='2001:db8::5'/>", "not of the family", NULL);
    check(MODIFY, host, 1, "<host mac='52:54:00:00:00:01' ip='10.0.0.7'/>", "not of the family",
          NULL);
    check(FIRST, range, 0, "<range start='10.0.0.30' end='10.0.0.40'/>",
          "<range start='10.0.0.30' end='10.0.0.40'/>\n      <range start='10.0.0.10'", NULL);
    check(LAST, range, 1, "<range start='10.0.0.30' end='10.0.0.40'/>",
          "<range start='10.0.0.10' end='10.0.0.20'/>\n      <range start='10.0.0.30'", NULL);
    check(LAST, range, 0, "<range start='10.1.0.30' end='10.1.0.40'/>", "error: range", NULL);
    check(MODIFY, range, 0, "<range start='10.0.0.10' end='10.0.0.20'/>", "cannot be modified",
          NULL);
    check(DELETE, range, 0, "<range start='10.0.0.10' end='10.0.0.20'/>", "<host mac", "<range");
}

static void
test_dns(void)
{
    guint txt = VIR_NETWORK_SECTION_DNS_TXT, srv = VIR_NETWORK_SECTION_DNS_SRV;
    guint host = VIR_NETWORK_SECTION_DNS_HOST;

    check(LAST, txt, -1, "<txt name='t' value='2'/>", "is there already", NULL);
    check(MODIFY, txt, -1, "<txt name='t' value='2'/>", "value='2'", "value='1'");
    check(DELETE, txt, -1, "<txt name='t' value='1'/>", "<srv", "<txt");
    check(DELETE, srv, -1, "<srv service='a'/>", "is meant by several", NULL);
    check(MODIFY, srv, -1, "<srv service='a' protocol='udp' domain='x'/>", "cannot be modified",
          NULL);
    check(DELETE, srv, -1, "<srv service='a' protocol='udp'/>", "protocol='tcp'", "udp");
    check(LAST, srv, -1, "<srv service='b'/>", "needs service and protocol", NULL);
    check(DELETE, host, -1, "<host><hostname>drei</hostname></host>", "<srv", "10.0.0.3");
    check(DELETE, host, -1, "<host protocol='x'/>", "a DNS host has no ip", NULL);
    check(LAST, host, -1, "<host><hostname>four</hostname></host>", "a DNS host has no ip", NULL);
    check(MODIFY, host, -1, "<host ip='10.0.0.3'><hostname>tri</hostname></host>", "tri", "drei");
}

static void
test_others(void)
{
    guint device = VIR_NETWORK_SECTION_FORWARD_INTERFACE, group = VIR_NETWORK_SECTION_PORTGROUP;

    document = plugged;
    check(DELETE, device, -1, "<interface dev='w0'/>", "<forward dev='w1'", "w0");
    check(LAST, device, -1, "<interface dev='w0'/>", "is there already", NULL);
    check(DELETE, device, -1, "<interface dev='w7'/>", "is not there", NULL);
    document = isolated;
    check(LAST, device, -1, "<interface dev='w0'/>", "needs a <forward>", NULL);
    document = virtual_functions;
    check(FIRST, device, -1, "<interface dev='w0'/>", "needs a <forward>", NULL);
    document = network;
    check(LAST, group, -1, "<portgroup name='q' default='yes'/>", "is there already", NULL);
    check(LAST, group, -1, "<portgroup name='q'/>", "name='q'", NULL);
    check(LAST, VIR_NETWORK_SECTION_BRIDGE, -1, "<bridge/>", "cannot be changed", NULL);
    check(77, group, -1, "<portgroup name='q'/>", "no command", NULL);
    check(LAST, group, -1, "<portgroup", "network_update:1:", NULL);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/network-update/dhcp", test_dhcp);
    g_test_add_func("/model/network-update/dns", test_dns);
    g_test_add_func("/model/network-update/others", test_others);
    return g_test_run();
}
