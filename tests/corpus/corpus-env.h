/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "corpus-qemu.h"
#include "qemu-env.h"

/** The world that the documents of a corpus assume: constants, no host. */
typedef struct {
    VirQemuConf conf;
    VirQemuEnv env;
    char **firmware_dirs;
    const CorpusQemu *c; /* borrowed */
    GHashTable *fds;     /* fd: the number that the documents expect */
    guint vhosts;        /* opened for the card at hand */
} CorpusEnv;

/** What @env is a part of. */
#define corpus_env_of(e)                                                                           \
    ((const CorpusEnv *)(const void *)((const char *)(e)-offsetof(CorpusEnv, env)))

/** @c: its params "config.NAME=VALUE" change the configuration. */
CorpusEnv *corpus_env_new(const CorpusQemu *c, GError **error);
/** A real fd of nothing, which corpus_env_name_fds() calls @number. */
int corpus_env_fd(CorpusEnv *env, int number);
/** @text with the numbers of such fds. g_free(). */
char *corpus_env_name_fds(const CorpusEnv *env, const char *text);
void corpus_env_free(CorpusEnv *env);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CorpusEnv, corpus_env_free)

/** Fills in what is about storage. */
void corpus_env_storage(CorpusEnv *env);
