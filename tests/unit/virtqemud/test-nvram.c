/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nvram-host.h"
#include "off-main.h"
#include "vir-error.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *dir;
    char *template;
    char *path;
    VirDomainDef *def;
} Scene;

static Scene
make_scene(int format)
{
    Scene scene = {.def = vir_domain_def_new()};

    scene.dir = g_dir_make_tmp("nvram-XXXXXX", NULL);
    scene.template = g_build_filename(scene.dir, "template.fd", NULL);
    scene.path = g_build_filename(scene.dir, "deep", "guest_VARS", NULL);
    g_assert_true(g_file_set_contents(scene.template, "variables", -1, NULL));
    g_assert_no_errno(truncate(scene.template, 1024 * 1024));
    scene.def->os.nvram = g_strdup(scene.path);
    scene.def->os.nvram_template = g_strdup(scene.template);
    scene.def->os.nvram_template_format = VIR_DOMAIN_IMAGE_FORMAT_RAW;
    scene.def->os.nvram_format = format;
    return scene;
}

static void
drop_scene(Scene *scene)
{
    g_autofree char *deep = g_path_get_dirname(scene->path);

    g_unlink(scene->path);
    g_unlink(scene->template);
    g_rmdir(deep);
    g_rmdir(scene->dir);
    g_free(scene->dir);
    g_free(scene->template);
    g_free(scene->path);
    vir_domain_def_free(scene->def);
}

static void
check_start(const char *path, const char *want)
{
    g_autofree char *got = NULL;
    struct stat st;

    g_assert_no_errno(stat(path, &st));
    g_assert_cmpint(st.st_mode & 07777, ==, 0600);
    g_assert_true(g_file_get_contents(path, &got, NULL, NULL));
    g_assert_cmpint(strncmp(got, want, strlen(want)), ==, 0);
}

static void
test_copy(void)
{
    Scene scene = make_scene(VIR_DOMAIN_IMAGE_FORMAT_RAW);
    g_autoptr(GError) error = NULL;

    g_assert_false(vir_qemu_nvram_exists(scene.def));
    g_assert_true(vir_qemu_nvram_make(scene.def, FALSE, &error));
    g_assert_no_error(error);
    g_assert_true(vir_qemu_nvram_exists(scene.def));
    check_start(scene.path, "variables");

    /* What a guest wrote stays, unless it is to be forgotten. */
    g_assert_true(g_file_set_contents(scene.path, "written", -1, NULL));
    g_assert_no_errno(chmod(scene.path, 0600));
    g_assert_true(vir_qemu_nvram_make(scene.def, FALSE, NULL));
    check_start(scene.path, "written");
    g_assert_true(vir_qemu_nvram_make(scene.def, TRUE, NULL));
    check_start(scene.path, "variables");
    g_assert_true(vir_qemu_nvram_remove(scene.def, NULL));
    g_assert_false(vir_qemu_nvram_exists(scene.def));
    drop_scene(&scene);
}

static void
test_convert(void)
{
    Scene scene = make_scene(VIR_DOMAIN_IMAGE_FORMAT_QCOW2);
    g_autofree char *tool = g_find_program_in_path("qemu-img");
    g_autoptr(GError) error = NULL;

    if (tool) {
        g_assert_true(vir_qemu_nvram_make(scene.def, FALSE, &error));
        g_assert_no_error(error);
        check_start(scene.path, "QFI\xfb");
    } else {
        g_test_skip("no qemu-img");
    }
    drop_scene(&scene);
}

static void
test_no_template(void)
{
    Scene scene = make_scene(VIR_DOMAIN_IMAGE_FORMAT_RAW);
    g_autoptr(GError) error = NULL;

    g_unlink(scene.template);
    g_assert_false(vir_qemu_nvram_make(scene.def, FALSE, &error));
    g_assert_nonnull(strstr(error->message, scene.template));
    g_clear_error(&error);
    g_clear_pointer(&scene.def->os.nvram_template, g_free);
    g_assert_false(vir_qemu_nvram_make(scene.def, FALSE, &error));
    g_assert_nonnull(strstr(error->message, "no template"));
    drop_scene(&scene);
}

/* Variables on a server are nobody's file here. */
static void
test_elsewhere(void)
{
    Scene scene = make_scene(VIR_DOMAIN_IMAGE_FORMAT_RAW);

    g_clear_pointer(&scene.def->os.nvram, g_free);
    scene.def->os.nvram_source = vir_domain_nvram_source_new();
    scene.def->os.nvram_source->src.type = VIR_DOMAIN_SOURCE_TYPE_NETWORK;
    g_assert_true(vir_qemu_nvram_make(scene.def, TRUE, NULL));
    g_assert_false(vir_qemu_nvram_exists(scene.def));
    g_assert_true(vir_qemu_nvram_remove(scene.def, NULL));
    drop_scene(&scene);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvram/copy", test_copy);
    off_main_add("/nvram/convert", test_convert);
    g_test_add_func("/nvram/no-template", test_no_template);
    g_test_add_func("/nvram/elsewhere", test_elsewhere);
    return g_test_run();
}
