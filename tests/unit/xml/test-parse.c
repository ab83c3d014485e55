/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "vir-domain-def.h"
#include "vir-error.h"
#include "vir-network-def.h"
#include "vir-storagevol-def.h"

#define DOMAIN(inner)                                                                              \
    "<domain type='kvm'>\n"                                                                        \
    "  <name>x</name>\n"                                                                           \
    "  <os><type>hvm</type></os>\n" inner "</domain>\n"

static VirDomainDef *
parse(const char *text, unsigned flags, GPtrArray **ignored, GError **error)
{
    return vir_xml_parse(&vir_domain_domain_doc, text, -1, "doc", flags, ignored, error);
}

static VirDomainDef *
parse_good(const char *text)
{
    g_autoptr(GError) error = NULL;
    VirDomainDef *def = parse(text, 0, NULL, &error);

    g_assert_no_error(error);
    g_assert_nonnull(def);
    return def;
}

static void
check_bad(const char *text, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirDomainDef) def = parse(text, 0, NULL, &error);

    g_assert_null(def);
    g_assert_nonnull(error);
    if (g_strcmp0(error->message, expected) != 0 && !g_str_has_prefix(error->message, expected))
        g_assert_cmpstr(error->message, ==, expected);
}

static void
test_positions(void)
{
    check_bad(DOMAIN("  <memory unit='furlong'>1</memory>\n"),
              "doc:4:3: /domain/memory: 'furlong' is no unit of size");
    check_bad(DOMAIN("  <devices>\n"
                     "    <disk type='file'><target dev='vda' bus='virtio'/></disk>\n"
                     "    <disk type='file'>\n"
                     "      <target dev='vdb'\n"
                     "              bus='foo'/></disk>\n"
                     "  </devices>\n"),
              "doc:8:15: /domain/devices/disk[2]/target/@bus: 'foo' is none of ide, fdc, scsi");
    check_bad("<domain type='kvm'>\n  <os><type>hvm</type></os>\n</domain>",
              "doc:1:1: /domain: element <name> is missing");
    check_bad(DOMAIN("<vcpu>0</vcpu>"), "doc:4:1: /domain/vcpu: '0' is not in 1..65535");
    check_bad(DOMAIN("<vcpu>two</vcpu>"), "doc:4:1: /domain/vcpu: 'two' is no number");
    check_bad(DOMAIN("<vcpu>-2</vcpu>"), "doc:4:1: /domain/vcpu: '-2' is no number from 1");
    check_bad(DOMAIN("<uuid>123</uuid>"), "doc:4:1: /domain/uuid: '123' is no UUID");
    check_bad("<?xml version='1.0'?>\n\n<network/>",
              "doc:3:1: /network: expected the root element <domain>");
    /* Columns are characters, not bytes. */
    check_bad("<domain type='kvm'><name>\xc3\xa4\xc3\xb6</name><vcpu>x</vcpu></domain>",
              "doc:1:35: /domain/vcpu: 'x' is no number");
}

static void
test_not_well_formed(void)
{
    check_bad("", "doc:1:1: ");
    check_bad("<domain", "doc:1:");
    check_bad("<domain>\n<a></b>\n</domain>", "doc:2:");
    check_bad("<domain type='kvm'><name>&bogus;</name></domain>", "doc:1:");
    check_bad("<!DOCTYPE domain [<!ENTITY e 'x'>]><domain type='kvm'><name>&e;</name></domain>",
              "doc:1:");
    check_bad("<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain/>", "doc:1:");
    check_bad("<domain a='1' a='2'/>", "doc:1:");
    check_bad("<?xml version='1.0' <domain/>", "doc:1:1: the XML declaration has no end");
    check_bad("<domain>\n\xff</domain>", "doc:2:1: the document is not UTF-8");
    check_bad("<?xml version='1.0' encoding='no-such'?><domain/>", "doc:1:1: encoding 'no-such'");
}

static void
test_bounds(void)
{
    g_autoptr(GString) deep = g_string_new("<domain type='kvm'><name>x</name><metadata>");
    g_autoptr(GString) wide = g_string_new("<domain type='kvm'><name>x</name><metadata>");
    g_autofree char *large = g_malloc0(VIR_XML_MAX_SIZE + 2);

    for (int i = 0; i < VIR_XML_MAX_DEPTH; i++)
        g_string_append(deep, "<a>");
    check_bad(deep->str, "doc:1:");
    for (int i = 0; i < VIR_XML_MAX_NODES; i++)
        g_string_append(wide, "<a/>");
    check_bad(wide->str, "doc:1:");
    memset(large, ' ', VIR_XML_MAX_SIZE + 1);
    check_bad(large, "doc: a document may have");
}

