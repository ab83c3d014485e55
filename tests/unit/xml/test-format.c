/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-def.h"
#include "vir-domstatus-def.h"
#include "vir-error.h"

static void
check(const VirXmlDoc *doc, const void *obj, unsigned flags, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = vir_xml_format(doc, obj, flags, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(text, ==, expected);
}

static VirDomainGraphics *
graphics_new(void)
{
    VirDomainGraphics *graphics = vir_domain_graphics_new();

    graphics->type = VIR_DOMAIN_GRAPHICS_TYPE_VNC;
    graphics->port = -1;
    graphics->has_port = true;
    graphics->passwd = g_strdup("s<e'c\"&>\n\001");
    return graphics;
}

static void
test_secure_and_escape(void)
{
    g_autoptr(VirDomainGraphics) graphics = graphics_new();

    check(&vir_domain_graphics_doc, graphics, 0, "<graphics type='vnc' port='-1'/>\n");
    check(&vir_domain_graphics_doc, graphics, VIR_XML_SECURE,
          "<graphics type='vnc' port='-1'"
          " passwd='s&lt;e&apos;c&quot;&amp;&gt;&#10;'/>\n");
}

static void
test_both(void)
{
    g_autoptr(VirDomainGraphics) graphics = graphics_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    g_autofree char *secure = NULL;

    g_assert_true(
        vir_xml_format_both(&vir_domain_graphics_doc, graphics, 0, &text, &secure, &error));
    g_assert_no_error(error);
    check(&vir_domain_graphics_doc, graphics, 0, text);
    check(&vir_domain_graphics_doc, graphics, VIR_XML_SECURE, secure);
    g_clear_pointer(&text, g_free);
    g_clear_pointer(&secure, g_free);
    g_clear_pointer(&graphics->passwd, g_free);
    g_assert_true(
        vir_xml_format_both(&vir_domain_graphics_doc, graphics, 0, &text, &secure, &error));
    g_assert_cmpstr(text, ==, "<graphics type='vnc' port='-1'/>\n");
    g_assert_null(secure);
}

static void
test_built_by_program(void)
{
    g_autoptr(VirDomainDisk) disk = vir_domain_disk_new();

    disk->target = g_strdup("vda");
    disk->bus = VIR_DOMAIN_DISK_BUS_VIRTIO;
    disk->src.path = g_strdup("/img");
    disk->driver = vir_domain_disk_driver_new();
    check(&vir_domain_disk_doc, disk, 0,
          "<disk type='file' device='disk'>\n"
          "  <source file='/img'/>\n"
          "  <target dev='vda' bus='virtio'/>\n"
          "</disk>\n");
    disk->driver->name = g_strdup("qemu");
    disk->driver->format = VIR_DOMAIN_IMAGE_FORMAT_QCOW2;
    disk->readonly = true;
    disk->has_boot_order = true;
    disk->boot_order = 1;
    disk->backing_store = vir_domain_backing_store_new();
    disk->info.address = vir_domain_address_new();
    disk->info.address->type = VIR_DOMAIN_ADDRESS_TYPE_PCI;
    disk->info.address->bus = 4;
    check(&vir_domain_disk_doc, disk, 0,
          "<disk type='file' device='disk'>\n"
          "  <driver name='qemu' type='qcow2'/>\n"
          "  <source file='/img'/>\n"
          "  <backingStore/>\n"
          "  <target dev='vda' bus='virtio'/>\n"
          "  <readonly/>\n"
          "  <boot order='1'/>\n"
          "  <address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>\n"
          "</disk>\n");
}

static void
test_live_and_alias(void)
{
    g_autoptr(VirDomainInterface) net = vir_domain_interface_new();

    net->type = VIR_DOMAIN_INTERFACE_TYPE_USER;
    net->target = g_strdup("vnet0");
    net->info.alias = g_strdup("net0");
    check(&vir_domain_interface_doc, net, 0,
          "<interface type='user'>\n"
          "  <target dev='vnet0'/>\n"
          "  <alias name='net0'/>\n"
          "</interface>\n");
    check(&vir_domain_interface_doc, net, VIR_XML_INACTIVE, "<interface type='user'/>\n");
}

static void
test_refused(void)
{
    g_autoptr(VirDomainInput) input = vir_domain_input_new();
    g_autoptr(GError) error = NULL;

    g_assert_null(vir_xml_format(&vir_domain_input_doc, input, 0, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_XML_ERROR);
    g_assert_cmpstr(error->message, ==, "/input/@type: a value is missing");
    g_clear_error(&error);
    input->type = 77;
    g_assert_null(vir_xml_format(&vir_domain_input_doc, input, 0, &error));
    g_assert_cmpstr(error->message, ==, "/input/@type: the value is not one of its enumeration");
}

static void
test_status(void)
{
    static const char text[] = "<domstatus state='running' reason='booted' pid='42'>\n"
                               "  <monitor path='/run/m' type='unix'/>\n"
                               "  <domain type='kvm' id='1'"
                               " xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n"
                               "    <name>x</name>\n"
                               "    <vcpu>1</vcpu>\n"
                               "    <os>\n"
                               "      <type>hvm</type>\n"
                               "    </os>\n"
                               "    <clock offset='utc'/>\n"
                               "    <on_poweroff>destroy</on_poweroff>\n"
                               "    <on_reboot>restart</on_reboot>\n"
                               "    <on_crash>destroy</on_crash>\n"
                               "    <devices/>\n"
                               "    <qemu:commandline>\n"
                               "      <qemu:arg value='-S'/>\n"
                               "    </qemu:commandline>\n"
                               "  </domain>\n"
                               "</domstatus>\n";
    g_autoptr(GError) error = NULL;
    g_autoptr(VirDomstatusStatus) status =
        vir_xml_parse(&vir_domstatus_status_doc, text, -1, "x.xml", VIR_XML_STATUS, NULL, &error);
    g_autofree char *again = NULL;

    g_assert_no_error(error);
    g_assert_cmpint(status->pid, ==, 42);
    g_assert_cmpint(status->domain->id, ==, 1);
    again =
        vir_xml_format(&vir_domstatus_status_doc, status, VIR_XML_STATUS | VIR_XML_SECURE, &error);
    g_assert_no_error(error);
    /* The namespace is declared once, at the root. */
    g_assert_nonnull(g_strstr_len(again, -1,
                                  "<domstatus state='running' reason='booted' pid='42'"
                                  " xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n"));
    g_assert_nonnull(g_strstr_len(again, -1, "      <qemu:arg value='-S'/>\n"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml/format/secure-and-escape", test_secure_and_escape);
    g_test_add_func("/xml/format/both", test_both);
    g_test_add_func("/xml/format/built-by-program", test_built_by_program);
    g_test_add_func("/xml/format/live-and-alias", test_live_and_alias);
    g_test_add_func("/xml/format/refused", test_refused);
    g_test_add_func("/xml/format/status", test_status);
    return g_test_run();
}
