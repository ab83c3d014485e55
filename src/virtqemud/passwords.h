/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain.h"

/**
 * Job: gives the displays of a guest that was just started their passwords, the document's or the
 * configuration's, and their ends.
 */
gboolean vir_qemu_set_passwords(VirQemuDomain *dom, GError **error);
