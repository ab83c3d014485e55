/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "corpus-qemu.h"
#include "qemu-env.h"

/** Sets clock and processor of the host that a case is for. */
void corpus_host_fill(VirQemuEnv *env, const CorpusQemu *c);
/** Whether the case is for another host than that of the recorded conversation. */
gboolean corpus_host_is_other(const CorpusQemu *c);
