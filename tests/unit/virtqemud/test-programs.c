/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firmware-descriptor.h"
#include "qemu-env.h"
#include "vir-domain-caps.h"
#include "vir-error.h"
#include "vir-qemu-probe.h"
#include "vir-xml.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* What is found on a host: emulators, firmware, programs of TPMs. */

/* $PATH is one folder with @names (of programs that say @says), for the life of a test. */
static char *
install(const char *const *names, const char *says)
{
    g_autofree char *dir = g_dir_make_tmp("programs-XXXXXX", NULL);

    for (; *names; names++) {
        g_autofree char *path = g_build_filename(dir, *names, NULL);
        g_autofree char *text = g_strdup_printf("#!/bin/sh\necho '%s'\n", says);

        g_assert_true(
            g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
    }
    g_setenv("PATH", dir, TRUE);
    return g_steal_pointer(&dir);
}

static void
uninstall(char *folder)
{
    g_autofree char *path = folder;
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);

        g_assert_cmpint(unlink(file), ==, 0);
    }
    g_assert_cmpint(rmdir(path), ==, 0);
}

static void
check_emulator(const char *host, const char *guest, const char *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = vir_caps_find_emulator(host, guest, &error);
    g_autofree char *name = path ? g_path_get_basename(path) : NULL;

    /* A host may have an emulator outside of $PATH. */
    if (!wanted && !g_strcmp0(path, "/usr/libexec/qemu-kvm"))
        return;
    g_assert_cmpstr(name, ==, wanted);
    if (!wanted)
        g_assert_error(error, VIR_ERROR, VIR_ERR_CONFIG_UNSUPPORTED);
}

static void
test_emulators(void)
{
    char *dir = install((const char *const[]){"qemu-system-x86_64", "qemu-system-aarch64",
                                              "qemu-system-arm", "qemu-system-ppc64", NULL},
                        "");

    check_emulator("x86_64", "x86_64", "qemu-system-x86_64");
    check_emulator("x86_64", "i686", "qemu-system-x86_64");
    check_emulator("aarch64", "i686", NULL);
    check_emulator("x86_64", "armv7l", "qemu-system-arm");
    check_emulator("aarch64", "armv7l", "qemu-system-aarch64");
    check_emulator("aarch64", "armv6l", "qemu-system-arm");
    check_emulator("s390x", "ppc64le", "qemu-system-ppc64");
    check_emulator(NULL, "s390x", NULL);
    uninstall(dir);
    dir = install((const char *const[]){"qemu-system-i386", "qemu-system-x86_64",
                                        "qemu-system-ppc64", "qemu-system-ppc64le", NULL},
                  "");
    check_emulator("x86_64", "i686", "qemu-system-i386");
    check_emulator("ppc64le", "ppc64le", "qemu-system-ppc64le");
    check_emulator("ppc64le", "ppc64", "qemu-system-ppc64");
    uninstall(dir);
}

static void
test_native(void)
{
    VirQemuCaps caps = {.arch = (char *)"aarch64"};

    g_assert_true(vir_qemu_is_native("x86_64", "i686"));
    g_assert_false(vir_qemu_is_native("i686", "x86_64"));
    g_assert_true(vir_qemu_is_native("ppc64le", "ppc64"));
    g_assert_false(vir_qemu_is_native(NULL, "ppc64"));
    g_assert_true(vir_qemu_caps_runs(&caps, "armv7l"));
    g_assert_true(vir_qemu_caps_runs(&caps, "aarch64"));
    g_assert_false(vir_qemu_caps_runs(&caps, "armv6l"));
}

/* Versions are what swtpm_setup says of itself; without all of its programs there is none. */
static void
test_tpm(void)
{
    VirQemuConf conf = {0};
    VirQemuEnv env;
    char *dir;

    vir_qemu_env_host(&env, &conf, FALSE);
    dir = install((const char *const[]){"swtpm", "swtpm_setup", "swtpm_ioctl", NULL},
                  "{\"type\": \"swtpm_setup\", \"features\": [\"cmdarg-x\", \"tpm-2.0\", 7]}");
    g_assert_true(env.has_tpm_version(&env, NULL));
    g_assert_true(env.has_tpm_version(&env, "2.0"));
    g_assert_false(env.has_tpm_version(&env, "1.2"));
    uninstall(dir);
    dir = install((const char *const[]){"swtpm", "swtpm_setup", "swtpm_ioctl", NULL}, "usage: [");
    g_assert_true(env.has_tpm_version(&env, NULL));
    g_assert_false(env.has_tpm_version(&env, "2.0"));
    uninstall(dir);
    dir = install((const char *const[]){"swtpm", "swtpm_setup", NULL},
                  "{\"features\": [\"tpm-2.0\"]}");
    g_assert_false(env.has_tpm_version(&env, NULL));
    g_assert_false(env.has_tpm_version(&env, "2.0"));
    uninstall(dir);
    vir_qemu_env_clear(&env);
}

/* ---- documents of domain capabilities ---- */

typedef struct {
    VirQemuCaps *caps;
    VirQemuConf conf;
    VirQemuEnv env;
    VirDomainCapsAsk ask;
} Fixture;

