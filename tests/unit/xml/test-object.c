/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-def.h"

static VirDomainDisk *
disk_new(const char *target)
{
    VirDomainDisk *disk = vir_domain_disk_new();

    disk->target = g_strdup(target);
    return disk;
}

static void
test_lists(void)
{
    g_autoptr(VirDomainDevices) devices = vir_domain_devices_new();
    VirDomainDisk *gone;

    vir_xml_append(devices, disks, disk_new("b"));
    vir_xml_append(devices, disks, disk_new("c"));
    vir_xml_insert(devices, disks, 0, disk_new("a"));
    g_assert_cmpuint(devices->n_disks, ==, 3);
    g_assert_cmpstr(devices->disks[0]->target, ==, "a");
    gone = vir_xml_remove(devices, disks, 1);
    g_assert_cmpstr(gone->target, ==, "b");
    vir_domain_disk_free(gone);
    g_assert_cmpstr(devices->disks[1]->target, ==, "c");
    vir_domain_disk_free(vir_xml_remove(devices, disks, 0));
    vir_domain_disk_free(vir_xml_remove(devices, disks, 0));
    g_assert_null(devices->disks);
}

static void
test_clone_is_deep(void)
{
    g_autoptr(VirDomainDisk) a = disk_new("vda");
    g_autoptr(VirDomainDisk) b = NULL;

    a->src.path = g_strdup("/a");
    a->src.type = VIR_DOMAIN_SOURCE_TYPE_FILE;
    a->backing_store = vir_domain_backing_store_new();
    a->backing_store->src.path = g_strdup("/base");
    b = vir_domain_disk_clone(a);
    g_assert_true(a->src.path != b->src.path);
    g_assert_true(a->backing_store != b->backing_store);
    g_assert_cmpstr(b->backing_store->src.path, ==, "/base");
    g_assert_null(vir_domain_disk_clone(NULL));
}

static void
test_clear(void)
{
    g_autoptr(VirDomainDisk) disk = disk_new("vda");

    disk->device = VIR_DOMAIN_DISK_DEVICE_CDROM;
    vir_xml_clear(&vir_domain_disk_type, disk);
    g_assert_null(disk->target);
    g_assert_cmpint(disk->device, ==, VIR_DOMAIN_DISK_DEVICE_DISK);
    vir_domain_disk_free(NULL);
}

static void
test_enums(void)
{
    g_assert_cmpstr(vir_domain_disk_bus_to_string(VIR_DOMAIN_DISK_BUS_SATA), ==, "sata");
    g_assert_cmpstr(vir_domain_disk_bus_to_string(0), ==, "");
    g_assert_cmpstr(vir_domain_disk_bus_to_string(200), ==, "?");
    g_assert_cmpint(vir_xml_enum_value(&vir_domain_disk_bus_enum, "sata"), ==,
                    VIR_DOMAIN_DISK_BUS_SATA);
    g_assert_cmpint(vir_xml_enum_value(&vir_domain_disk_bus_enum, ""), ==, 0);
}

/* A usual guest is to be kept for 10,000 guests at once. */
static void
test_memory(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirDomainDef) def = vir_xml_parse(
        &vir_domain_domain_doc,
        "<domain type='kvm'><name>guest-with-a-name</name>"
        "<uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid><memory>1048576</memory>"
        "<currentMemory>1048576</currentMemory><vcpu placement='static'>2</vcpu>"
        "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><boot dev='hd'/></os>"
        "<features><acpi/><apic/></features><cpu mode='host-passthrough' check='none'/>"
        "<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>"
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
        "<source file='/var/lib/libvirt/images/guest.qcow2'/><target dev='vda' bus='virtio'/>"
        "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/></disk>"
        "<controller type='pci' index='0' model='pcie-root'/>"
        "<controller type='pci' index='1' model='pcie-root-port'><model name='pcie-root-port'/>"
        "<target chassis='1' port='0x10'/><address type='pci' slot='0x02'/></controller>"
        "<controller type='usb' index='0' model='qemu-xhci'><address type='pci' bus='1'/>"
        "</controller><interface type='network'><mac address='52:54:00:12:34:56'/>"
        "<source network='default'/><model type='virtio'/><address type='pci' bus='2'/>"
        "</interface><serial type='pty'><target type='isa-serial' port='0'/></serial>"
        "<console type='pty'><target type='serial' port='0'/></console>"
        "<memballoon model='virtio'><address type='pci' bus='4'/></memballoon></devices></domain>",
        -1, "guest", 0, NULL, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(vir_xml_memory(&vir_domain_def_type, def), <, 5 * 1024);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml/object/lists", test_lists);
    g_test_add_func("/xml/object/clone-is-deep", test_clone_is_deep);
    g_test_add_func("/xml/object/clear", test_clear);
    g_test_add_func("/xml/object/enums", test_enums);
    g_test_add_func("/xml/object/memory", test_memory);
    return g_test_run();
}
