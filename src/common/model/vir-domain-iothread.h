/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"
#include <glib.h>

/** Numbers of I/O threads: as many as <iothreads> says, where some are given by <iothreadids>. */
gboolean vir_domain_iothreads_complete(VirDomainDef *def, GError **error);
/** How many there are. */
guint vir_domain_iothreads_count(const VirDomainDef *def);
/** Number of the @index-th. */
guint vir_domain_iothread_id(const VirDomainDef *def, guint index);
gboolean vir_domain_has_iothread(const VirDomainDef *def, guint id);
