/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "argv.h"
#include "disk-chain.h"

/** Ids of the objects that the block driver of a source is told of; NULL for those it needs not. */
typedef struct {
    const char *user;                      /* who logs in to the server */
    const VirDomainEncryption *encryption; /* what the layers are */
    const char *auth;                      /* secret: password of the server's user */
    const char *cookie;                    /* secret: cookies */
    const char *tls;                       /* credentials */
    const char *reservations;              /* manager of persistent reservations */
    const char *const *layers; /* secrets of an encryption that the server's library undoes */
    const char *fdset;         /* "/dev/fdset/0": opened already */
    const char *nbdkit;        /* socket of the program that fetches the image */
} VirStorageIds;

/**
 * "driver" and the options that say where @src is; the caller adds the node's name and the rest.
 * @disk (may be NULL) has the kind of I/O and of drive. VIR_ERR_CONFIG_UNSUPPORTED.
 */
json_object *vir_storage_props(const VirArgv *argv, const VirDomainSource *src,
                               const VirDomainDisk *disk, const VirStorageIds *ids, GError **error);

/** All cookies as a web client sends them, or NULL. g_free(). */
char *vir_storage_cookies(const VirDomainSourceNetwork *network);
/** Port that a protocol has when none is given; 0 for those without. */
guint vir_storage_default_port(int protocol);
