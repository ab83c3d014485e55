/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "corpus-env.h"
#include "fake-host.h"

#include "corpus-env-net.h"
#include "corpus-env-pci.h"
#include "corpus-host.h"
#include "vir-error.h"
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* The number that sockets have in the documents. */
#define SOCKET_FD 1729

static void
count_bytes(guint8 *bytes, gsize n)
{
    for (gsize i = 0; i < n; i++)
        bytes[i] = (guint8)i;
}

const char *
corpus_param(const CorpusQemu *c, const char *prefix, const char *name)
{
    gsize n = strlen(prefix);
    gsize m = strlen(name);

    for (char **p = c->params; *p != NULL; p++) {
        if (strncmp(*p, prefix, n) == 0 && strncmp(*p + n, name, m) == 0 && (*p)[n + m] == '=')
            return *p + n + m + 1;
    }
    return NULL;
}

static const char *
get_variable(const VirQemuEnv *env, const char *name)
{
    return corpus_param(corpus_env_of(env)->c, "env.", name);
}

static int
open_output(const VirQemuEnv *env, const char *path, gboolean append, GError **error)
{
    return open("/dev/null", O_WRONLY | O_CLOEXEC);
}

/* All sockets have one number: who passes it on closes it, more than once without harm. */
static int
listen_unix(const VirQemuEnv *env, const char *path, GError **error)
{
    return dup2(STDIN_FILENO, SOCKET_FD);
}

static char *
render_node(const VirQemuEnv *env, GError **error)
{
    return g_strdup("/dev/dri/foo");
}

static gboolean
has_tpm_version(const VirQemuEnv *env, const char *version)
{
    const char *given = corpus_param(corpus_env_of(env)->c, "", "tpm");

    return given == NULL || version == NULL || strstr(given, version) != NULL;
}

static char *
start_tpm(const VirQemuEnv *env, const char *lib_dir, const VirDomainDef *def,
          const VirDomainTpm *tpm, GError **error)
{
    return g_strdup("/dev/test");
}

static int
vhost_user_gpu(const VirQemuEnv *env, const char *lib_dir, const VirDomainVideo *video,
               GError **error)
{
    return dup2(STDIN_FILENO, SOCKET_FD);
}

static char *
start_dbus(const VirQemuEnv *env, const VirDomainDef *def, GError **error)
{
    return g_strdup_printf("unix:path=/var/run/libvirt/qemu/dbus/-1-%.20s-dbus.sock", def->name);
}

/* ---- configuration ---- */

static const struct {
    const char *name;
    gsize offset;
} bools[] = {
    {"vncTLS", offsetof(VirQemuConf, vnc_tls.on)},
    {"vncTLSx509verify", offsetof(VirQemuConf, vnc_tls.verify)},
    {"vncSASL", offsetof(VirQemuConf, vnc_sasl)},
    {"vncAutoUnixSocket", offsetof(VirQemuConf, vnc_auto_unix_socket)},
    {"vncAllowHostAudio", offsetof(VirQemuConf, vnc_allow_host_audio)},
    {"nogfxAllowHostAudio", offsetof(VirQemuConf, nogfx_allow_host_audio)},
    {"spiceTLS", offsetof(VirQemuConf, spice_tls.on)},
    {"spiceSASL", offsetof(VirQemuConf, spice_sasl)},
    {"spiceAutoUnixSocket", offsetof(VirQemuConf, spice_auto_unix_socket)},
    {"chardevTLS", offsetof(VirQemuConf, chardev_tls.on)},
    {"chardevTLSx509verify", offsetof(VirQemuConf, chardev_tls.verify)},
    {"nbdTLS", offsetof(VirQemuConf, nbd_tls.on)},
    {"vxhsTLS", offsetof(VirQemuConf, vxhs_tls.on)},
    {"storageUseNbdkit", offsetof(VirQemuConf, storage_use_nbdkit)},
};

/* @fixed: what it is unless a case says other. */
static const struct {
    const char *name;
    gsize offset;
    const char *fixed;
} strings[] = {
    {"vncTLSx509certdir", offsetof(VirQemuConf, vnc_tls.dir), "/etc/pki/libvirt-vnc"},
    {"vncTLSx509secretUUID", offsetof(VirQemuConf, vnc_tls.secret_uuid), NULL},
    {"vncSASLdir", offsetof(VirQemuConf, vnc_sasl_dir), "/etc/sasl2"},
    {"vncPassword", offsetof(VirQemuConf, vnc_password), NULL},
    {"spiceTLSx509certdir", offsetof(VirQemuConf, spice_tls.dir), "/etc/pki/libvirt-spice"},
    {"spiceSASLdir", offsetof(VirQemuConf, spice_sasl_dir), "/etc/sasl2"},
    {"spicePassword", offsetof(VirQemuConf, spice_password), "123456"},
    {"rdpTLSx509certdir", offsetof(VirQemuConf, rdp_tls.dir), "/etc/pki/libvirt-rdp"},
    {"chardevTLSx509certdir", offsetof(VirQemuConf, chardev_tls.dir), "/etc/pki/libvirt-chardev"},
    {"chardevTLSx509secretUUID", offsetof(VirQemuConf, chardev_tls.secret_uuid), NULL},
    {"nbdTLSx509certdir", offsetof(VirQemuConf, nbd_tls.dir), "/etc/pki/libvirt-nbd"},
    {"nbdTLSx509secretUUID", offsetof(VirQemuConf, nbd_tls.secret_uuid), NULL},
    {"vxhsTLSx509certdir", offsetof(VirQemuConf, vxhs_tls.dir), "/etc/pki/libvirt-vxhs"},
    {"vxhsTLSx509secretUUID", offsetof(VirQemuConf, vxhs_tls.secret_uuid), NULL},
};

