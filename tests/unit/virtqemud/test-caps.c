/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expect.h"
#include "off-main.h"
#include "tree.h"
#include "vir-domain-caps.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-host-caps.h"
#include "vir-qemu-cpu-model.h"
#include "vir-qemu-parse.h"
#include "vir-qemu-probe.h"
#include "vir-qemu-xml.h"
#include <string.h>
#include <sys/stat.h>

static char *
source_path(const char *name)
{
    return g_test_build_filename(G_TEST_DIST, "unit", "virtqemud", "caps", name, NULL);
}

static void
test_replay(void)
{
    g_autofree char *path = source_path("two-sessions.replies");
    g_autoptr(GError) error = NULL;
    g_autoptr(VirQemuCaps) caps = vir_qemu_probe_replay("/bin/qemu", path, &error);
    const VirQemuMachine *machine;
    const VirQemuCpu *cpu;

    g_assert_no_error(error);
    g_assert_cmpint(caps->version, ==, 7002003);
    g_assert_cmpstr(caps->arch, ==, "x86_64");
    g_assert_true(caps->kvm);
    g_assert_cmpint(caps->machines->len, ==, 2);
    machine = vir_qemu_caps_machine(caps, "pc");
    g_assert_cmpstr(machine->name, ==, "pc-i440fx-7.2");
    g_assert_cmpint(machine->max_cpus, ==, 255);
    g_assert_true(machine == vir_qemu_caps_machine(caps, NULL));
    g_assert_null(vir_qemu_caps_machine(caps, "none"));
    g_assert_true(vir_qemu_caps_has_type(caps, "virtio-net-pci"));
    g_assert_false(vir_qemu_caps_has_type(caps, "qxl"));
    g_assert_true(vir_qemu_caps_has_type(caps, "no-flag-tells-of-this"));
    g_assert_true(vir_qemu_caps_has(caps, VIR_QEMU_CAPS_KVM));
    g_assert_true(vir_qemu_caps_has(caps, VIR_QEMU_CAPS_VIRTIO_BLK_QUEUE_SIZE)); /* property */
    g_assert_true(vir_qemu_caps_has(caps, VIR_QEMU_CAPS_DEVICE_JSON));           /* $feature */
    g_assert_true(vir_qemu_caps_has(caps, VIR_QEMU_CAPS_NETDEV_JSON));           /* ^value */
    g_assert_true(vir_qemu_caps_has(caps, VIR_QEMU_CAPS_MACHINE_HPET));          /* option */
    g_assert_false(vir_qemu_caps_has(caps, VIR_QEMU_CAPS_CHARDEV_RECONNECT_MILISECONDS));
    g_assert_cmpint(caps->cpus[VIR_QEMU_NATIVE]->len, ==, 1);
    cpu = caps->cpus[VIR_QEMU_TCG]->pdata[0];
    g_assert_cmpstr(cpu->name, ==, "Skylake");
    g_assert_cmpint(cpu->usable, ==, 0);
    g_assert_cmpstr(cpu->blockers[0], ==, "avx512");
}

static void
test_replay_bad(void)
{
    static const char *const texts[] = {
        "", "}", "[1]", "{\"execute\": \"query-version\"}",
        "{\"execute\": \"query-version\"} {\"return\": {\"qemu\": {\"major\": 5}}}"};
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("replies-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_true(g_file_set_contents(path, texts[i], -1, NULL));
        g_assert_null(vir_qemu_probe_replay("/bin/qemu", path, &error));
        g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_FAILED);
    }
    unlink(path);
}

static void
test_round_trip(void)
{
    static const VirQemuCapsMaker nobody;
    g_autofree char *path = source_path("two-sessions.replies");
    g_autoptr(VirQemuCaps) caps = vir_qemu_probe_replay("/bin/qemu", path, NULL);
    g_autofree char *one = vir_qemu_caps_format(caps, &nobody);
    g_autoptr(VirQemuCaps) again = vir_qemu_caps_load(one, strlen(one), "test", NULL);
    g_autofree char *two = vir_qemu_caps_format(again, &nobody);
    g_autoptr(GError) error = NULL;
    static const char *const bad[] = {"", "<qemuCaps/>", "<qemuCaps><version>1",
                                      "<qemuCaps><emulator>x</emulator></qemuCaps>"};

    g_assert_cmpstr(one, ==, two);
    g_assert_true(again->kvm);
    g_assert_cmpint(again->cpus[VIR_QEMU_NATIVE]->len, ==, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_null(vir_qemu_caps_load(bad[i], strlen(bad[i]), "bad", &error));
        g_assert_nonnull(error);
        g_clear_error(&error);
    }
}

