/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include "argv.h"
#include "override.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-uuid.h"
#include <stdarg.h>
#include <string.h>

#define RUN_NAME_LEN 20 /* a socket's path has little room */

void
vir_argv_add(VirArgv *argv, const char *option, const char *value)
{
    vir_spawn_add_arg(argv->spawn, option);
    if (value)
        vir_spawn_add_arg(argv->spawn, value);
}

void
vir_argv_addf(VirArgv *argv, const char *option, const char *format, ...)
{
    g_autofree char *value = NULL;
    va_list args;

    va_start(args, format);
    value = g_strdup_vprintf(format, args);
    va_end(args);
    vir_argv_add(argv, option, value);
}

void
vir_argv_add_props(VirArgv *argv, const char *option, json_object *props)
{
    gboolean device = g_str_equal(option, "-device");

    if (device)
        vir_override_props(argv->def, props);
    if (device && !vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_DEVICE_JSON)) {
        g_autofree char *text = vir_props_to_text(props);

        vir_argv_add(argv, option, text);
    } else {
        vir_argv_add(argv, option,
                     json_object_to_json_string_ext(props, JSON_C_TO_STRING_PLAIN |
                                                               JSON_C_TO_STRING_NOSLASHESCAPE));
    }
    json_object_put(props);
}

void
vir_argv_add_zpci(VirArgv *argv, const VirDomainDeviceInfo *info)
{
    json_object *zpci = vir_props_zpci(info);

    if (zpci)
        vir_argv_add_props(argv, "-device", zpci);
}

gboolean
vir_argv_add_device(VirArgv *argv, json_object *props, const VirDomainDeviceInfo *info,
                    GError **error)
{
    if (!vir_props_add_info(props, argv->def, info, error)) {
        json_object_put(props);
        return FALSE;
    }
    vir_argv_add_zpci(argv, info);
    vir_argv_add_props(argv, "-device", props);
    return TRUE;
}

gboolean
vir_argv_add_named(VirArgv *argv, json_object *props, const VirDomainDeviceInfo *info,
                   GError **error)
{
    vir_props_add(props, "S:id", info->alias, NULL);
    return vir_argv_add_device(argv, props, info, error);
}

char *
vir_argv_escape(const char *text)
{
    g_autoptr(GString) out = g_string_new(text);

    g_string_replace(out, ",", ",,", 0);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

void
vir_argv_append_onoff(GString *text, const char *key, int value)
{
    if (value != VIR_TRISTATE_ABSENT)
        g_string_append_printf(text, ",%s=%s", key, value == VIR_TRISTATE_ON ? "on" : "off");
}

char *
vir_command_run_name(const VirDomainDef *def)
{
    const char *end = def->name;

    for (int i = 0; i < RUN_NAME_LEN && *end != '\0'; i++)
        end = g_utf8_next_char(end);
    return g_strdup_printf("%d-%.*s", def->has_id ? def->id : -1, (int)(end - def->name),
                           def->name);
}

const char *
vir_command_short_name(const char *lib_dir)
{
    return strrchr(lib_dir, '/') + strlen("/domain-");
}

const char *
vir_argv_short_name(const VirArgv *argv)
{
    return vir_command_short_name(argv->context->lib_dir);
}

gboolean
vir_argv_unsupported(const VirArgv *argv, GError **error, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "domain '%s': %s is not supported yet",
                         argv->def->name, what);
}

/* Kind in <os><boot> that a device answers to; 0 for none. */
static int
boot_kind(const VirArgv *argv, const VirDomainDeviceInfo *info)
{
    const VirDomainDevices *devices = &argv->def->devices;

    for (guint i = 0; i < devices->n_disks; i++) {
        if (&devices->disks[i]->info != info)
            continue;
        if (devices->disks[i]->device == VIR_DOMAIN_DISK_DEVICE_CDROM)
            return VIR_DOMAIN_BOOT_DEVICE_DEV_CDROM;
        return devices->disks[i]->device == VIR_DOMAIN_DISK_DEVICE_FLOPPY
                   ? VIR_DOMAIN_BOOT_DEVICE_DEV_FD
                   : VIR_DOMAIN_BOOT_DEVICE_DEV_HD;
    }
    for (guint i = 0; i < devices->n_interfaces; i++) {
        if (&devices->interfaces[i]->info == info)
            return VIR_DOMAIN_BOOT_DEVICE_DEV_NETWORK;
    }
    return 0;
}

