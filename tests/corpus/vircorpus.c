/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Converts one document of a test corpus through the code that the daemons use:
 *
 *     vircorpus KIND INPUT [name=value ...]
 *
 * Prints the result and exits 0; prints the error and exits 1; exits 3 for a KIND it does not know.
 * Values are those of the corpus' manifest (format_flags=…, arch=…).
 */
#include "corpus-caps.h"
#include "corpus-qemu.h"
#include "vir-backup-model.h"
#include "vir-checkpoint-model.h"
#include "vir-domain-def.h"
#include "vir-domain-model.h"
#include "vir-domain-net.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-interface-model.h"
#include "vir-network-model.h"
#include "vir-network-port-model.h"
#include "vir-network-update.h"
#include "vir-nodedev-model.h"
#include "vir-nwfilter-binding-model.h"
#include "vir-nwfilter-model.h"
#include "vir-secret-model.h"
#include "vir-snapshot-model.h"
#include "vir-storage-pool-model.h"
#include "vir-storage-vol-model.h"
#include "vircorpus-cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DOCUMENT (16 * 1024 * 1024)
#define EXIT_UNKNOWN 3

typedef struct {
    const char *kind;
    const char *path;
    char *text;
    gsize len;
    char **params;
} Case;

static const char *
param(const Case *c, const char *name)
{
    gsize n = strlen(name);

    for (char **p = c->params; *p != NULL; p++) {
        if (strncmp(*p, name, n) == 0 && (*p)[n] == '=')
            return *p + n + 1;
    }
    return NULL;
}

static gboolean
param_has(const Case *c, const char *name, const char *word)
{
    const char *value = param(c, name);

    return value != NULL && strstr(value, word) != NULL;
}

static char *
convert_network(const Case *c, GError **error)
{
    unsigned flags = param_has(c, "format_flags", "INACTIVE") ? VIR_XML_INACTIVE : 0;
    g_autoptr(VirNetworkDef) def =
        vir_network_model_parse(c->text, (gssize)c->len, c->path, 0, 0, NULL, error);

    return def != NULL ? vir_network_model_format(def, flags, error) : NULL;
}

static guint
word_value(const char *word, const char *const *words)
{
    for (guint i = 0; word != NULL && words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0)
            return i;
    }
    return 0;
}

static char *
convert_network_update(const Case *c, GError **error)
{
    static const char *const commands[] = {"", "MODIFY", "DELETE", "ADD_LAST", "ADD_FIRST", NULL};
    static const char *const sections[] = {"",
                                           "BRIDGE",
                                           "DOMAIN",
                                           "IP",
                                           "IP_DHCP_HOST",
                                           "IP_DHCP_RANGE",
                                           "FORWARD",
                                           "FORWARD_INTERFACE",
                                           "FORWARD_PF",
                                           "PORTGROUP",
                                           "DNS_HOST",
                                           "DNS_TXT",
                                           "DNS_SRV",
                                           NULL};
    const char *parent = param(c, "parent_index");
    const char *update = param(c, "update");
    g_autofree char *xml = NULL;
    g_autoptr(VirNetworkDef) def =
        vir_network_model_parse(c->text, (gssize)c->len, c->path, 0, 0, NULL, error);
    g_autoptr(VirNetworkDef) changed = NULL;

    if (def == NULL || update == NULL)
        return NULL;
    xml = vir_file_read(update, MAX_DOCUMENT, NULL, error);
    if (xml == NULL)
        return NULL;
    changed = vir_network_update(
        def, word_value(param(c, "command"), commands), word_value(param(c, "section"), sections),
        parent != NULL && g_ascii_isdigit(*parent) ? atoi(parent) : -1, xml, error);
    return changed != NULL ? vir_network_model_format(changed, 0, error) : NULL;
}

/* The documents of these kinds know no random number but 0. */
static void
no_random(guint8 *bytes, gsize n)
{
    memset(bytes, 0, n);
}

static char *
convert_domain(const Case *c, GError **error)
{
    unsigned flags = param_has(c, "format_flags", "INACTIVE") ? VIR_XML_INACTIVE : 0;
    g_autoptr(VirDomainDef) def =
        vir_xml_parse(&vir_domain_domain_doc, c->text, (gssize)c->len, c->path, flags, NULL, error);

    if (def == NULL || !vir_domain_model_complete(def, "x86_64", error))
        return NULL;
    for (guint i = 0; i < def->devices.n_interfaces; i++)
        vir_domain_net_complete(def->devices.interfaces[i], (const guint8[]){0x52, 0x54, 0x00},
                                no_random);
    return vir_xml_format(&vir_domain_domain_doc, def, flags | VIR_XML_SECURE, error);
}

static CorpusQemu
qemu_case(const Case *c)
{
    return (CorpusQemu){
        .path = c->path,
        .text = c->text,
        .len = c->len,
        .arch = param(c, "arch") ? param(c, "arch") : "x86_64",
        .capabilities = param(c, "capabilities"),
        .strip_aliases = param_has(c, "machine_aliases", "stripped"),
        .incoming = param(c, "migrate_from") != NULL,
        .abi_update = param_has(c, "parse_flags", "ABI_UPDATE"),
        .params = c->params,
    };
}

