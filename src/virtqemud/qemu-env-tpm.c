/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-env-host.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-log.h"
#include "vir-spawn.h"
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

VIR_LOG_INIT("qemu.env");

#define SETUP_TIMEOUT_MS 10000
#define SETUP_MAX 65536

/* A TPM runs a command to its end unless a file of the driver is written to. */
static int
open_tpm_cancel(const char *device, GError **error)
{
    static const char *const folders[] = {"/sys/class/misc", "/sys/class/tpm"};
    g_autofree char *name = g_path_get_basename(device);
    int fd = -1;

    for (gsize i = 0; fd < 0 && i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(folders[i], name, "device", "cancel", NULL);

        fd = open(path, O_WRONLY | O_CLOEXEC);
    }
    if (fd < 0)
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                      "the TPM '%s' has no file 'cancel' in /sys/class/misc/%s/device", device,
                      name);
    return fd;
}

static gboolean
open_tpm(const VirQemuEnv *env, const char *path, int fds[2], GError **error)
{
    VIR_AUTOCLOSE device = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (device < 0)
        return vir_error_set_errno(error, errno, "cannot open the TPM '%s'", path);
    fds[1] = open_tpm_cancel(path, error);
    if (fds[1] < 0)
        return FALSE;
    fds[0] = g_steal_fd(&device);
    return TRUE;
}

/* What swtpm_setup says that it can: {"features": ["tpm-2.0", …]}. NULL: it says nothing. */
static json_object *
setup_features(const char *program)
{
    g_autoptr(VirSpawn) spawn = vir_spawn_new(program);
    g_autoptr(GError) error = NULL;
    g_autofree char *out = NULL;
    json_object *said;
    json_object *list = NULL;
    int status = 0;

    vir_spawn_pass_env(spawn, "PATH");
    vir_spawn_add_arg(spawn, "--print-capabilities");
    if (!vir_spawn_run(spawn, SETUP_TIMEOUT_MS, SETUP_MAX, &out, NULL, &status, &error)) {
        vir_debug("%s does not say what it can: %s", program, error->message);
        return NULL;
    }
    said = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? json_tokener_parse(out) : NULL;
    if (json_object_object_get_ex(said, "features", &list))
        json_object_get(list);
    json_object_put(said);
    return list;
}

static gboolean
has_tpm_version(const VirQemuEnv *env, const char *version)
{
    g_autofree char *emulator = g_find_program_in_path("swtpm");
    g_autofree char *control = g_find_program_in_path("swtpm_ioctl");
    g_autofree char *setup = g_find_program_in_path("swtpm_setup");
    g_autofree char *wanted = g_strconcat("tpm-", version, NULL);
    json_object *features;
    gboolean found = FALSE;

    if (!emulator || !control || !setup)
        return FALSE;
    if (!version)
        return TRUE;
    features = setup_features(setup);
    for (size_t i = 0; json_object_is_type(features, json_type_array) && !found &&
                       i < json_object_array_length(features);
         i++) {
        json_object *name = json_object_array_get_idx(features, i);

        found = json_object_is_type(name, json_type_string) &&
                g_str_equal(json_object_get_string(name), wanted);
    }
    json_object_put(features);
    return found;
}

void
vir_qemu_env_tpm(VirQemuEnv *env)
{
    env->open_tpm = open_tpm;
    env->has_tpm_version = has_tpm_version;
}
