/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each argv/NAME.xml has its command line in NAME.args or its error in NAME.err; written anew with
 * VIR_TEST_REGENERATE=1. argv/qemu.caps says what the QEMU of the expectations can do; so does that
 * of argv-ARCH for other architectures.
 * Each start/NAME.xml is started, halted, by the QEMU that is installed.
 */
#include "command.h"
#include "expect.h"
#include "off-main.h"
#include "pretend-host.h"
#include "tree.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-qemu-probe.h"
#include "vir-qemu-xml.h"
#include "vir-qmp-stream.h"
#include "vir-qmp.h"
#include "vir-xml.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static VirQemuCaps *caps;
static GHashTable *all_caps; /* folder to VirQemuCaps */
static VirQemuConf conf;
static VirQemuEnv env;

/* ---- documents ---- */

static char **firmware;

static char **
firmware_dirs(void)
{
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();
    g_autofree char *etc =
        g_test_build_filename(G_TEST_DIST, "unit", "virtqemud", "firmware", "etc", NULL);
    g_autofree char *share =
        g_test_build_filename(G_TEST_DIST, "unit", "virtqemud", "firmware", "share", NULL);

    g_strv_builder_add(list, etc);
    g_strv_builder_add(list, share);
    return g_strv_builder_end(list);
}

static char *
argv_path(const char *name)
{
    return g_test_build_filename(G_TEST_DIST, "unit", "virtqemud", "argv", name, NULL);
}

static VirDomainDef *
parse_domain(const char *text, const char *path, const VirQemuCaps *with, GError **error)
{
    g_autoptr(VirDomainDef) def =
        vir_xml_parse(&vir_domain_domain_doc, text, -1, path, 0, NULL, error);

    return def && vir_device_complete(&(VirModel){def, with, &env, 0}, error)
               ? g_steal_pointer(&def)
               : NULL;
}

static VirDomainDef *
read_domain(const char *path, const VirQemuCaps *with, GError **error)
{
    g_autofree char *text = vir_file_read(path, 1 << 20, NULL, NULL);

    g_assert_nonnull(text);
    return parse_domain(text, path, with, error);
}

/* Each kind has one. */
static int
take_port(void *data, VirGraphicsPort kind, GError **error)
{
    return 5950 + (int)kind;
}

static VirQemuCaps *
read_caps(const char *path)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    VirQemuCaps *made;
    gsize len = 0;

    text = vir_file_read(path, VIR_QMP_MAX_LINE, &len, NULL);
    g_assert_nonnull(text);
    made = vir_qemu_caps_load(text, len, path, &error);
    g_assert_no_error(error);
    return made;
}

/* What the QEMU of a document's folder can do; borrowed. */
static const VirQemuCaps *
caps_of(const char *path)
{
    g_autofree char *dir = g_path_get_dirname(path);
    g_autofree char *file = g_build_filename(dir, "qemu.caps", NULL);
    VirQemuCaps *found = g_hash_table_lookup(all_caps, dir);

    if (!found && access(file, R_OK) == 0) {
        found = read_caps(file);
        g_hash_table_insert(all_caps, g_steal_pointer(&dir), found);
    }
    return found ? found : caps;
}

static char *
build(const char *path, GError **error)
{
    const VirQemuCaps *with = caps_of(path);
    g_autoptr(VirDomainDef) def = read_domain(path, with, error);
    g_autoptr(VirSpawn) spawn = NULL;
    g_autoptr(GRegex) fds = g_regex_new("(fds?(?:=|\":\"))[0-9]+(:[0-9]+)*", 0, 0, NULL);
    g_autoptr(GRegex) key_line =
        g_regex_new("-object '[^']*masterKey0\",\"format[^\n]*\n", 0, 0, NULL);
    g_autoptr(VirBitmap) advice = NULL;
    g_autoptr(GString) out = NULL;
    g_autofree char *spawned = NULL;
    g_autofree char *text = NULL;
    const guint8 key[32] = {0};
    VirCommandContext context = {.lib_dir = "/lib/domain-1-x",
                                 .master_key = "/lib/domain-1-x/key",
                                 .master_key_bytes = key,
                                 .monitor_fd = dup(0)};
    char *home;

    if (!def || !vir_device_prepare(&(VirModel){def, with, &env, 0}, error) ||
        !vir_graphics_prepare(def, &env, context.lib_dir, &(VirGraphicsPorts){take_port, NULL},
                              error))
        return NULL;
    vir_channels_prepare(def, "/run/channel/1-x");
    if (!vir_qemu_env_advice(&env, def, &advice, error))
        return NULL;
    context.auto_nodes = advice;
    spawn = vir_command_build(def, with, &env, &context, error);
    if (!spawn)
        return NULL;
    spawned = vir_spawn_to_string(spawn, TRUE);
    home = strstr(spawned, "HOME=");
    out = g_string_new(home);
    g_string_replace(out, " -", "\n-", 0);
    g_string_append_c(out, '\n');
    /* The key of secrets is the same in all of them. */
    text = g_regex_replace(key_line, out->str, -1, 0, "", 0, NULL);
    return g_regex_replace(fds, text, -1, 0, "\\1N", 0, NULL);
}