/* What a document of the cache has, word for word. */
static void
test_document(void)
{
    static const VirQemuCapsMaker nobody;
    g_autofree char *replies = source_path("amd.replies");
    g_autofree char *base = source_path("amd");
    g_autofree char *got = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VirQemuCaps) caps = vir_qemu_probe_replay("/bin/qemu", replies, &error);

    g_assert_no_error(error);
    got = vir_qemu_caps_format(caps, &nobody);
    expect(base, ".xml", NULL, got);
}

/* A stand-in for QEMU: a program that counts its runs and says what is wrong. */
static char *
make_program(const char *dir, const char *text)
{
    char *path = g_build_filename(dir, "qemu-system-fake", NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_no_errno(chmod(path, 0755));
    return path;
}

static void
test_bad_emulators(void)
{
    g_autofree char *dir = g_dir_make_tmp("caps-XXXXXX", NULL);
    g_autoptr(VirCapsCache) cache = vir_caps_cache_new(dir, NULL);
    g_autofree char *path = make_program(dir, "#!/bin/sh\necho no such machine >&2\nexit 1\n");
    g_autoptr(GError) error = NULL;

    g_assert_null(vir_caps_cache_get(cache, path, &error));
    g_assert_nonnull(strstr(error->message, "no such machine"));
    g_assert_nonnull(strstr(error->message, path));
    g_assert_null(vir_caps_cache_peek(cache, path));
    g_clear_error(&error);
    g_assert_null(vir_caps_cache_get(cache, dir, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_CONFIG_UNSUPPORTED);
    g_clear_error(&error);
    g_assert_null(vir_caps_cache_get(cache, "/nowhere/qemu", &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
    unlink(path);
    rmdir(dir);
}

typedef struct {
    VirCapsCache *cache;
    const char *path;
} Asker;

static void *
ask(void *data)
{
    Asker *asker = data;
    g_autoptr(GError) error = NULL;
    VirQemuCaps *caps = vir_caps_cache_get(asker->cache, asker->path, &error);

    g_assert_no_error(error);
    return caps;
}

static char *
only_file(const char *dir)
{
    g_autoptr(GDir) handle = g_dir_open(dir, 0, NULL);
    const char *name = g_dir_read_name(handle);

    g_assert_nonnull(name);
    g_assert_null(g_dir_read_name(handle));
    return g_build_filename(dir, name, NULL);
}

/* Real QEMU through a wrapper that counts how often it is started. */
static void
test_real(void)
{
    g_autofree char *emulator = vir_caps_find_emulator("x86_64", "x86_64", NULL);
    g_autofree char *dir = g_dir_make_tmp("caps-XXXXXX", NULL);
    g_autofree char *kept = g_build_filename(dir, "cache", NULL);
    g_autofree char *count = g_build_filename(dir, "count", NULL);
    g_autofree char *script = NULL;
    g_autofree char *path = NULL;
    g_autofree char *file = NULL;
    g_autofree char *runs = NULL;
    VirCapsCache *cache = vir_caps_cache_new(kept, NULL);
    Asker asker = {cache, NULL};
    pthread_t threads[4];
    VirQemuCaps *caps[4];
    gsize len = 0;

    if (!emulator) {
        vir_caps_cache_free(cache);
        rmdir(dir);
        g_test_skip("no qemu-system-x86_64");
        return;
    }
    script = g_strdup_printf("#!/bin/sh\necho run >> %s\nexec %s \"$@\"\n", count, emulator);
    asker.path = path = make_program(dir, script);
    for (int i = 0; i < 4; i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, ask, &asker), ==, 0);
    for (int i = 0; i < 4; i++) {
        void *got = NULL;

        pthread_join(threads[i], &got);
        caps[i] = got;
        g_assert_true(caps[i] == caps[0]);
    }
    g_assert_cmpstr(caps[0]->arch, ==, "x86_64");
    g_assert_false(caps[0]->kvm);
    g_assert_nonnull(vir_qemu_caps_machine(caps[0], "q35"));
    g_assert_true(vir_qemu_caps_has(caps[0], VIR_QEMU_CAPS_DEVICE_JSON));
    g_assert_true(vir_qemu_caps_has(caps[0], VIR_QEMU_CAPS_VIRTIO_BLK_QUEUE_SIZE));
    g_assert_true(vir_qemu_caps_has(caps[0], VIR_QEMU_CAPS_MACHINE_I8042_OPT) ==
                  (caps[0]->version >= 7000000));
    for (int i = 0; i < 4; i++)
        vir_qemu_caps_unref(caps[i]);

    /* A new daemon takes what is kept; what is damaged is asked for again. */
    vir_caps_cache_free(cache);
    asker.cache = cache = vir_caps_cache_new(kept, NULL);
    vir_qemu_caps_unref(ask(&asker));
    g_assert_true(g_file_get_contents(count, &runs, &len, NULL));
    g_assert_cmpint(len, ==, strlen("run\n"));
    vir_caps_cache_free(cache);
    file = only_file(kept);
    g_free(runs);
    g_assert_true(g_file_get_contents(file, &runs, &len, NULL));
    runs[len / 2] ^= 1;
    g_assert_true(g_file_set_contents(file, runs, (gssize)len, NULL));
    asker.cache = cache = vir_caps_cache_new(kept, NULL);
    vir_qemu_caps_unref(ask(&asker));
    g_free(runs);
    g_assert_true(g_file_get_contents(count, &runs, &len, NULL));
    g_assert_cmpint(len, ==, 2 * strlen("run\n"));
    vir_caps_cache_free(cache);
    unlink(file);
    rmdir(kept);
    unlink(count);
    unlink(path);
    rmdir(dir);
}

/* The documents name the emulators that are there and parse again. */
static void
test_documents(void)
{
    g_autofree char *emulator = vir_caps_find_emulator("x86_64", "x86_64", NULL);
    g_autofree char *dir = g_dir_make_tmp("caps-XXXXXX", NULL);
    g_autoptr(VirCapsCache) cache = vir_caps_cache_new(dir, NULL);
    g_autoptr(VirHost) host = vir_host_new(NULL);
    g_autoptr(VirQemuCaps) caps = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *one = NULL;
    g_autofree char *two = NULL;
    VirQemuConf conf = {0};
    VirQemuEnv env = {.conf = &conf, .host_arch = "x86_64"};
    VirDomainCapsAsk ask = {.env = &env};

    if (emulator) {
        one = vir_host_caps_xml(host, cache, &error);
        g_assert_no_error(error);
        g_test_message("%s", one);
        g_assert_nonnull(strstr(one, "<arch name='x86_64'>"));
        g_assert_nonnull(strstr(one, emulator));
        g_assert_nonnull(strstr(one, "<domain type='qemu'/>"));
        caps = vir_caps_cache_get(cache, emulator, NULL);
        ask.caps = caps;
        ask.machine = "q35";
        two = vir_domain_caps_xml(&ask, &error);
        g_assert_no_error(error);
        g_test_message("%s", two);
        g_assert_nonnull(strstr(two, "<machine>pc-q35-"));
        g_assert_nonnull(strstr(two, "<domain>qemu</domain>"));
        ask.machine = "vax";
        g_assert_null(vir_domain_caps_xml(&ask, &error));
        g_assert_error(error, VIR_ERROR, VIR_ERR_INVALID_ARG);
    } else {
        g_test_skip("no qemu-system-x86_64");
    }
    tree_remove(dir);
}

/** Caches and speeds of memory, in the words of the kernel's sysfs. */
static void
test_memory(void)
{
    static const char *const files[][2] = {
        {"cpu/present", "0-1"},
        {"cpu/online", "0-1"},
        {"node/online", "0,2,10"},
        {"node/node0/cpulist", "0"},
        {"node/node0/access1/initiators/node0", ""},
        {"node/node0/access1/initiators/read_bandwidth", "100"},
        {"node/node0/access1/initiators/read_latency", "5"},
        {"node/node0/access1/initiators/write_latency", "7"},
        {"node/node0/memory_side_cache/index2/indexing", "1"},
        {"node/node0/memory_side_cache/index2/write_policy", "1"},
        {"node/node0/memory_side_cache/index2/size", "20480"},
        {"node/node0/memory_side_cache/index2/line_size", "128"},
        {"node/node0/memory_side_cache/index1/indexing", "0"},
        {"node/node0/memory_side_cache/index1/write_policy", "0"},
        {"node/node0/memory_side_cache/index1/size", "10240"},
        {"node/node0/memory_side_cache/index1/line_size", "64"},
        {"node/node10/cpulist", "1"},
        {"node/node10/access1/initiators/node10", ""},
        {"node/node10/access1/initiators/node0", ""},
        {"node/node10/access1/initiators/write_bandwidth", "2"},
        {"node/node10/access1/initiators/write_latency", "9"},
        {"node/node10/memory_side_cache/index1/indexing", "2"},
        {"node/node2/access1/initiators/node10", ""},
        {"node/node2/access1/initiators/read_latency", "8"},
    };
    g_autofree char *root = g_dir_make_tmp("caps-XXXXXX", NULL);
    g_autofree char *base = source_path("memory");
    g_autoptr(VirCapsDef) def = vir_caps_def_new();
    g_autoptr(VirHost) host = vir_host_new(root);
    g_autoptr(VirHostTopology) topology = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename("sys/devices/system", files[i][0], NULL);

        tree_write(root, path, files[i][1]);
    }
    topology = vir_host_topology(host, &error);
    g_assert_no_error(error);
    vir_host_caps_fill_topology(&def->host, host, topology);
    text = vir_host_caps_format(def, &error);
    g_assert_no_error(error);
    expect(base, ".xml", NULL, text);
    tree_remove(root);
}

static void
test_default_machine(void)
{
    static const struct {
        const char *arch, *reply, *name;
    } cases[] = {
        {"x86_64", "[{\"name\": \"a\"}, {\"name\": \"b\", \"is-default\": true}]", "b"},
        {"aarch64", "[{\"name\": \"a\"}, {\"name\": \"virt-9.0\", \"alias\": \"virt\"}]",
         "virt-9.0"},
        {"riscv64", "[{\"name\": \"spike\", \"is-default\": true}, {\"name\": \"virt\"}]", "virt"},
        {"m68k", "[{\"name\": \"sim\", \"is-default\": true}, {\"name\": \"virt\"}]", "sim"},
        {"sparc", "[{\"name\": \"a\"}, {\"name\": \"b\"}]", "a"},
        {"sparc", "[{\"name\": \"none\", \"is-default\": true}]", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VirQemuCaps) caps = vir_qemu_caps_new("/bin/qemu");
        json_object *reply = json_tokener_parse(cases[i].reply);
        const VirQemuMachine *found;

        g_test_message("%s", cases[i].reply);
        vir_qemu_caps_set_arch(caps, cases[i].arch);
        vir_qemu_parse_machines(caps, reply);
        found = vir_qemu_caps_machine(caps, NULL);
        g_assert_cmpstr(found ? found->name : NULL, ==, cases[i].name);
        json_object_put(reply);
    }
}

/* Models are offered where processors can be chosen among. */
static void
test_custom_models(void)
{
    static const struct {
        const char *arch;
        gboolean custom;
    } cases[] = {{"aarch64", TRUE}, {"ppc", FALSE}, {"sparc", FALSE}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VirQemuCaps) caps = vir_qemu_caps_new("/bin/qemu");
        json_object *machines = json_tokener_parse("[{\"name\": \"board\"}]");
        json_object *cpus = json_tokener_parse("[{\"name\": \"one\", \"typename\": \"one-cpu\"}]");
        VirQemuConf conf = {0};
        VirQemuEnv env = {.conf = &conf, .host_arch = "x86_64"};
        VirDomainCapsAsk ask = {.env = &env,
                                .caps = caps,
                                .arch = cases[i].arch,
                                .machine = "board",
                                .virt_type = VIR_DOMAIN_VIRT_TYPE_QEMU};
        g_autoptr(GError) error = NULL;
        g_autofree char *text = NULL;

        vir_qemu_caps_set_arch(caps, cases[i].arch);
        vir_qemu_parse_machines(caps, machines);
        vir_qemu_parse_cpus(caps->cpus[VIR_QEMU_TCG], cases[i].arch, cpus);
        text = vir_domain_caps_xml(&ask, &error);
        g_assert_no_error(error);
        g_assert_nonnull(strstr(text, cases[i].custom ? "<mode name='custom' supported='yes'>"
                                                      : "<mode name='custom' supported='no'/>"));
        json_object_put(machines);
        json_object_put(cpus);
    }
}

/* Which of the answers is that of an architecture. */
static void
test_host_cpu(void)
{
    static const struct {
        const char *arch, *name;
    } cases[] = {{"x86_64", "all"},    {"i686", "all"},     {"s390x", "static"},
                 {"armv7l", "full"},   {"aarch64", "full"}, {"loongarch64", "static"},
                 {"riscv64", "static"}};
    json_object *answers[VIR_QEMU_CPU_N_QUESTIONS];

    answers[VIR_QEMU_CPU_ALL] = json_tokener_parse("{\"model\": {\"name\": \"all\"}}");
    answers[VIR_QEMU_CPU_STATIC] = json_tokener_parse("{\"model\": {\"name\": \"static\"}}");
    answers[VIR_QEMU_CPU_FULL] = json_tokener_parse("{\"model\": {\"name\": \"full\"}}");
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VirQemuCpuModel) model = vir_qemu_cpu_model_parse(cases[i].arch, answers);

        g_assert_cmpstr(model->name, ==, cases[i].name);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++)
        json_object_put(answers[i]);
}

