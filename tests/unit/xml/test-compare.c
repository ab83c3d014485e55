/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-def.h"
#include "vir-error.h"
#include "vir-nwfilter-def.h"
#include <string.h>

static const char text[] =
    "<domain type='kvm'><name>x</name><memory>1024</memory><os><type>hvm</type></os>"
    "<features><acpi/></features><devices>"
    "<disk type='file'><source file='/a'/><target dev='vda' bus='virtio'/></disk>"
    "<disk type='file'><source file='/b'/><target dev='vdb' bus='virtio'/></disk>"
    "<memballoon model='virtio'/></devices></domain>";

static VirDomainDef *
parse(void)
{
    g_autoptr(GError) error = NULL;
    VirDomainDef *def = vir_xml_parse(&vir_domain_domain_doc, text, -1, "doc", 0, NULL, &error);

    g_assert_no_error(error);
    return def;
}

static void
check(const VirDomainDef *a, const VirDomainDef *b, unsigned flags, const char *expected)
{
    g_autofree char *difference = NULL;
    gboolean equal = vir_xml_equal(&vir_domain_domain_doc, a, b, flags, &difference);

    g_assert_cmpstr(difference, ==, expected);
    g_assert_true(equal == (expected == NULL));
    g_assert_true(vir_xml_equal(&vir_domain_domain_doc, a, b, flags, NULL) == equal);
}

static void
test_value(void)
{
    g_autoptr(VirDomainDef) a = parse();
    g_autoptr(VirDomainDef) b = vir_domain_def_clone(a);

    check(a, b, 0, NULL);
    b->devices.disks[1]->bus = VIR_DOMAIN_DISK_BUS_SCSI;
    check(a, b, 0, "/domain/devices/disk[2]/target/@bus: 'virtio' != 'scsi'");
    check(a, b, VIR_XML_ABI, "/domain/devices/disk[2]/target/@bus: 'virtio' != 'scsi'");
}

static void
test_abi_only(void)
{
    g_autoptr(VirDomainDef) a = parse();
    g_autoptr(VirDomainDef) b = vir_domain_def_clone(a);

    g_free(b->devices.disks[0]->src.path);
    b->devices.disks[0]->src.path = g_strdup("/elsewhere");
    check(a, b, 0, "/domain/devices/disk[1]/source/@file: '/a' != '/elsewhere'");
    check(a, b, VIR_XML_ABI, NULL);
}

/* Another text in a guest's document, and what of it the guest sees; NULL: nothing. */
static void
test_abi_rows(void)
{
    static const char guest[] =
        "<domain type='kvm'><name>x</name><memory>2048</memory><vcpu current='1'>2</vcpu>"
        "<memoryBacking><source type='file'/></memoryBacking>"
        "<os><type>hvm</type><boot dev='hd'/><bootmenu enable='yes'/></os>"
        "<cpu check='none' match='exact'><model>m</model><numa><cell id='0' memory='1024'/>"
        "<cell id='1' memory='1024'/></numa></cpu>"
        "<clock offset='variable' adjustment='7' basis='utc'>"
        "<timer name='rtc' tickpolicy='delay'/></clock>"
        "<devices><hostdev mode='subsystem' type='usb'><source><address bus='1' device='2'/>"
        "</source><boot order='1'/></hostdev>"
        "<redirfilter><usbdev class='8' allow='no'/></redirfilter>"
        "<watchdog model='itco' action='reset'/>"
        "<rng model='virtio'><rate bytes='5'/><backend model='random'/></rng>"
        "<shmem name='s' role='peer'/><vsock><cid address='5'/></vsock></devices></domain>";
    static const struct {
        const char *old, *now, *difference;
    } cases[] = {
        {"<name>x", "<name>y", "/domain/name: 'x' != 'y'"},
        {"current='1'", "current='2'", "/domain/vcpu/@current: '1' != '2'"},
        {"type='file'", "type='memfd'", "/domain/memoryBacking/source/@type: 'file' != 'memfd'"},
        {"<cell id='1' memory='1024'/>", "", "/domain/cpu/numa/cell[2]: 'present' != absent"},
        {"'0' memory='1024'", "'0' memory='1025'",
         "/domain/cpu/numa/cell[1]/@memory: '1024' != '1025'"},
        {"check='none'", "check='full'", "/domain/cpu/@check: 'none' != 'full'"},
        {"class='8'", "class='9'", "/domain/devices/redirfilter/usbdev[1]/@class: '8' != '9'"},
        {"<usbdev class='8' allow='no'/>", "",
         "/domain/devices/redirfilter/usbdev[1]: 'present' != absent"},
        {"role='peer'", "role='master'", "/domain/devices/shmem[1]/@role: 'peer' != 'master'"},
        {"dev='hd'", "dev='cdrom'", NULL},
        {"enable='yes'", "enable='no'", NULL},
        {"match='exact'", "match='minimum'", NULL},
        {"adjustment='7'", "adjustment='8'", NULL},
        {"'delay'", "'catchup'", NULL},
        {"bus='1' device='2'", "bus='3' device='4'", NULL},
        {"order='1'", "order='2'", NULL},
        {"action='reset'", "action='pause'", NULL},
        {"bytes='5'", "bytes='6'", NULL},
        {"model='random'", "model='builtin'", NULL},
        {"address='5'", "address='6'", NULL},
    };
    g_autoptr(GError) error = NULL;
    g_autoptr(VirDomainDef) a =
        vir_xml_parse(&vir_domain_domain_doc, guest, -1, "doc", 0, NULL, &error);

    g_assert_no_error(error);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *at = strstr(guest, cases[i].old);
        g_autofree char *other = g_strdup_printf("%.*s%s%s", (int)(at - guest), guest, cases[i].now,
                                                 at + strlen(cases[i].old));
        g_autoptr(VirDomainDef) b =
            vir_xml_parse(&vir_domain_domain_doc, other, -1, "doc", 0, NULL, &error);

        g_assert_no_error(error);
        check(a, b, VIR_XML_ABI, cases[i].difference);
    }
}