static void
test_document(const void *data)
{
    const char *path = data;
    g_autofree char *base = g_strndup(path, strlen(path) - strlen(".xml"));
    g_autoptr(GError) error = NULL;
    g_autofree char *got = build(path, &error);

    if (got) {
        g_assert_no_error(error);
        expect(base, ".args", ".err", got);
    } else {
        g_autofree char *text = vir_error_text(error);
        g_autoptr(GString) line = g_string_new(text);

        /* Folders that a message names are those of the sources. */
        g_string_replace(line, g_test_get_dir(G_TEST_DIST), "@TESTS@", 0);
        g_string_append_c(line, '\n');
        expect(base, ".err", ".args", line->str);
    }
}

/* What was completed once is not changed by doing it again, not even after being written; but that
 * controllers which had no numbers are in order when it is read again. */
static void
test_stable(const void *data)
{
    const char *path = data;
    gboolean unnumbered = strstr(path, "/unnumbered-") != NULL;
    const VirQemuCaps *with = caps_of(path);
    g_autoptr(GError) error = NULL;
    g_autoptr(VirDomainDef) def = read_domain(path, with, &error);
    g_autoptr(VirDomainDef) again = NULL;
    g_autofree char *one = NULL;
    g_autofree char *two = NULL;

    if (!def) { /* refused, as "document" expects: there is nothing to do again */
        g_assert_nonnull(error);
        return;
    }
    one = vir_xml_format(&vir_domain_domain_doc, def, VIR_XML_SECURE, &error);
    g_assert_no_error(error);
    again = vir_xml_parse(&vir_domain_domain_doc, one, -1, path, 0, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(vir_device_complete(&(VirModel){again, with, &env, 0}, &error));
    two = vir_xml_format(&vir_domain_domain_doc, again, VIR_XML_SECURE, &error);
    if (!unnumbered)
        g_assert_cmpstr(one, ==, two);
}

/* A folder with images, and the definition that uses them. */
typedef struct {
    char *dir;
    char *text;
    const char *path;
} Scene;

static void
make_scene(Scene *scene, const char *path)
{
    g_autofree char *qcow2 = NULL;
    g_autoptr(VirSpawn) spawn = vir_spawn_new("qemu-img");
    g_autoptr(GString) out = NULL;

    scene->path = path;
    scene->dir = g_dir_make_tmp("start-XXXXXX", NULL);
    for (int i = 1; i <= 3; i++) {
        g_autofree char *name = g_strdup_printf("%s/raw,%d", scene->dir, i);

        g_assert_true(g_file_set_contents(name, "", 0, NULL));
        g_assert_no_errno(truncate(name, 1440 * 1024));
    }
    qcow2 = g_build_filename(scene->dir, "disk.qcow2", NULL);
    vir_spawn_pass_env(spawn, "PATH");
    vir_spawn_add_args(spawn,
                       (const char *const[]){"create", "-q", "-f", "qcow2", qcow2, "1M", NULL});
    g_assert_true(vir_spawn_run(spawn, 60000, 4096, NULL, NULL, NULL, NULL));
    scene->text = vir_file_read(path, 1 << 20, NULL, NULL);
    out = g_string_new(scene->text);
    g_string_replace(out, "@DIR@", scene->dir, 0);
    g_free(scene->text);
    scene->text = g_string_free(g_steal_pointer(&out), FALSE);
}

static void
run_scene(const Scene *scene, const VirQemuCaps *real)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirDomainDef) def = parse_domain(scene->text, scene->path, real, &error);
    g_autofree char *monitor = g_build_filename(scene->dir, "monitor.sock", NULL);
    g_autofree char *log = g_build_filename(scene->dir, "log", NULL);
    g_autofree char *said = NULL;
    g_autoptr(VirSpawn) spawn = NULL;
    g_autoptr(VirQmp) qmp = NULL;
    VirCommandContext context = {.lib_dir = scene->dir};
    VIR_AUTOCLOSE out = open(log, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    json_object *ret = NULL;
    int client = -1;
    int status = 0;
    pid_t pid;

    g_assert_no_error(error);
    g_assert_true(vir_device_prepare(&(VirModel){def, real, &env, 0}, NULL));
    vir_channels_prepare(def, scene->dir);
    g_assert_true(vir_qmp_listen(monitor, &context.monitor_fd, &client, &error));
    spawn = vir_command_build(def, real, &env, &context, &error);
    g_assert_no_error(error);
    vir_spawn_set_stdio(spawn, -1, out, out);
    pid = vir_spawn_start(spawn, NULL, &error);
    g_assert_no_error(error);
    qmp = vir_qmp_new("test", client, NULL, NULL, NULL);
    if (!vir_qmp_run(qmp, "query-status", NULL, 60000, &ret, &error)) {
        said = vir_file_read(log, 1 << 20, NULL, NULL);
        g_error("%s; QEMU said: %s", error->message, said);
    }
    g_assert_nonnull(strstr(json_object_to_json_string(ret), "prelaunch"));
    json_object_put(ret);
    g_assert_true(vir_qmp_run(qmp, "quit", NULL, 60000, NULL, NULL));
    vir_qmp_close(qmp);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
    said = vir_file_read(log, 1 << 20, NULL, NULL);
    if (said && said[0])
        g_test_message("QEMU said: %s", said);
}

