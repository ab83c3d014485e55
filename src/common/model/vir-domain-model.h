/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/* Rules of domains that hold for every hypervisor; one file per noun. */

/**
 * What a document says against itself: asked before anything of the hypervisor, so that the answer
 * is about the document. VIR_ERR_XML_ERROR or VIR_ERR_CONFIG_UNSUPPORTED.
 */
gboolean vir_domain_document_check(const VirDomainDef *def, GError **error);

/**
 * Fills in what follows from the document alone, and checks it. @arch: of a guest that does not
 * say. Idempotent. VIR_ERR_XML_ERROR or VIR_ERR_CONFIG_UNSUPPORTED.
 */
gboolean vir_domain_model_complete(VirDomainDef *def, const char *arch, GError **error);

/** Where displays listen, and what of their ports is chosen at a start. */
void vir_domain_graphics_complete(VirDomainDef *def);
/** Whether displays of its type listen. */
gboolean vir_domain_graphics_has_listens(const VirDomainGraphics *graphics);
/** Whether any of the display's <listen> is an address with ports. */
gboolean vir_domain_graphics_has_ports(const VirDomainGraphics *graphics);

/** What is displayed needs a graphics card. */
void vir_domain_videos_add(VirDomainDef *def);
/** Model (@type where nobody says), memory and heads of a graphics card. */
void vir_domain_video_complete(const VirDomainDef *def, VirDomainVideo *video, int type);
/** One card is the first, and stands before the others. */
void vir_domain_videos_order(VirDomainDef *def);

/** A place for each smartcard, and the controllers that those need. */
void vir_domain_smartcards_place(VirDomainDef *def);

/** Who owns files, and what is the default anyway. */
void vir_domain_filesystem_complete(VirDomainFilesystem *fs);

/** Where random numbers come from. */
void vir_domain_rngs_complete(VirDomainDef *def);