/* /proc/cpuinfo as Linux 6.1 has it on QEMU's processors; the last four as no kernel should. */
#define ARM_CPUINFO(implementer, variant, part)                                                    \
    "processor\t: 0\nBogoMIPS\t: 125.00\nFeatures\t: fp asimd aes\n"                               \
    "CPU implementer\t: " implementer "\nCPU architecture: 8\nCPU variant\t: " variant             \
    "\nCPU part\t: " part "\nCPU revision\t: 1\n"
#define POWER_CPUINFO(revision)                                                                    \
    "processor\t: 0\ncpu\t\t: POWER9 (architected), altivec supported\n"                           \
    "clock\t\t: 1000.000000MHz\nrevision\t: " revision "\n\ntimebase\t: 512000000\n"

static void
test_foreign_hosts(void)
{
    static const struct {
        const char *arch, *cpuinfo, *model, *vendor;
        guint32 version;
    } cases[] = {
        {"aarch64", ARM_CPUINFO("0x41", "0x4", "0xd0c"), "Neoverse-N1", "ARM", 0x414fd0c1},
        {"aarch64", ARM_CPUINFO("0x41", "0x0", "0xd08"), "cortex-a72", "ARM", 0x410fd081},
        {"armv7l", ARM_CPUINFO("0x43", "0x1", "0x0af"), "ThunderX2 99xx", "Cavium", 0x431f0af1},
        {"aarch64", ARM_CPUINFO("0x46", "0x1", "0x001"), "a64fx", "Fujitsu", 0x461f0011},
        {"ppc64le", POWER_CPUINFO("2.2 (pvr 004e 1202)"), "POWER9", "IBM", 0x004e1202},
        {"ppc64", POWER_CPUINFO("2.0 (pvr 004d 0200)"), "POWER8", "IBM", 0x004d0200},
        {"aarch64", ARM_CPUINFO("0x41", "0x0", "0x0af"), NULL, NULL, 0x410f0af1},
        {"ppc64", POWER_CPUINFO("2.0 (pvr 00ff 0200)"), NULL, NULL, 0x00ff0200},
        {"ppc64", POWER_CPUINFO("2.0 (pvr 004d)"), NULL, NULL, 0},
        {"s390x", "vendor_id\t: IBM/S390\nfeatures\t: esan3 zarch\n", NULL, NULL, 0},
    };
    g_autofree char *root = g_dir_make_tmp("caps-XXXXXX", NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VirHost) host = vir_host_new(root);
        g_auto(GStrv) flags = NULL;
        g_autoptr(VirCpu) cpu = NULL;

        tree_write(root, "proc/cpuinfo", cases[i].cpuinfo);
        g_assert_cmphex(vir_host_cpu_version(host, &flags), ==, cases[i].version);
        cpu = vir_host_caps_cpu(host, cases[i].arch);
        g_assert_cmpstr(cpu ? cpu->def->model : NULL, ==, cases[i].model);
        g_assert_cmpstr(cpu ? cpu->def->vendor : NULL, ==, cases[i].vendor);
        if (cpu)
            g_assert_cmpuint(cpu->def->n_features, ==, flags ? 3 : 0);
    }
    tree_remove(root);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/caps/replay", test_replay);
    g_test_add_func("/caps/default-machine", test_default_machine);
    g_test_add_func("/caps/custom-models", test_custom_models);
    g_test_add_func("/caps/host-cpu", test_host_cpu);
    g_test_add_func("/caps/foreign-hosts", test_foreign_hosts);
    g_test_add_func("/caps/replay-bad", test_replay_bad);
    g_test_add_func("/caps/round-trip", test_round_trip);
    g_test_add_func("/caps/document", test_document);
    g_test_add_func("/caps/memory", test_memory);
    off_main_add("/caps/bad-emulators", test_bad_emulators);
    off_main_add("/caps/real", test_real);
    off_main_add("/caps/documents", test_documents);
    return g_test_run();
}