static void
test_implied(void)
{
    g_autoptr(VirDomainDef) def =
        parse_good(DOMAIN("<features><hap/><pmu state='off'/></features>"));

    g_assert_cmpint(def->features.hap, ==, VIR_TRISTATE_ON);
    g_assert_cmpint(def->features.pmu, ==, VIR_TRISTATE_OFF);
    g_assert_cmpint(def->features.vmport, ==, VIR_TRISTATE_ABSENT);
}

/* What need not be there, but has to say something where it is. */
static void
test_needed(void)
{
    g_autoptr(VirDomainDef) without = parse_good(DOMAIN("<features><hyperv/></features>"));
    g_autoptr(VirDomainDef) def =
        parse_good(DOMAIN("<features><hyperv><stimer state='on'/></hyperv></features>"));

    g_assert_cmpint(without->features.htm, ==, VIR_TRISTATE_ABSENT);
    g_assert_cmpint(def->features.hyperv->stimer, ==, VIR_TRISTATE_ON);
    check_bad(DOMAIN("<features><htm/></features>"),
              "doc:4:11: /domain/features/htm: attribute 'state' is missing");
    check_bad(DOMAIN("<features><hyperv><stimer/></hyperv></features>"),
              "doc:4:19: /domain/features/hyperv/stimer: attribute 'state' is missing");
    check_bad(DOMAIN("<features><hyperv><stimer state='on'><direct/></stimer></hyperv></features>"),
              "doc:4:38: /domain/features/hyperv/stimer/direct: attribute 'state' is missing");
}

static void
test_closed(void)
{
    g_autoptr(VirDomainDef) kept =
        parse_good(DOMAIN("<features><x:own xmlns:x='urn:x'/><acpi/><acpi/></features>"));

    g_assert_true(kept->features.acpi);
    check_bad(DOMAIN("<features><acpi/><warp/></features>"),
              "doc:4:18: /domain/features/warp: no such element");
}

static void
check_strict(const char *text, const char *const *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) found = NULL;
    g_autoptr(VirDomainDef) def = parse(text, VIR_XML_STRICT, &found, &error);
    guint n = g_strv_length((char **)expected);

    g_assert_null(def);
    g_assert_error(error, VIR_ERROR, VIR_ERR_XML_INVALID_SCHEMA);
    for (guint i = 0; i < n; i++)
        g_assert_cmpstr(found->pdata[i], ==, expected[i]);
    g_assert_cmpuint(found->len, ==, n);
    g_assert_true(g_str_has_prefix(error->message, expected[0]));
    g_assert_cmpint(strstr(error->message, "more)") != NULL, ==, n > 1);
}

static void
test_strict(void)
{
    const char *const two[] = {
        "doc:4:1: /domain/memroy: no such element; did you mean <memory>?",
        "doc:4:62: /domain/devices/disk/target/@buss: no such attribute; did you mean 'bus'?",
        NULL};
    const char *const guarded[] = {
        "doc:4:36: /domain/devices/disk/source/@dev: the attribute has no "
        "meaning with the other values given here",
        NULL};
    const char *const second[] = {"doc:4:22: /domain/title[2]: the element has no meaning here, or "
                                  "stands here a second time",
                                  NULL};
    const char *const none[] = {
        "doc:4:8: /domain/title/@frobnicate: no such attribute; the element has no attributes",
        NULL};
    const char *const listed[] = {
        "doc:4:35: /domain/vcpus/vcpu/@xylophone: no such attribute; known "
        "here: 'id', 'enabled', 'hotpluggable', 'order'",
        NULL};

    check_strict(DOMAIN("<memroy>1</memroy><devices><disk type='file'><target dev='a' buss='x'/>"
                        "</disk></devices>"),
                 two);
    check_strict(DOMAIN("<devices><disk type='file'><source dev='x'/><target dev='vda'/></disk>"
                        "</devices>"),
                 guarded);
    check_strict(DOMAIN("<title>abcdef</title><title>b</title>"), second);
    check_strict(DOMAIN("<title frobnicate='1'>x</title>"), none);
    check_strict(DOMAIN("<vcpus><vcpu id='0' enabled='yes' xylophone='1'/></vcpus>"), listed);
}

