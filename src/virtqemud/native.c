/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "native.h"

#include "command.h"
#include "define.h"
#include "vir-error.h"

/* Ports as the first guest of the host would get them. */
typedef struct {
    const VirQemuConf *conf;
    int taken;
} Ports;

static int
take_port(void *data, VirGraphicsPort kind, GError **error)
{
    Ports *ports = data;

    if (kind == VIR_GRAPHICS_PORT_WEBSOCKET)
        return ports->conf->websocket_min;
    return ports->conf->port_min + ports->taken++;
}

/* What the daemon would plug into bridges and networks is, for a user's own start, a tap device. */
static void
unplug_interfaces(VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_interfaces; i++) {
        VirDomainInterface *net = def->devices.interfaces[i];

        if (net->type == VIR_DOMAIN_INTERFACE_TYPE_BRIDGE ||
            net->type == VIR_DOMAIN_INTERFACE_TYPE_NETWORK ||
            net->type == VIR_DOMAIN_INTERFACE_TYPE_DIRECT)
            net->type = VIR_DOMAIN_INTERFACE_TYPE_ETHERNET;
    }
}

char *
vir_qemu_native_argv(VirQemuDriver *driver, const char *xml, GError **error)
{
    g_autoptr(VirDomainDef) def = vir_qemu_parse_xml(driver, xml, FALSE, error);
    g_autoptr(VirQemuCaps) caps = NULL;
    g_autoptr(VirSpawn) spawn = NULL;
    g_autoptr(VirBitmap) nodes = NULL;
    g_autofree char *run = NULL;
    g_autofree char *dir = NULL;
    g_autofree char *key = NULL;
    g_autofree char *channels = NULL;
    /* Whatever is encrypted with it, nobody can read. */
    guint8 key_bytes[VIR_MASTER_KEY_LEN];
    VirQemuEnv env = driver->env;
    Ports ports = {&driver->conf, 0};
    VirCommandContext context = {.monitor_fd = -1};

    if (!def)
        return NULL;
    caps = vir_caps_cache_get(driver->caps, def->devices.emulator, error);
    if (!caps)
        return NULL;
    vir_qemu_env_pretend(&env);
    env.open_output = NULL;
    env.listen_unix = NULL;
    env.random(key_bytes, sizeof(key_bytes));
    unplug_interfaces(def);
    run = vir_command_run_name(def);
    dir = g_strdup_printf("%s/domain-%s", driver->dirs.lib, run);
    key = g_build_filename(dir, "master-key.aes", NULL);
    if (!vir_device_prepare(&(VirModel){def, caps, &env, 0}, error) ||
        !vir_graphics_prepare(def, &env, dir, &(VirGraphicsPorts){take_port, &ports}, error))
        return NULL;
    channels = g_build_filename(driver->dirs.channel, run, NULL);
    vir_channels_prepare(def, channels);
    if (!vir_qemu_env_advice(&env, def, &nodes, error))
        return NULL;
    context.lib_dir = dir;
    context.master_key = key;
    context.master_key_bytes = key_bytes;
    context.auto_nodes = nodes;
    spawn = vir_command_build(def, caps, &env, &context, error);
    return spawn ? vir_spawn_to_string(spawn, FALSE) : NULL;
}