static void
test_start(const void *path)
{
    g_autofree char *emulator = vir_caps_find_emulator("x86_64", "x86_64", NULL);
    g_autoptr(VirQemuCaps) real = NULL;
    g_autoptr(GError) error = NULL;
    Scene scene = {0};

    if (!emulator) {
        g_test_skip("no qemu-system-x86_64");
        return;
    }
    real = vir_qemu_probe_run(emulator, FALSE, NULL, &error);
    g_assert_no_error(error);
    make_scene(&scene, path);
    run_scene(&scene, real);
    tree_remove(scene.dir);
    g_free(scene.dir);
    g_free(scene.text);
}

static GPtrArray *paths; /* of documents, for as long as the tests run */

static void
each_document(const char *folder, const char *test, GTestDataFunc func, gboolean waits)
{
    g_autofree char *dir = g_test_build_filename(G_TEST_DIST, "unit", "virtqemud", folder, NULL);
    g_autoptr(GDir) handle = g_dir_open(dir, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(handle))) {
        g_autofree char *full = g_strdup_printf("/%s/%s/%s", folder, test, name);
        char *path = g_build_filename(dir, name, NULL);

        g_ptr_array_add(paths, path);
        if (!g_str_has_suffix(name, ".xml"))
            continue;
        if (waits)
            off_main_add_data(full, path, func);
        else
            g_test_add_data_func(full, path, func);
    }
}