static void
test_ignored(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) ignored = NULL;
    g_autoptr(VirDomainDef) def =
        parse(DOMAIN("  <frobnicate level='3'/>\n"
                     "  <devices>\n"
                     "    <disk type='file'><target dev='vda' bus='virtio'/></disk>\n"
                     "    <disk type='file' foo='1'>\n"
                     "      <source file='/x' dev='/y'/><target dev='vdb'/></disk>\n"
                     "  </devices>\n"),
              0, &ignored, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(ignored->len, ==, 3);
    g_assert_cmpstr(ignored->pdata[0], ==, "/domain/frobnicate, line 4");
    g_assert_cmpstr(ignored->pdata[1], ==, "/domain/devices/disk[2]/@foo, line 7");
    g_assert_cmpstr(ignored->pdata[2], ==, "/domain/devices/disk[2]/source/@dev, line 8");
}

static void
test_values(void)
{
    g_autoptr(VirDomainDef) def =
        parse_good(DOMAIN("<uuid>C7A5FDBD-EDAF-9455-926A-D65C16DB1809</uuid>"
                          "<memory unit='GB'>1</memory><currentMemory>1024</currentMemory>"
                          "<vcpu cpuset='1-4,^3'> 4 </vcpu>"
                          "<features><acpi/><apic eoi='on'/></features>"
                          "<devices><disk type='block'><source dev='/dev/x'/><target dev='a'/>"
                          "<address type='pci' bus='0x0a' slot='3'/></disk></devices>"));
    g_autofree char *cpuset = vir_bitmap_format(def->cpuset);
    const VirDomainDisk *disk = def->devices.disks[0];

    g_assert_cmpint(def->virt_type, ==, VIR_DOMAIN_VIRT_TYPE_KVM);
    g_assert_true(def->has_uuid);
    g_assert_cmphex(def->uuid[0], ==, 0xc7);
    g_assert_cmpuint(def->memory, ==, 976563); /* 10^9 bytes, rounded up to KiB */
    g_assert_cmpuint(def->current_memory, ==, 1024);
    g_assert_cmpuint(def->vcpus_max, ==, 4);
    g_assert_cmpstr(cpuset, ==, "1-2,4");
    g_assert_true(def->features.acpi);
    g_assert_true(def->features.apic);
    g_assert_cmpint(def->features.apic_eoi, ==, VIR_TRISTATE_ON);
    g_assert_cmpuint(def->devices.n_disks, ==, 1);
    g_assert_cmpint(disk->src.type, ==, VIR_DOMAIN_SOURCE_TYPE_BLOCK);
    g_assert_cmpint(disk->device, ==, VIR_DOMAIN_DISK_DEVICE_DISK);
    g_assert_cmpstr(disk->src.path, ==, "/dev/x");
    g_assert_cmpuint(disk->info.address->bus, ==, 10);
    g_assert_cmpuint(disk->info.address->slot, ==, 3);
    g_assert_cmpint(def->on_crash, ==, VIR_DOMAIN_LIFECYCLE_DESTROY);
}

static void
test_size_overflow(void)
{
    check_bad(DOMAIN("<memory unit='EiB'>16</memory>"), "doc:4:1: /domain/memory: '16' EiB is too");
    check_bad(DOMAIN("<memory>99999999999999999999</memory>"),
              "doc:4:1: /domain/memory: '99999999999999999999' is no size");
    check_bad(DOMAIN("<memory>-1</memory>"), "doc:4:1: /domain/memory: '-1' is no size");
}

static void
test_encoding(void)
{
    g_autoptr(VirDomainDef) def =
        parse_good("<?xml version='1.0' encoding='ISO-8859-1'?>\n"
                   "<domain type='kvm'><name>\xe4</name><os><type>hvm</type></os></domain>");
    g_autoptr(VirDomainDef) marked =
        parse_good("\xef\xbb\xbf<domain type='kvm'><name>a&lt;&#65;<![CDATA[b]]></name>"
                   "<os><type>hvm</type></os>"
                   "<commandline xmlns='http://libvirt.org/schemas/domain/qemu/1.0'>"
                   "<arg value='a&amp;b&#60;&apos;&#10;'/></commandline></domain>");

    g_assert_cmpstr(def->name, ==, "\xc3\xa4");
    g_assert_cmpstr(marked->name, ==, "a<Ab");
    g_assert_cmpstr(marked->qemu_args[0]->value, ==, "a&b<\'\n");
}