static void
add_machine(VirQemuCaps *caps, const char *name)
{
    VirQemuMachine *machine = g_new0(VirQemuMachine, 1);

    machine->name = g_strdup(name);
    g_ptr_array_add(caps->machines, machine);
}

static void
set_up(Fixture *f, gconstpointer arch)
{
    *f = (Fixture){.caps = vir_qemu_caps_new("/bin/qemu"), .env = {.host_arch = "x86_64"}};
    vir_qemu_caps_set_arch(f->caps, arch);
    f->env.conf = &f->conf;
    f->ask = (VirDomainCapsAsk){.caps = f->caps, .env = &f->env};
}

static void
tear_down(Fixture *f, gconstpointer arch)
{
    vir_qemu_caps_unref(f->caps);
}

static void
check_document(Fixture *f, const char *machine, const char *there, const char *not_there)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    f->ask.machine = machine;
    text = vir_domain_caps_xml(&f->ask, &error);
    g_assert_no_error(error);
    g_test_message("%s", text);
    if (there)
        g_assert_nonnull(strstr(text, there));
    if (not_there)
        g_assert_null(strstr(text, not_there));
}

static void
test_boards(Fixture *f, gconstpointer arch)
{
    static const char ps2[] = "<ps2 supported='yes'/>";

    f->caps->flags[VIR_QEMU_CAPS_MACHINE_I8042_OPT] = TRUE;
    add_machine(f->caps, "pc-q35-9.0");
    add_machine(f->caps, "pc-i440fx-9.0");
    add_machine(f->caps, "isapc");
    add_machine(f->caps, "microvm");
    check_document(f, "pc-q35-9.0", ps2, NULL);
    check_document(f, "pc-i440fx-9.0", ps2, NULL);
    check_document(f, "isapc", ps2, NULL);
    check_document(f, "microvm", "<value>fdc</value>", ps2);
}

static void
test_pseries(Fixture *f, gconstpointer arch)
{
    add_machine(f->caps, "pseries-9.0");
    add_machine(f->caps, "powernv9");
    check_document(f, "pseries-9.0", "<value>cdrom</value>", "<value>floppy</value>");
    check_document(f, "pseries-9.0", NULL, "<value>fdc</value>");
    check_document(f, "powernv9", "<value>floppy</value>", NULL);
}

/* A processor is the host's only for guests that it runs itself. */
static void
test_foreign(Fixture *f, gconstpointer arch)
{
    static const char none[] = "<mode name='host-model' supported='no'/>";

    f->env.host_cpu = vir_cpu_new("x86_64", TRUE);
    f->env.host_cpu->def->model = g_strdup("qemu64");
    add_machine(f->caps, "pc-q35-9.0");
    check_document(f, "pc-q35-9.0", "<mode name='host-model' supported='yes'>", none);
    f->env.host_arch = "s390x";
    check_document(f, "pc-q35-9.0", none, NULL);
    vir_cpu_free(f->env.host_cpu);
}

static void
test_loaders(Fixture *f, gconstpointer arch)
{
    static const char format[] =
        "{\"interface-types\": [\"uefi\"], \"mapping\": {\"device\": \"memory\", \"filename\": "
        "\"%s\"}, \"targets\": [{\"architecture\": \"x86_64\", \"machines\": [\"pc-q35-*\"]}], "
        "\"features\": [], \"tags\": []}";
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)vir_firmware_free);
    char *dir = install((const char *const[]){"a.fd", "b.fd", NULL}, "");
    g_autofree char *a = g_build_filename(dir, "a.fd", NULL);
    g_autofree char *b = g_build_filename(dir, "b.fd", NULL);
    g_autofree char *pair = g_strconcat(b, ":/vars", NULL);
    g_autofree char *once = g_strdup_printf("<loader supported='yes'>\n      <value>%s</value>\n"
                                            "      <enum",
                                            a);
    g_autofree char *other = g_strdup_printf("<loader supported='yes'>\n      <value>%s</value>\n"
                                             "      <enum",
                                             b);
    const char *const files[] = {a, "/nonesuch/c.fd", a};

    f->conf.firmware_pairs = (char *[]){pair, (char *)"/nonesuch/d.fd:/vars", NULL};
    add_machine(f->caps, "pc-q35-9.0");
    add_machine(f->caps, "isapc");
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *text = g_strdup_printf(format, files[i]);

        g_ptr_array_add(list, vir_firmware_parse(text, strlen(text), "x.json", NULL));
        g_assert_nonnull(list->pdata[i]);
    }
    f->ask.firmware = list;
    check_document(f, "pc-q35-9.0", once, "nonesuch");
    check_document(f, "isapc", other, "nonesuch");
    uninstall(dir);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/programs/emulators", test_emulators);
    g_test_add_func("/programs/native", test_native);
    g_test_add_func("/programs/tpm", test_tpm);
    g_test_add("/programs/boards", Fixture, "x86_64", set_up, test_boards, tear_down);
    g_test_add("/programs/pseries", Fixture, "ppc64", set_up, test_pseries, tear_down);
    g_test_add("/programs/foreign", Fixture, "x86_64", set_up, test_foreign, tear_down);
    g_test_add("/programs/loaders", Fixture, "x86_64", set_up, test_loaders, tear_down);
    return g_test_run();
}