static void
test_start_lacks(void)
{
    static const char *const parts[] = {
        "<vcpu cpuset='0'>1</vcpu>",
        "<vcpu placement='auto'>1</vcpu>",
        ("<vcpu>2</vcpu><vcpus><vcpu id='0' enabled='yes'/>"
         "<vcpu id='1' enabled='yes' hotpluggable='yes'/></vcpus>"),
        "<cputune><shares>7</shares></cputune>",
        "<cputune><emulatorpin cpuset='0'/></cputune>",
        "<cputune><emulatorsched scheduler='idle'/></cputune>",
        "<cputune><memorytune vcpus='0'><node id='0' bandwidth='9'/></memorytune></cputune>",
        "<memtune><soft_limit>9</soft_limit></memtune>",
        "<blkiotune><weight>300</weight></blkiotune>",
        "<resource><partition>/p</partition></resource>",
        "<perf><event name='cmt' enabled='yes'/></perf>",
        ("<devices><disk type='file'><source file='/x'><seclabel model='dac'><label>1:2</label>"
         "</seclabel></source><target dev='vda' bus='virtio'/></disk></devices>"),
        ("<devices><disk type='network'><source protocol='ssh' name='x'><host name='h'/>"
         "<knownHosts path='/k'/></source><target dev='vda' bus='virtio'/></disk></devices>"),
        ("<devices><disk type='file'><driver name='qemu' type='qcow2'/><source file='/x'/>"
         "<backingStore type='file'><format "
         "type='raw'/><source file='/y'><seclabel model='dac'><label>1:2</label></seclabel>"
         "</source></backingStore><target dev='vda' bus='virtio'/></disk></devices>"),
        ("<devices><disk type='file'><driver name='qemu' type='qcow2'/><source file='/x'>"
         "<dataStore type='network'><format type='raw'/><source protocol='ssh' name='x'>"
         "<host name='h'/><identity username='u' keyfile='/k'/></source></dataStore></source>"
         "<target dev='vda' bus='virtio'/></disk></devices>"),
        ("<devices><disk type='file'><source file='/x'/><target dev='vda' bus='virtio'/>"
         "<transient/></disk></devices>"),
        ("<devices><interface type='user'><bandwidth><inbound average='9'/></bandwidth>"
         "</interface></devices>"),
        "<os><cmdline>quiet</cmdline></os>",
        "",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *text =
            g_str_has_prefix(parts[i], "<os>")
                ? g_strdup_printf("<domain type='kvm'><name>lacks</name><memory>1024</memory><os>"
                                  "<type arch='x86_64' machine='pc'>hvm</type>%s</domain>",
                                  parts[i] + strlen("<os>"))
                : g_strdup_printf("<domain type='kvm'><name>lacks</name><memory>1024</memory>%s<os>"
                                  "<type arch='x86_64' machine='pc'>hvm</type></os></domain>",
                                  parts[i]);
        g_autoptr(GError) error = NULL;
        g_autoptr(VirDomainDef) def = parse_domain(text, "lacks.xml", caps, &error);

        g_assert_no_error(error);
        g_test_message("%s", parts[i]);
        g_assert_cmpint(vir_device_check_start(def, &error), ==, *parts[i] == '\0');
    }
}

/* What means nothing is not kept. */
static void
test_passed_over(void)
{
    static const char text[] =
        "<domain type='qemu'><name>a</name><memory>65536</memory><os><type arch='x86_64' "
        "machine='q35'>hvm</type></os><devices>"
        "<disk type='file'><driver name='qemu' queues='0'/><source file='/i'/><target dev='vda'/>"
        "<iotune><read_bytes_sec>0</read_bytes_sec></iotune><geometry cyls='1' heads='2'/></disk>"
        "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0x5678'/>"
        "</source><readonly/><shareable/></hostdev>"
        "<tpm model='tpm-crb'><backend type='passthrough'/></tpm></devices></domain>";
    g_autoptr(GError) error = NULL;
    g_autoptr(VirDomainDef) def = parse_domain(text, "a.xml", caps, &error);

    g_assert_no_error(error);
    g_assert_false(def->devices.disks[0]->driver->has_queues);
    g_assert_null(def->devices.disks[0]->iotune);
    g_assert_null(def->devices.disks[0]->geometry);
    g_assert_false(def->devices.hostdevs[0]->readonly);
    g_assert_false(def->devices.hostdevs[0]->shareable);
    g_assert_cmpstr(def->devices.tpms[0]->device, ==, "/dev/tpm0");
}

/* Open vSwitch is to know the port again; addresses say what they are; passt has its own socket. */
static void
test_completed_cards(void)
{
    static const char text[] =
        "<domain type='qemu'><name>a</name><memory>65536</memory><memoryBacking><source "
        "type='memfd'/><access mode='shared'/></memoryBacking><os><type arch='x86_64' "
        "machine='pc'>hvm</type></os><devices><interface type='bridge'><source bridge='b'/>"
        "<virtualport type='openvswitch'/></interface><interface type='ethernet'><source>"
        "<ip address='192.0.2.1'/></source></interface><interface type='vhostuser'><source "
        "type='unix' path='/s' mode='client'/><backend type='passt'/></interface></devices>"
        "</domain>";
    g_autoptr(GError) error = NULL;
    g_autoptr(VirDomainDef) def = parse_domain(text, "a.xml", caps, &error);

    g_assert_no_error(error);
    g_assert_true(def->devices.interfaces[0]->virtualport->has_interfaceid);
    g_assert_cmpint(def->devices.interfaces[1]->host_side->ips[0]->family, ==,
                    VIR_DOMAIN_INTERFACE_IP_FAMILY_IPV4);
    g_assert_null(def->devices.interfaces[2]->vhostuser);
}

