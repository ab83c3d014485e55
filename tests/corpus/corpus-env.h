/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "corpus-qemu.h"
#include "qemu-env.h"

/** The world that the documents of a corpus assume: constants, no host. */
typedef struct {
    VirQemuConf conf;
    VirQemuEnv env;
    const CorpusQemu *c; /* borrowed */
} CorpusEnv;

/** What @env is a part of. */
#define corpus_env_of(e)                                                                           \
    ((const CorpusEnv *)(const void *)((const char *)(e)-offsetof(CorpusEnv, env)))

/** @c: its params "config.NAME=VALUE" change the configuration. */
CorpusEnv *corpus_env_new(const CorpusQemu *c, GError **error);
void corpus_env_free(CorpusEnv *env);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CorpusEnv, corpus_env_free)
