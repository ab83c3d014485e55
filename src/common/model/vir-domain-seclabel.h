/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/**
 * Defaults of the security labels of @def and of its images and devices, and what they ask of each
 * other. A label without a model is of @model, the driver's own ("none" where it has none), and of
 * that model there are no labels. VIR_ERR_XML_ERROR.
 */
gboolean vir_domain_seclabels_complete(VirDomainDef *def, const char *model, GError **error);