/* A new guest with room for memory has a cell to put it into; one of s390 has none. */
static void
test_cells_of_new(void)
{
    static const char *const boards[] = {"arch='x86_64' machine='q35'",
                                         "arch='riscv64' machine='virt'",
                                         "arch='s390x' machine='s390-ccw-virtio'"};
    static const char *const folders[] = {"x", "../argv-riscv64/x", "../argv-s390x/x"};

    for (gsize i = 0; i < G_N_ELEMENTS(boards); i++) {
        g_autofree char *text = g_strdup_printf("<domain type='qemu'><name>a</name><memory>65536"
                                                "</memory><maxMemory>131072</maxMemory><os><type "
                                                "%s>hvm</type></os></domain>",
                                                boards[i]);
        g_autofree char *folder = argv_path(folders[i]);
        g_autoptr(GError) error = NULL;
        g_autoptr(VirDomainDef) def =
            vir_xml_parse(&vir_domain_domain_doc, text, -1, "a.xml", 0, NULL, &error);

        g_assert_no_error(error);
        vir_device_complete(&(VirModel){def, caps_of(folder), &env, VIR_MODEL_ABI_UPDATE}, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(def->cpu ? def->cpu->n_numa_cells : 0, ==, i < 2 ? 1 : 0);
    }
}

/* ---- addresses ---- */

/* A new guest keeps its USB ports, and the hubs that it takes. */
static void
test_ports_of_new(void)
{
    static const char text[] =
        "<domain type='qemu'><name>a</name><memory>65536</memory><os><type arch='x86_64' "
        "machine='pc'>hvm</type></os><devices><input type='tablet' bus='usb'/><input type='mouse' "
        "bus='usb'/><input type='keyboard' bus='usb'/><serial type='null'><target "
        "type='usb-serial'/></serial><console type='null'/></devices></domain>";
    g_autoptr(GError) error = NULL;
    g_autoptr(VirDomainDef) old = parse_domain(text, "a.xml", caps, &error);
    g_autoptr(VirDomainDef) def =
        vir_xml_parse(&vir_domain_domain_doc, text, -1, "a.xml", 0, NULL, &error);

    g_assert_no_error(error);
    g_assert_null(old->devices.inputs[0]->info.address);
    g_assert_true(vir_device_complete(&(VirModel){def, caps, &env, VIR_MODEL_ABI_UPDATE}, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(def->devices.n_hubs, ==, 1);
    g_assert_cmpstr(def->devices.hubs[0]->info.address->usb_port, ==, "1");
    g_assert_cmpstr(def->devices.inputs[0]->info.address->usb_port, ==, "1.1");
    g_assert_cmpstr(def->devices.inputs[1]->info.address->usb_port, ==, "1.2");
    /* The console is the port. */
    g_assert_cmpstr(def->devices.serials[0]->info.address->usb_port, ==, "2");
    g_assert_cmpstr(def->devices.consoles[0]->info.address->usb_port, ==, "2");
}

#define ON_VIRTIO "pci mmio"
#define ANYWHERE "pci drive ccid usb vio isa dimm mmio"
#define NOWHERE ""

/* A device with "%s" for its address, and the kinds that it may have one of. */
static const struct {
    const char *device;
    const char *kinds;
} placed[] = {
    {"<disk type='file'><source file='/i'/><target dev='vda' bus='virtio'/>%s</disk>", ON_VIRTIO},
    {"<disk type='file'><source file='/i'/><target dev='sda' bus='scsi'/>%s</disk>", "drive"},
    {"<disk type='file'><source file='/i'/><target dev='sda' bus='usb'/>%s</disk>", "usb"},
    {"<disk type='file'><source file='/i'/><target dev='sda' bus='sd'/>%s</disk>", ANYWHERE},
    {"<interface type='ethernet'><model type='virtio'/>%s</interface>", ON_VIRTIO},
    {"<interface type='ethernet'><model type='e1000'/>%s</interface>", "pci"},
    {"<interface type='ethernet'><model type='usb-net'/>%s</interface>", "usb"},
    {"<interface type='ethernet'><model type='lan9118'/>%s</interface>", ANYWHERE},
    {("<interface type='hostdev'><source><address type='pci' bus='6' slot='2' function='0'/>"
      "</source>%s</interface>"),
     "pci usb unassigned"},
    {"<sound model='sb16'>%s</sound>", "isa"},
    {"<sound model='usb'>%s</sound>", "usb"},
    {"<sound model='ac97'>%s</sound>", "pci"},
    {"<sound model='pcspk'>%s</sound>", ANYWHERE},
    {("<hostdev mode='subsystem' type='usb'><source><vendor id='0x1234'/><product id='0x5678'/>"
      "</source>%s</hostdev>"),
     "usb"},
    {("<hostdev mode='subsystem' type='pci'><source><address bus='6' slot='2' function='0'/>"
      "</source>%s</hostdev>"),
     "pci unassigned"},
    {("<hostdev mode='subsystem' type='scsi_host'><source protocol='vhost' "
      "wwpn='naa.5123456789abcde0'/>%s</hostdev>"),
     "pci"},
    {("<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address "
      "uuid='90c6c135-ad44-41d0-b1b7-bae47de48627'/></source>%s</hostdev>"),
     "pci"},
    {"<video><model type='cirrus'/>%s</video>", "pci"},
    {"<video><model type='ramfb'/>%s</video>", NOWHERE},
    {"<controller type='scsi' model='virtio-scsi'>%s</controller>", ON_VIRTIO},
    {"<controller type='scsi' model='lsilogic'>%s</controller>", "pci"},
    {"<controller type='usb' index='1' model='nec-xhci'>%s</controller>", "pci"},
    {"<controller type='ccid'>%s</controller>", "usb"},
    {"<controller type='fdc'>%s</controller>", ANYWHERE},
    {"<smartcard mode='host'>%s</smartcard>", "ccid"},
    {"<serial type='pty'>%s</serial>", "isa"},
    {"<serial type='pty'><target type='pci-serial'/>%s</serial>", "pci"},
    {"<parallel type='pty'>%s</parallel>", ANYWHERE},
    {"<channel type='pty'><target type='virtio' name='a'/>%s</channel>", "virtio-serial"},
    {"<channel type='pty'><target type='guestfwd' address='10.0.2.1' port='46'/>%s</channel>",
     ANYWHERE},
    {"<console type='pty'><target type='virtio'/>%s</console>", "virtio-serial"},
    {"<input type='keyboard' bus='ps2'>%s</input>", ANYWHERE},
    {"<input type='tablet' bus='usb'>%s</input>", "usb"},
    {"<input type='tablet' bus='virtio'>%s</input>", ON_VIRTIO},
    {"<filesystem type='mount'><source dir='/d'/><target dir='d'/>%s</filesystem>", ON_VIRTIO},
    {"<tpm model='tpm-crb'><backend type='emulator'/>%s</tpm>", NOWHERE},
    {"<tpm model='tpm-tis'><backend type='emulator'/>%s</tpm>", "isa"},
    {"<memballoon model='virtio'>%s</memballoon>", ON_VIRTIO},
    {"<watchdog model='i6300esb'>%s</watchdog>", "pci"},
    {"<watchdog model='ib700'>%s</watchdog>", NOWHERE},
    {"<hub type='usb'>%s</hub>", "usb"},
    {"<redirdev bus='usb' type='pty'>%s</redirdev>", "usb"},
    {"<rng model='virtio'><backend model='random'/>%s</rng>", ON_VIRTIO},
    {"<shmem name='a'><model type='ivshmem-plain'/>%s</shmem>", "pci"},
    {"<panic model='isa'>%s</panic>", "isa"},
    {"<panic model='hyperv'>%s</panic>", NOWHERE},
    {"<vsock><cid address='4'/>%s</vsock>", ON_VIRTIO},
    {"<crypto model='virtio' type='qemu'><backend model='builtin'/>%s</crypto>", ON_VIRTIO},
};

static const struct {
    const char *kind;
    const char *address;
} spots[] = {
    {"pci", "<address type='pci' slot='9' function='0'/>"},
    {"drive", "<address type='drive' controller='0' bus='0' target='0' unit='0'/>"},
    {"virtio-serial", "<address type='virtio-serial' controller='0' bus='0' port='5'/>"},
    {"ccid", "<address type='ccid' controller='0' slot='0'/>"},
    {"usb", "<address type='usb' bus='0' port='1'/>"},
    {"vio", "<address type='spapr-vio' reg='0x7000'/>"},
    {"isa", "<address type='isa' iobase='0x3f8' irq='4'/>"},
    {"dimm", "<address type='dimm' slot='0'/>"},
    {"mmio", "<address type='virtio-mmio'/>"},
    {"unassigned", "<address type='unassigned'/>"},
};

static void
test_addresses(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(placed); i++) {
        g_auto(GStrv) kinds = g_strsplit(placed[i].kinds, " ", -1);
        g_auto(GStrv) around = g_strsplit(placed[i].device, "%s", 2);

        for (gsize j = 0; j < G_N_ELEMENTS(spots); j++) {
            g_autofree char *text = g_strdup_printf(
                "<domain type='qemu'><name>a</name><memory>65536</memory><os><type arch='x86_64' "
                "machine='pc'>hvm</type></os><devices>%s%s%s</devices></domain>",
                around[0], spots[j].address, around[1]);
            g_autoptr(GError) error = NULL;
            g_autoptr(VirDomainDef) def G_GNUC_UNUSED = parse_domain(text, "a.xml", caps, &error);
            gboolean refused = error && strstr(error->message, "address");

            g_test_message("%s: %s", text, error ? error->message : "");
            g_assert_cmpint(refused, !=,
                            g_strv_contains((const char *const *)kinds, spots[j].kind));
        }
    }
}

/* The QEMU of the expectations has KVM. */
static void
test_no_kvm(void)
{
    static const char text[] = "<domain type='kvm'><name>bad</name><memory>1024</memory><os>"
                               "<type arch='x86_64' machine='pc'>hvm</type></os></domain>";
    g_autoptr(GError) error = NULL;
    g_autoptr(VirDomainDef) def = NULL;
    g_autofree char *why = NULL;

    caps->kvm = FALSE;
    def = parse_domain(text, "bad.xml", caps, &error);
    caps->kvm = TRUE;
    g_assert_null(def);
    why = vir_error_text(error);
    g_assert_nonnull(strstr(why, "cannot use KVM on this host"));
}

/* The expectations are those of one host; labels and TPMs are refused as the daemon does it. */
static void
make_env(void)
{
    VirQemuEnv real;

    vir_qemu_env_host(&real, &conf, TRUE);
    env = real;
    vir_qemu_env_clear(&env);
    pretend_host_fill(&env);
    env.open_tpm = real.open_tpm;
    env.start_tpm = real.start_tpm;
    env.can_label = real.can_label;
}

int
main(int argc, char **argv)
{
    static const char *const folders[] = {"argv",         "argv-aarch64",     "argv-ppc64",
                                          "argv-riscv64", "argv-loongarch64", "argv-s390x"};
    g_autofree char *main_caps = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    main_caps = argv_path("qemu.caps");
    caps = read_caps(main_caps);
    all_caps =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)vir_qemu_caps_unref);
    g_assert_true(vir_qemu_conf_load(&conf, "/nonexistent/qemu.conf", NULL));
    g_free(conf.nbd_tls.dir);
    conf.nbd_tls.dir = g_strdup("/certificates");
    make_env();
    firmware = firmware_dirs();
    env.firmware_dirs = (const char *const *)firmware;
    paths = g_ptr_array_new_with_free_func(g_free);
    g_test_add_func("/argv/no-kvm", test_no_kvm);
    g_test_add_func("/argv/start-lacks", test_start_lacks);
    g_test_add_func("/argv/passed-over", test_passed_over);
    g_test_add_func("/argv/completed-cards", test_completed_cards);
    g_test_add_func("/argv/addresses", test_addresses);
    g_test_add_func("/argv/ports-of-new", test_ports_of_new);
    g_test_add_func("/argv/cells-of-new", test_cells_of_new);
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        each_document(folders[i], "document", test_document, FALSE);
        each_document(folders[i], "stable", test_stable, FALSE);
    }
    each_document("start", "stable-start", test_stable, FALSE);
    each_document("start", "start", test_start, TRUE);
    status = g_test_run();
    vir_qemu_caps_unref(caps);
    g_hash_table_unref(all_caps);
    vir_qemu_env_clear(&env);
    vir_qemu_conf_clear(&conf);
    g_strfreev(firmware);
    g_ptr_array_unref(paths);
    return status;
}
