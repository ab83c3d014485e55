/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "corpus-qemu.h"

#include "command.h"
#include "corpus-env.h"
#include "corpus-host.h"
#include "vir-error.h"
#include "vir-qemu-cpu-model.h"
#include "vir-qemu-probe.h"
#include "vir-xml.h"
#include <string.h>
#include <unistd.h>

/* Params "caps_add=FLAG FLAG…" and "caps_del=…". */
static gboolean
change_flags(const CorpusQemu *c, VirQemuCaps *caps, GError **error)
{
    for (char **param = c->params; *param; param++) {
        gboolean add = g_str_has_prefix(*param, "caps_add=");
        g_auto(GStrv) words = NULL;

        if (!add && !g_str_has_prefix(*param, "caps_del="))
            continue;
        words = g_strsplit(*param + strlen("caps_add="), " ", -1);
        for (char **word = words; *word; word++) {
            int flag = vir_qemu_caps_flag(*word);

            if (flag < 0)
                return vir_error_set(error, VIR_ERR_INVALID_ARG, "there is no flag '%s'", *word);
            caps->flags[flag] = add;
        }
    }
    caps->kvm = caps->flags[VIR_QEMU_CAPS_KVM];
    caps->hvf = caps->flags[VIR_QEMU_CAPS_HVF];
    return TRUE;
}

/* Param "gic=none|v2|v3|both": versions that KVM has in place of the recorded ones. */
static void
change_gic(const CorpusQemu *c, VirQemuCaps *caps)
{
    const char *gic = corpus_param(c, "", "gic");
    gboolean both = !g_strcmp0(gic, "both");

    if (!gic)
        return;
    g_array_set_size(caps->gics, 0);
    for (guint version = 2; version <= 3; version++) {
        VirQemuGic one = {version, both || g_str_equal(gic, version == 2 ? "v2" : "v3"), TRUE};

        g_array_append_val(caps->gics, one);
    }
}

VirQemuCaps *
corpus_qemu_caps(const CorpusQemu *c, GError **error)
{
    /* The recorded binaries are those of the documents. */
    g_autofree char *binary = g_strconcat("/usr/bin/qemu-system-", c->arch, NULL);
    g_autoptr(VirQemuCaps) caps = vir_qemu_probe_replay(binary, c->capabilities, error);

    if (!caps || !change_flags(c, caps, error))
        return NULL;
    change_gic(c, caps);
    if (corpus_host_is_other(c)) {
        for (guint i = 0; i < VIR_QEMU_N_ACCELS; i++)
            g_clear_pointer(&caps->host_cpu[i], vir_qemu_cpu_model_free);
    }
    for (guint i = 0; c->strip_aliases && i < caps->machines->len; i++) {
        VirQemuMachine *machine = caps->machines->pdata[i];

        if (machine->alias) {
            VirQemuMachine *copy = g_memdup2(machine, sizeof(*machine));

            copy->name = g_steal_pointer(&machine->alias);
            copy->alias = NULL;
            for (guint j = 0; j < VIR_QEMU_N_ACCELS; j++)
                copy->default_cpu[j] = g_strdup(machine->default_cpu[j]);
            copy->default_ram = g_strdup(machine->default_ram);
            g_ptr_array_insert(caps->machines, (int)i++, copy);
            machine->is_default = FALSE;
        }
    }
    return g_steal_pointer(&caps);
}

static VirDomainDef *
complete(const CorpusQemu *c, const VirQemuCaps *caps, const VirQemuEnv *env, GError **error)
{
    g_autoptr(VirDomainDef) def = vir_xml_parse(&vir_domain_domain_doc, c->text, (gssize)c->len,
                                                c->path, VIR_XML_INACTIVE, NULL, error);
    VirModel model = {def, caps, env, c->abi_update ? VIR_MODEL_ABI_UPDATE : 0};

    return def && vir_device_complete(&model, error) ? g_steal_pointer(&def) : NULL;
}

char *
corpus_qemu_xml(const CorpusQemu *c, GError **error)
{
    g_autoptr(CorpusEnv) env = corpus_env_new(c, error);
    g_autoptr(VirQemuCaps) caps = env ? corpus_qemu_caps(c, error) : NULL;
    g_autoptr(VirDomainDef) def = caps ? complete(c, caps, &env->env, error) : NULL;

    return def ? vir_xml_format(&vir_domain_domain_doc, def, VIR_XML_SECURE, error) : NULL;
}

/* Each argument that begins with a dash on a line of its own. */
static char *
break_lines(const char *text)
{
    g_autoptr(GString) out = g_string_new(text);

    g_string_replace(out, " -", " \\\n-", 0);
    g_string_append_c(out, '\n');
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Params migrate_from and migrate_fd: a migration over "stdio" comes through that fd. */
static char *
incoming_uri(const CorpusQemu *c)
{
    const char *from = corpus_param(c, "", "migrate_from");

    if (from && g_str_equal(from, "stdio"))
        return g_strconcat("fd:", corpus_param(c, "", "migrate_fd"), NULL);
    return g_strdup(from);
}

/* One of each kind. */
static int
take_port(void *data, VirGraphicsPort kind, GError **error)
{
    static const int ports[] = {
        [VIR_GRAPHICS_PORT_VNC] = 5900,
        [VIR_GRAPHICS_PORT_WEBSOCKET] = 5700,
        [VIR_GRAPHICS_PORT_SPICE] = 5901,
        [VIR_GRAPHICS_PORT_SPICE_TLS] = 5902,
    };

    return ports[kind];
}

char *
corpus_qemu_argv(const CorpusQemu *c, GError **error)
{
    g_autoptr(CorpusEnv) env = corpus_env_new(c, error);
    g_autoptr(VirQemuCaps) caps = env ? corpus_qemu_caps(c, error) : NULL;
    g_autoptr(VirDomainDef) def = caps ? complete(c, caps, &env->env, error) : NULL;
    g_autoptr(VirSpawn) spawn = NULL;
    g_autofree char *dir = NULL;
    g_autofree char *key = NULL;
    g_autofree char *text = NULL;
    g_autofree char *named = NULL;
    guint8 master_key[32];
    g_autofree char *incoming = incoming_uri(c);
    g_autoptr(VirBitmap) advice = NULL;
    VirCommandContext context = {0};
    unsigned flags = c->incoming ? VIR_MODEL_INCOMING : 0;

    if (!def || !vir_device_prepare(&(VirModel){def, caps, &env->env, flags}, error))
        return NULL;
    if (!vir_qemu_env_advice(&env->env, def, &advice, error))
        return NULL;
    context.auto_nodes = advice;
    dir = g_strdup_printf("/var/lib/libvirt/qemu/domain--1-%.20s", def->name);
    key = g_build_filename(dir, "master-key.aes", NULL);
    vir_channels_prepare(def, "/var/run/libvirt/qemu/channel/-1-guest");
    context.lib_dir = dir;
    context.master_key = key;
    env->env.random(master_key, sizeof(master_key));
    context.master_key_bytes = master_key;
    context.incoming = incoming;
    context.monitor_fd = env->env.listen_unix(&env->env, "monitor.sock", error);
    if (!vir_graphics_prepare(def, &env->env, dir, &(VirGraphicsPorts){take_port, NULL}, error))
        return NULL;
    spawn = vir_command_build(def, caps, &env->env, &context, error);
    if (!spawn)
        return NULL;
    text = vir_spawn_to_string(spawn, TRUE);
    named = corpus_env_name_fds(env, text);
    return break_lines(named);
}