static char *
convert_qemu_xml(const Case *c, GError **error)
{
    CorpusQemu qemu = qemu_case(c);

    return corpus_qemu_xml(&qemu, error);
}

static char *
convert_qemu_argv(const Case *c, GError **error)
{
    CorpusQemu qemu = qemu_case(c);

    return corpus_qemu_argv(&qemu, error);
}

/** A document that needs nothing but itself. */
#define CONVERT_PLAIN(noun, Type)                                                                  \
    static char *convert_##noun(const Case *c, GError **error)                                     \
    {                                                                                              \
        g_autoptr(Type) def =                                                                      \
            vir_##noun##_model_parse(c->text, (gssize)c->len, c->path, 0, NULL, error);            \
                                                                                                   \
        return def != NULL ? vir_xml_format(&vir_##noun##_##noun##_doc, def, 0, error) : NULL;     \
    }

CONVERT_PLAIN(interface, VirInterfaceDef)
CONVERT_PLAIN(network_port, VirNetworkPortDef)
CONVERT_PLAIN(nwfilter, VirNwfilterDef)
CONVERT_PLAIN(nwfilter_binding, VirNwfilterBindingDef)
CONVERT_PLAIN(secret, VirSecretDef)
CONVERT_PLAIN(storage_pool, VirStoragePoolDef)

static char *
convert_storage_vol(const Case *c, GError **error)
{
    const char *path = param(c, "pool");
    gsize len = 0;
    g_autofree char *text = path != NULL ? vir_file_read(path, MAX_DOCUMENT, &len, error) : NULL;
    g_autoptr(VirStoragePoolDef) pool = NULL;
    g_autoptr(VirStorageVolDef) def = NULL;

    if (text == NULL)
        return NULL;
    pool = vir_storage_pool_model_parse(text, (gssize)len, path, 0, NULL, error);
    if (pool != NULL)
        def = vir_storage_vol_model_parse(c->text, (gssize)c->len, c->path, 0, pool->type, 0, NULL,
                                          error);
    return def != NULL ? vir_xml_format(&vir_storage_vol_storage_vol_doc, def, 0, error) : NULL;
}

/** pools=all types, or the names of those that the host has. */
static char *
convert_storage_pool_caps(const Case *c, GError **error)
{
    g_auto(GStrv) words = g_strsplit(param(c, "pools") != NULL ? param(c, "pools") : "", " ", -1);
    gboolean all = g_strv_contains((const char *const *)words, "all");
    g_autoptr(VirStoragePoolCapsDef) caps = NULL;
    guint64 supported = 0;

    for (guint type = 1; vir_storage_pool_model_kind(type) != NULL; type++) {
        if (all ||
            g_strv_contains((const char *const *)words, vir_storage_pool_type_to_string(type)))
            supported |= 1ULL << type;
    }
    caps = vir_storage_pool_model_caps(supported);
    return vir_xml_format(&vir_storage_pool_caps_storage_pool_caps_doc, caps, 0, error);
}

static int
print_or_fail(const char *out, const GError *error)
{
    if (out == NULL) {
        g_autofree char *why = vir_error_text(error);

        g_printerr("error: %s\n", why);
        return 1;
    }
    fputs(out, stdout);
    return 0;
}

/* The kinds "cpu-…" have a table of their own. */
static int
run_cpu(const char *kind, const char *path, char **params)
{
    g_autoptr(GError) error = NULL;
    CorpusCpu c = {.kind = kind, .path = path, .params = params};
    g_autofree char *text = vir_file_read(path, MAX_DOCUMENT, &c.len, &error);
    g_autofree char *out = NULL;
    gboolean known = TRUE;

    c.text = text;
    if (text != NULL)
        out = corpus_cpu(&c, &known, &error);
    return known ? print_or_fail(out, error) : EXIT_UNKNOWN;
}

static char *
convert_nodedev(const Case *c, GError **error)
{
    g_autoptr(VirNodeDevDef) def =
        vir_node_dev_model_parse(c->text, (gssize)c->len, c->path, 0, NULL, error);

    return def != NULL ? vir_xml_format(&vir_node_dev_device_doc, def, 0, error) : NULL;
}

static gint64
param_time(const Case *c)
{
    const char *value = param(c, "time");

    return value != NULL ? g_ascii_strtoll(value, NULL, 10) : 0;
}

static char *
convert_snapshot(const Case *c, GError **error)
{
    gboolean internal = param_has(c, "flags", "INTERNAL");
    unsigned model = (internal ? VIR_SNAPSHOT_MODEL_INTERNAL : 0) |
                     (param_has(c, "mode", "out->out") ? VIR_SNAPSHOT_MODEL_REDEFINE : 0);
    g_autoptr(VirSnapshot) def = vir_snapshot_model_parse(c->text, (gssize)c->len, c->path, model,
                                                          param_time(c), NULL, error);

    if (def == NULL)
        return NULL;
    if (param_has(c, "flags", "RUNNING"))
        def->state = VIR_SNAPSHOT_STATE_RUNNING;
    return vir_xml_format(&vir_snapshot_doc, def,
                          VIR_XML_SECURE | (internal ? VIR_XML_STATUS : VIR_XML_INACTIVE), error);
}

/** What the driver adds to a new checkpoint: a parent, the disk vda, the size of its changes. */
static void
drive_checkpoint(const Case *c, VirCheckpoint *def)
{
    if (param_has(c, "flags", "PARENT"))
        def->parent_name = g_strdup("1525111885");
    if (param_has(c, "flags", "VDA_BITMAP") && def->n_disks == 0) {
        VirCheckpointDisk *disk = vir_checkpoint_disk_new();

        disk->name = g_strdup("vda");
        disk->checkpoint = VIR_CHECKPOINT_DISK_CHECKPOINT_BITMAP;
        vir_xml_append(def, disks, disk);
        vir_checkpoint_model_name_bitmaps(def);
    }
    if (param_has(c, "flags", "SIZE") && def->n_disks > 0) {
        def->disks[0]->size = 1048576;
        def->disks[0]->has_size = true;
    }
}

static char *
convert_checkpoint(const Case *c, GError **error)
{
    g_autoptr(VirCheckpoint) def =
        vir_checkpoint_model_parse(c->text, (gssize)c->len, c->path,
                                   param_has(c, "mode", "out->out"), param_time(c), NULL, error);

    if (def == NULL)
        return NULL;
    drive_checkpoint(c, def);
    return vir_xml_format(&vir_checkpoint_doc, def, 0, error);
}

static void
add_disk(VirDomainDef *domain, const char *name)
{
    VirDomainDisk *disk = vir_domain_disk_new();

    disk->target = g_strdup(name);
    disk->src.type = VIR_DOMAIN_SOURCE_TYPE_FILE;
    disk->src.path = g_strdup_printf("/fake/%s.qcow2", name);
    vir_xml_append(&domain->devices, disks, disk);
}

static char *
convert_backup(const Case *c, GError **error)
{
    unsigned flags = param_has(c, "parse_flags", "INTERNAL") ? VIR_XML_STATUS : 0;
    const char *suffix = param(c, "suffix");
    g_autoptr(VirBackup) def =
        vir_backup_model_parse(c->text, (gssize)c->len, c->path, flags, NULL, error);
    g_autoptr(VirDomainDef) domain = NULL;

    if (def == NULL)
        return NULL;
    domain = vir_domain_def_new();
    for (guint i = 0; i < def->n_disks; i++)
        add_disk(domain, def->disks[i]->name);
    add_disk(domain, "vdextradisk");
    if (!vir_backup_model_align(def, domain, suffix != NULL ? suffix : "backup", error))
        return NULL;
    return vir_xml_format(&vir_backup_doc, def, flags, error);
}

static const struct {
    const char *kind;
    char *(*convert)(const Case *c, GError **error);
} kinds[] = {
    {"networkxml2xml", convert_network},
    {"networkxml2xmlupdate", convert_network_update},
    {"genericxml2xml", convert_domain},
    {"lxcxml2xml", convert_domain},
    {"qemu-xml", convert_qemu_xml},
    {"qemu-argv", convert_qemu_argv},
    {"backupxml2xml", convert_backup},
    {"checkpointxml2xml", convert_checkpoint},
    {"interfacexml2xml", convert_interface},
    {"networkportxml2xml", convert_network_port},
    {"nodedevxml2xml", convert_nodedev},
    {"nwfilterbindingxml2xml", convert_nwfilter_binding},
    {"nwfilterxml2xml", convert_nwfilter},
    {"secretxml2xml", convert_secret},
    {"snapshotxml2xml", convert_snapshot},
    {"storagepoolxml2xml", convert_storage_pool},
    {"storagevolxml2xml", convert_storage_vol},
    {"storagepoolcaps", convert_storage_pool_caps},
};

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *out = NULL;
    g_autofree char *text = NULL;
    Case c = {0};
    gboolean known = FALSE;

    if (argc < 3) {
        g_printerr("usage: vircorpus KIND INPUT [name=value ...]\n");
        return EXIT_UNKNOWN;
    }
    if (g_str_has_prefix(argv[1], "cpu-"))
        return run_cpu(argv[1], argv[2], argv + 3);
    c.kind = argv[1];
    c.path = argv[2];
    c.params = argv + 3;
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kinds[i].kind, c.kind) != 0)
            continue;
        if (strcmp(c.path, "-") != 0)
            c.text = text = vir_file_read(c.path, MAX_DOCUMENT, &c.len, &error);
        if (error == NULL)
            out = kinds[i].convert(&c, &error);
        return print_or_fail(out, error);
    }
    out = corpus_caps(c.kind, c.params, &known, &error);
    return known ? print_or_fail(out, error) : EXIT_UNKNOWN;
}