/* Only the first device of a kind is meant by <os><boot>. */
static gboolean
is_first(const VirArgv *argv, const VirDomainDeviceInfo *info, int kind)
{
    const VirDomainDevices *devices = &argv->def->devices;

    if (kind == VIR_DOMAIN_BOOT_DEVICE_DEV_NETWORK)
        return info == &devices->interfaces[0]->info;
    for (guint i = 0; i < devices->n_disks; i++) {
        if (boot_kind(argv, &devices->disks[i]->info) == kind)
            return info == &devices->disks[i]->info;
    }
    return FALSE;
}

guint
vir_argv_bootindex(const VirArgv *argv, const VirDomainDeviceInfo *info, guint order,
                   gboolean has_order)
{
    const VirDomainOs *os = &argv->def->os;
    int kind = boot_kind(argv, info);

    if (has_order)
        return order;
    for (guint i = 0; kind && i < os->n_boot_devices; i++) {
        if (os->boot_devices[i]->dev == kind)
            return is_first(argv, info, kind) ? i + 1 : 0;
    }
    return 0;
}

static void
add_environment(VirArgv *argv)
{
    const char *home = argv->context->lib_dir;
    g_autofree char *data = g_build_filename(home, ".local", "share", NULL);
    g_autofree char *cache = g_build_filename(home, ".cache", NULL);
    g_autofree char *config = g_build_filename(home, ".config", NULL);

    vir_spawn_set_env(argv->spawn, "LC_ALL", "C");
    vir_spawn_pass_env(argv->spawn, "PATH");
    if (argv->env->privileged)
        vir_spawn_set_env(argv->spawn, "HOME", home);
    else
        vir_spawn_pass_env(argv->spawn, "HOME");
    vir_spawn_pass_env(argv->spawn, "USER");
    vir_spawn_pass_env(argv->spawn, "LOGNAME");
    vir_spawn_pass_env(argv->spawn, "TMPDIR");
    vir_spawn_set_env(argv->spawn, "XDG_DATA_HOME", data);
    vir_spawn_set_env(argv->spawn, "XDG_CACHE_HOME", cache);
    vir_spawn_set_env(argv->spawn, "XDG_CONFIG_HOME", config);
}

/* What QEMU does where something deprecated is asked of it. */
static void
add_deprecation(VirArgv *argv)
{
    int own = argv->def->qemu_deprecation;
    const char *behavior =
        own ? vir_domain_qemu_deprecation_to_string(own) : argv->env->conf->deprecation;
    gboolean harsh = !g_strcmp0(behavior, "reject") || !g_strcmp0(behavior, "crash");

    if (behavior == NULL || g_str_equal(behavior, "none"))
        return;
    vir_argv_add_props(argv, "-compat",
                       vir_props_new("s:deprecated-output", "hide", "S:deprecated-input",
                                     harsh ? behavior : NULL, NULL));
}

static void
add_name(VirArgv *argv)
{
    g_autofree char *name = vir_argv_escape(argv->def->name);

    vir_argv_addf(argv, "-name", "guest=%s,debug-threads=on", name);
    add_deprecation(argv);
    vir_argv_add(argv, "-S", NULL);
    if (argv->context->master_key)
        vir_argv_add_props(argv, "-object",
                           vir_props_new("s:qom-type", "secret", "s:id", "masterKey0", "s:format",
                                         "raw", "s:file", argv->context->master_key, NULL));
}

/* The socket is ours, unless the command line is for the eye only. */
static gboolean
add_monitor(VirArgv *argv, GError **error)
{
    g_autofree char *path = g_build_filename(argv->context->lib_dir, "monitor.sock", NULL);
    const VirDomainChardev src = {
        .type = VIR_DOMAIN_CHARDEV_TYPE_UNIX, .mode = VIR_DOMAIN_CHARDEV_MODE_BIND, .path = path};

    if (argv->context->monitor_fd < 0)
        return vir_argv_chardev(argv, &src, "charmonitor", NULL, error);
    vir_argv_chardev_fd(argv, "charmonitor", argv->context->monitor_fd, TRUE);
    return TRUE;
}

static gboolean
add_process(VirArgv *argv, GError **error)
{
    if (argv->def->devices.n_graphics == 0)
        vir_argv_add(argv, "-display", "none");
    vir_argv_add(argv, "-no-user-config", NULL);
    vir_argv_add(argv, "-nodefaults", NULL);
    if (!add_monitor(argv, error))
        return FALSE;
    vir_argv_add(argv, "-mon", "chardev=charmonitor,id=monitor,mode=control");
    return TRUE;
}

static void
add_given(VirArgv *argv)
{
    const VirDomainDef *def = argv->def;

    for (guint i = 0; i < def->n_qemu_envs; i++)
        vir_spawn_set_env(argv->spawn, def->qemu_envs[i]->name,
                          def->qemu_envs[i]->value ? def->qemu_envs[i]->value : "");
    for (guint i = 0; i < def->n_qemu_args; i++)
        vir_argv_add(argv, def->qemu_args[i]->value, NULL);
}

