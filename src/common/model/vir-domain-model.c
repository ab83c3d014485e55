/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-model.h"

#include "vir-domain-chardev.h"

static gboolean
complete_chardev(VirDomainChardev *src, const char *what, void *data, GError **error)
{
    vir_domain_chardev_complete(src);
    return vir_domain_chardev_check(src, what, error);
}

gboolean
vir_domain_model_complete(VirDomainDef *def, GError **error)
{
    vir_domain_graphics_complete(def);
    vir_domain_videos_order(def);
    vir_domain_smartcards_place(def);
    return vir_domain_each_chardev(def, complete_chardev, NULL, error);
}