static void
test_presence(void)
{
    g_autoptr(VirDomainDef) a = parse();
    g_autoptr(VirDomainDef) b = vir_domain_def_clone(a);
    g_autoptr(VirDomainDef) c = vir_domain_def_clone(a);

    b->features.acpi = false;
    check(a, b, 0, "/domain/features/acpi: 'present' != absent");
    vir_domain_disk_free(vir_xml_remove(&c->devices, disks, 1));
    check(a, c, 0, "/domain/devices/disk[2]: 'present' != absent");
    check(c, a, 0, "/domain/devices/disk[2]: absent != 'present'");
    c->has_id = true;
    c->id = 4;
    check(c, a, VIR_XML_INACTIVE, "/domain/devices/disk[2]: absent != 'present'");
}

static void
test_sub_structs(void)
{
    g_autoptr(VirDomainDef) a = parse();
    g_autoptr(VirDomainDef) b = vir_domain_def_clone(a);

    b->devices.disks[0]->info.address = vir_domain_address_new();
    b->devices.disks[0]->info.address->type = VIR_DOMAIN_ADDRESS_TYPE_PCI;
    check(a, b, 0, "/domain/devices/disk[1]/address: absent != 'present'");
    check(a, b, VIR_XML_ABI, "/domain/devices/disk[1]/address/@type: absent != 'pci'");
}

static void
test_validate(void)
{
    g_autoptr(VirDomainDef) a = parse();
    g_autoptr(GError) error = NULL;

    g_assert_true(vir_xml_validate(&vir_domain_domain_doc, a, 0, &error));
    g_clear_pointer(&a->devices.disks[1]->target, g_free);
    g_assert_false(vir_xml_validate(&vir_domain_domain_doc, a, 0, &error));
    g_assert_cmpstr(error->message, ==, "/domain/devices/disk[2]/target/@dev: a value is missing");
    g_clear_error(&error);
    a->devices.disks[1]->target = g_strdup("vdb");
    a->has_vcpus_current = true;
    a->vcpus_current = 9;
    g_assert_false(vir_xml_validate(&vir_domain_domain_doc, a, 0, &error));
    g_assert_cmpstr(error->message, ==,
                    "/domain: vcpu/@current is not in 1 to the number of processors");
}

/** Rules and references of a filter have one order. */
static void
test_mixed(void)
{
    static const char *const texts[] = {
        "<filter name='f'><rule action='drop' direction='in'/><filterref filter='a'/></filter>",
        "<filter name='f'><filterref filter='a'/><rule action='drop' direction='in'/></filter>",
    };
    g_autoptr(VirNwfilterDef) a =
        vir_xml_parse(&vir_nwfilter_nwfilter_doc, texts[0], -1, "a", 0, NULL, NULL);
    g_autoptr(VirNwfilterDef) b =
        vir_xml_parse(&vir_nwfilter_nwfilter_doc, texts[1], -1, "b", 0, NULL, NULL);
    g_autoptr(VirNwfilterDef) copy = vir_nwfilter_def_clone(a);
    g_autofree char *difference = NULL;

    g_assert_true(vir_xml_equal(&vir_nwfilter_nwfilter_doc, a, copy, 0, NULL));
    g_assert_false(vir_xml_equal(&vir_nwfilter_nwfilter_doc, a, b, 0, &difference));
    g_assert_cmpstr(difference, ==, "/filter/filterref[1]: 'in place 2' != 'in place 1'");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml/compare/value", test_value);
    g_test_add_func("/xml/compare/abi-only", test_abi_only);
    g_test_add_func("/xml/compare/abi-rows", test_abi_rows);
    g_test_add_func("/xml/compare/presence", test_presence);
    g_test_add_func("/xml/compare/sub-structs", test_sub_structs);
    g_test_add_func("/xml/compare/mixed", test_mixed);
    g_test_add_func("/xml/compare/validate", test_validate);
    return g_test_run();
}
