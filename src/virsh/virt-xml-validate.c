/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * virt-xml-validate FILE [SCHEMA]: whether a document says only what the schemas know, with line
 * and column of each thing that they do not. "-" is the standard input. Exit status as of
 * upstream's command: 1 usage or unreadable file, 3 no schema for this document, else 5 where it is
 * not valid.
 */
#include "vir-backup-def.h"
#include "vir-capabilities-def.h"
#include "vir-checkpoint-def.h"
#include "vir-cpu-def.h"
#include "vir-domain-def.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-interface-def.h"
#include "vir-network-def.h"
#include "vir-networkport-def.h"
#include "vir-nodedev-def.h"
#include "vir-nwfilter-def.h"
#include "vir-nwfilterbinding-def.h"
#include "vir-secret-def.h"
#include "vir-snapshot-def.h"
#include "vir-storagepool-def.h"
#include "vir-storagepoolcaps-def.h"
#include "vir-storagevol-def.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_USAGE = 1, STATUS_NO_SCHEMA = 3, STATUS_INVALID = 5 };

static const struct {
    const char *name;
    const VirXmlDoc *doc;
} schemas[] = {
    {"capability", &vir_caps_host_doc},
    {"cpu", &vir_cpu_xml_guest_doc},
    {"domain", &vir_domain_domain_doc},
    {"domainbackup", &vir_backup_doc},
    {"domaincaps", &vir_caps_domain_doc},
    {"domaincheckpoint", &vir_checkpoint_doc},
    {"domainsnapshot", &vir_snapshot_doc},
    {"interface", &vir_interface_interface_doc},
    {"network", &vir_network_network_doc},
    {"networkport", &vir_network_port_network_port_doc},
    {"nodedev", &vir_node_dev_device_doc},
    {"nwfilter", &vir_nwfilter_nwfilter_doc},
    {"nwfilterbinding", &vir_nwfilter_binding_nwfilter_binding_doc},
    {"secret", &vir_secret_secret_doc},
    {"storagepool", &vir_storage_pool_storage_pool_doc},
    {"storagepoolcaps", &vir_storage_pool_caps_storage_pool_caps_doc},
    {"storagevol", &vir_storage_vol_storage_vol_doc},
};

static void
print_usage(FILE *out)
{
    fputs("usage: virt-xml-validate XML-FILE [SCHEMA-NAME]\n"
          "       virt-xml-validate --help | --version\n\n"
          "Says where a document has what its schema does not know. \"-\" reads standard input.\n"
          "Schemas:",
          out);
    for (gsize i = 0; i < G_N_ELEMENTS(schemas); i++)
        fprintf(out, " %s", schemas[i].name);
    fputc('\n', out);
}

/* The whole file, or standard input; g_free(). */
static char *
read_document(const char *path, gsize *len, GError **error)
{
    g_autoptr(GString) text = NULL;
    char buffer[65536];
    ssize_t n;

    if (strcmp(path, "-") != 0)
        return vir_file_read(path, VIR_XML_MAX_SIZE, len, error);
    text = g_string_new(NULL);
    while ((n = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0 && text->len <= VIR_XML_MAX_SIZE)
        g_string_append_len(text, buffer, n);
    if (n < 0) {
        vir_error_set_errno(error, errno, "cannot read standard input");
        return NULL;
    }
    *len = text->len;
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* The schemas for @name, or all of them, that may be told apart by the root element. */
static guint
choose(const char *name, const VirXmlDoc **docs, guint *which)
{
    guint n = 0;

    for (guint i = 0; i < G_N_ELEMENTS(schemas); i++) {
        if (name && strcmp(name, schemas[i].name) != 0)
            continue;
        which[n] = i;
        docs[n++] = schemas[i].doc;
    }
    return n;
}

static int
validate(const char *path, const char *name)
{
    const VirXmlDoc *docs[G_N_ELEMENTS(schemas)];
    guint indexes[G_N_ELEMENTS(schemas)];
    guint n = choose(name, docs, indexes);
    g_autoptr(GPtrArray) found = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    gsize len = 0;
    guint at = G_MAXUINT;
    void *object;

    if (n == 0) {
        fprintf(stderr, "virt-xml-validate: there is no schema '%s'; see --help\n", name);
        return STATUS_NO_SCHEMA;
    }
    text = read_document(path, &len, &error);
    if (!text) {
        fprintf(stderr, "virt-xml-validate: %s\n", error->message);
        return STATUS_USAGE;
    }
    object = vir_xml_parse_any(docs, n, text, (gssize)len, strcmp(path, "-") == 0 ? "stdin" : path,
                               VIR_XML_STRICT, &at, &found, &error);
    if (object) {
        vir_xml_free(vir_xml_doc_type(docs[at]), object);
        printf("%s validates as %s\n", path, schemas[indexes[at]].name);
        return EXIT_SUCCESS;
    }
    for (guint i = 0; found && i < found->len; i++)
        fprintf(stderr, "%s\n", (const char *)found->pdata[i]);
    if (!found)
        fprintf(stderr, "%s\n", error->message);
    fprintf(stderr, "%s fails to validate\n", path);
    return at == G_MAXUINT && vir_error_code(error) == VIR_ERR_XML_ERROR ? STATUS_NO_SCHEMA
                                                                         : STATUS_INVALID;
}

int
main(int argc, char **argv)
{
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_usage(stdout);
        return EXIT_SUCCESS;
    }
    if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
        puts("virt-xml-validate (libvirt " VIR_VERSION ")");
        return EXIT_SUCCESS;
    }
    if (argc < 2 || argc > 3) {
        print_usage(stderr);
        return STATUS_USAGE;
    }
    return validate(argv[1], argc > 2 ? argv[2] : NULL);
}