static void
set_conf(VirQemuConf *conf, const CorpusQemu *c)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bools); i++) {
        const char *value = corpus_param(c, "config.", bools[i].name);

        if (value)
            *(gboolean *)(void *)((char *)conf + bools[i].offset) =
                g_str_equal(value, "1") || g_str_equal(value, "true");
    }
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++) {
        char **member = (char **)(void *)((char *)conf + strings[i].offset);
        const char *value = corpus_param(c, "config.", strings[i].name);

        if (!value && !strings[i].fixed)
            continue;
        g_free(*member);
        *member = g_strdup(value ? value : strings[i].fixed);
    }
}

/* Descriptors lie in a folder beside that of the documents. */
static void
fill_firmware(CorpusEnv *self, const char *path)
{
    static const char *const dirs[] = {"etc/qemu/firmware", "usr/share/qemu/firmware"};
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *root = g_path_get_dirname(folder);
    g_autoptr(GStrvBuilder) list = g_strv_builder_new();

    for (gsize i = 0; i < G_N_ELEMENTS(dirs); i++) {
        g_autofree char *dir = g_build_filename(root, "qemufirmwaredata", dirs[i], NULL);

        g_strv_builder_add(list, dir);
    }
    self->firmware_dirs = g_strv_builder_end(list);
    self->env.firmware_dirs = (const char *const *)self->firmware_dirs;
}

CorpusEnv *
corpus_env_new(const CorpusQemu *c, GError **error)
{
    g_autoptr(CorpusEnv) self = g_new0(CorpusEnv, 1);

    /* No such file: the defaults of every key. */
    if (!vir_qemu_conf_load(&self->conf, "/nonexistent/qemu.conf", error))
        return NULL;
    self->c = c;
    set_conf(&self->conf, c);
    self->env = (VirQemuEnv){
        .conf = &self->conf,
        .privileged = TRUE,
        .lib_dir = "/var/lib/libvirt/qemu",
        .channel_dir = "/var/run/libvirt/qemu/channel",
        .random = count_bytes,
        .getenv = get_variable,
        .pci_device = corpus_env_pci_device,
    };
    self->fds = g_hash_table_new(NULL, NULL);
    fake_host_fill(&self->env);
    self->env.open_output = open_output;
    self->env.listen_unix = listen_unix;
    self->env.render_node = render_node;
    self->env.has_tpm_version = has_tpm_version;
    self->env.start_tpm = start_tpm;
    self->env.vhost_user_gpu = vhost_user_gpu;
    self->env.start_dbus = start_dbus;
    corpus_env_net(&self->env);
    corpus_host_fill(&self->env, c);
    corpus_env_storage(self);
    fill_firmware(self, c->path);
    return g_steal_pointer(&self);
}

int
corpus_env_fd(CorpusEnv *self, int number)
{
    int fd = fake_host_fd();

    g_hash_table_insert(self->fds, GINT_TO_POINTER(fd), GINT_TO_POINTER(number));
    return fd;
}

static gboolean
name_fd(const GMatchInfo *match, GString *out, void *data)
{
    const CorpusEnv *self = data;
    g_autofree char *key = g_match_info_fetch(match, 1);
    g_autofree char *list = g_match_info_fetch(match, 2);
    g_auto(GStrv) fds = g_strsplit(list, ":", -1);

    g_string_append(out, key);
    for (guint i = 0; fds[i]; i++) {
        int fd = atoi(fds[i]);
        int name = GPOINTER_TO_INT(g_hash_table_lookup(self->fds, GINT_TO_POINTER(fd)));

        g_string_append_printf(out, "%s%d", i > 0 ? ":" : "", name ? name : fd);
    }
    return FALSE;
}

char *
corpus_env_name_fds(const CorpusEnv *self, const char *text)
{
    g_autoptr(GRegex) fds = g_regex_new("(\\b(?:vhost)?fds?(?:=|\":\"))([0-9][0-9:]*)", 0, 0, NULL);

    return g_regex_replace_eval(fds, text, -1, 0, 0, name_fd, (void *)self, NULL);
}

void
corpus_env_free(CorpusEnv *self)
{
    vir_qemu_env_clear(&self->env);
    vir_qemu_conf_clear(&self->conf);
    g_strfreev(self->firmware_dirs);
    g_clear_pointer(&self->fds, g_hash_table_unref);
    g_free(self);
}