static void
test_inactive(void)
{
    const char *text = "<domain type='kvm' id='3'><name>x</name><os><type>hvm</type></os><devices>"
                       "<interface type='user'><target dev='vnet3'/><alias name='net0'/>"
                       "</interface><interface type='user'><target dev='own'/>"
                       "<alias name='ua-mine'/></interface></devices></domain>";
    g_autoptr(VirDomainDef) live = parse(text, 0, NULL, NULL);
    g_autoptr(GPtrArray) ignored = NULL;
    g_autoptr(VirDomainDef) inactive = parse(text, VIR_XML_INACTIVE, &ignored, NULL);

    g_assert_true(live->has_id);
    g_assert_cmpstr(live->devices.interfaces[0]->target, ==, "vnet3");
    g_assert_cmpstr(live->devices.interfaces[0]->info.alias, ==, "net0");
    g_assert_false(inactive->has_id);
    g_assert_null(inactive->devices.interfaces[0]->target);
    g_assert_null(inactive->devices.interfaces[0]->info.alias);
    g_assert_cmpstr(inactive->devices.interfaces[1]->target, ==, "own");
    g_assert_cmpstr(inactive->devices.interfaces[1]->info.alias, ==, "ua-mine");
    g_assert_cmpuint(ignored->len, ==, 0);
}

static void
test_namespaces(void)
{
    const char *text = "<domain type='kvm' xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'"
                       " xmlns:m='urn:m'>"
                       "<name>x</name><os><type>hvm</type></os>"
                       "<metadata><m:a m:b='1'>t</m:a><c xmlns='urn:c'><d/></c></metadata>"
                       "<q:commandline><q:arg value='-foo'/></q:commandline>"
                       "<commandline/></domain>";
    g_autoptr(GPtrArray) ignored = NULL;
    g_autoptr(VirDomainDef) def = parse(text, 0, &ignored, NULL);

    g_assert_cmpuint(def->n_qemu_args, ==, 1);
    g_assert_cmpstr(def->qemu_args[0]->value, ==, "-foo");
    g_assert_cmpstr(def->metadata, ==,
                    "<metadata><m:a xmlns:m=\"urn:m\" m:b='1'>t</m:a>"
                    "<c xmlns='urn:c'><d/></c></metadata>");
    g_assert_cmpuint(ignored->len, ==, 1);
    g_assert_cmpstr(ignored->pdata[0], ==, "/domain/commandline, line 1");
}

/* What only the making of a thing needs is read, and is no part of what it is. */
static void
test_unprinted(void)
{
    const char *text = "<volume><name>v</name><target><nocow/></target></volume>";
    g_autoptr(VirStorageVolDef) made =
        vir_xml_parse(&vir_storage_vol_storage_vol_doc, text, -1, "doc", 0, NULL, NULL);
    g_autoptr(VirStorageVolDef) other =
        vir_xml_parse(&vir_storage_vol_storage_vol_doc, "<volume><name>v</name></volume>", -1,
                      "doc", 0, NULL, NULL);
    g_autofree char *out = vir_xml_format(&vir_storage_vol_storage_vol_doc, made, 0, NULL);

    g_assert_true(made->nocow);
    g_assert_null(strstr(out, "nocow"));
    g_assert_true(vir_xml_equal(&vir_storage_vol_storage_vol_doc, made, other, 0, NULL));
}

static void
test_several_roots(void)
{
    const VirXmlDoc *docs[] = {&vir_domain_disk_doc, &vir_domain_interface_doc};
    g_autoptr(GError) error = NULL;
    guint which = 99;
    g_autoptr(VirDomainInterface) net = vir_xml_parse_any(docs, 2, "<interface type='user'/>", -1,
                                                          "device", 0, &which, NULL, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(which, ==, 1);
    g_assert_cmpint(net->type, ==, VIR_DOMAIN_INTERFACE_TYPE_USER);
    g_assert_null(vir_xml_parse_any(docs, 2, "<sound/>", -1, "device", 0, &which, NULL, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_XML_ERROR);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml/parse/positions", test_positions);
    g_test_add_func("/xml/parse/not-well-formed", test_not_well_formed);
    g_test_add_func("/xml/parse/bounds", test_bounds);
    g_test_add_func("/xml/parse/ignored", test_ignored);
    g_test_add_func("/xml/parse/strict", test_strict);
    g_test_add_func("/xml/parse/implied", test_implied);
    g_test_add_func("/xml/parse/needed", test_needed);
    g_test_add_func("/xml/parse/closed", test_closed);
    g_test_add_func("/xml/parse/values", test_values);
    g_test_add_func("/xml/parse/size-overflow", test_size_overflow);
    g_test_add_func("/xml/parse/encoding", test_encoding);
    g_test_add_func("/xml/parse/inactive", test_inactive);
    g_test_add_func("/xml/parse/namespaces", test_namespaces);
    g_test_add_func("/xml/parse/unprinted", test_unprinted);
    g_test_add_func("/xml/parse/several-roots", test_several_roots);
    return g_test_run();
}