static void
add_sandbox(VirArgv *argv)
{
    if (!vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_SECCOMP_SANDBOX))
        return;
    vir_argv_add(argv, "-sandbox",
                 argv->env->conf->sandbox ? "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
                                            "resourcecontrol=deny"
                                          : "off");
}

static void
add_rest(VirArgv *argv)
{
    int teardown = argv->def->features.async_teardown;

    if (teardown && vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_RUN_WITH_ASYNC_TEARDOWN))
        vir_argv_add(argv, "-run-with",
                     teardown == VIR_TRISTATE_YES ? "async-teardown=on" : "async-teardown=off");
    if (argv->env->conf->log_timestamp)
        vir_argv_add(argv, "-msg", "timestamp=on");
}

typedef gboolean (*VirArgvPart)(VirArgv *argv, GError **error);

/* The order is that of the arguments: buses before devices, backends before what uses them. */
static const VirArgvPart head[] = {
    vir_argv_firmware, vir_argv_machine,  vir_argv_cpu,       vir_argv_loader,
    vir_argv_memory,   vir_argv_smp,      vir_argv_iothreads, vir_argv_throttle_groups,
    vir_argv_numa,     vir_argv_identity,
};
static const VirArgvPart parts[] = {
    vir_argv_clock,
    vir_argv_boot,
    vir_argv_iommu,
    vir_argv_controllers,
    vir_argv_memories,
    vir_argv_hubs,
    vir_argv_late_controllers,
    vir_argv_disks,
    vir_argv_filesystems,
    vir_argv_interfaces,
    vir_argv_smartcards,
    vir_argv_chardevs,
    vir_argv_tpms,
    vir_argv_inputs,
    vir_argv_audio,
    vir_argv_graphics,
    vir_argv_videos,
    vir_argv_sounds,
    vir_argv_watchdogs,
    vir_argv_redirdevs,
    vir_argv_hostdevs,
    vir_argv_incoming,
    vir_argv_memballoon,
    vir_argv_rngs,
    vir_argv_nvram,
    vir_argv_vmcoreinfo,
    vir_argv_launch_security,
};
/* Behind what the document gives word by word. */
static const VirArgvPart tail[] = {
    vir_argv_panics, vir_argv_shmems, vir_argv_vsock, vir_argv_cryptos, vir_argv_pstore,
};

static gboolean
take_parts(VirArgv *argv, const VirArgvPart *table, gsize n, GError **error)
{
    for (gsize i = 0; i < n; i++) {
        if (!table[i](argv, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
add_all(VirArgv *argv, GError **error)
{
    add_environment(argv);
    add_name(argv);
    vir_argv_reservations(argv);
    if (!take_parts(argv, head, G_N_ELEMENTS(head), error) || !add_process(argv, error))
        return FALSE;
    if (!take_parts(argv, parts, G_N_ELEMENTS(parts), error))
        return FALSE;
    add_given(argv);
    add_sandbox(argv);
    if (!take_parts(argv, tail, G_N_ELEMENTS(tail), error))
        return FALSE;
    add_rest(argv);
    return TRUE;
}

/* The user's own opinion of what QEMU can do; names that mean nothing any more change nothing. */
static void
change_caps(VirQemuCaps *caps, const VirDomainDef *def)
{
    for (guint i = 0; i < def->n_qemu_caps_add; i++) {
        int flag = vir_qemu_caps_flag(def->qemu_caps_add[i]->capability);

        if (flag >= 0)
            caps->flags[flag] = TRUE;
    }
    for (guint i = 0; i < def->n_qemu_caps_del; i++) {
        int flag = vir_qemu_caps_flag(def->qemu_caps_del[i]->capability);

        if (flag >= 0)
            caps->flags[flag] = FALSE;
    }
}

VirSpawn *
vir_command_build(VirDomainDef *def, const VirQemuCaps *caps, const VirQemuEnv *env,
                  const VirCommandContext *context, GError **error)
{
    g_autoptr(VirSpawn) spawn = vir_spawn_new(def->devices.emulator);
    VirQemuCaps changed = *caps;
    VirArgv argv = {.def = def, .caps = &changed, .env = env, .context = context, .spawn = spawn};
    gboolean good;

    change_caps(&changed, def);
    good = add_all(&argv, error);
    g_free(argv.pflash[0]);
    g_free(argv.pflash[1]);
    if (!good)
        return NULL;
    if (context->monitor_fd >= 0)
        vir_spawn_pass_fd(spawn, context->monitor_fd);
    return g_steal_pointer(&spawn);
}
