/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-model.h"

#include "vir-domain-chardev.h"
#include "vir-domain-clock.h"
#include "vir-domain-cpu.h"
#include "vir-domain-cputune.h"
#include "vir-domain-features.h"
#include "vir-domain-iothread.h"
#include "vir-domain-vcpu.h"

static gboolean
complete_chardev(VirDomainChardev *src, const char *what, void *data, GError **error)
{
    vir_domain_chardev_complete(src);
    return vir_domain_chardev_check(src, what, error);
}

/* Processors, what tunes them, and time. */
static gboolean
complete_cpus(VirDomainDef *def, GError **error)
{
    return vir_domain_vcpus_complete(def, error) && vir_domain_iothreads_complete(def, error) &&
           vir_domain_cputune_complete(def, error) && vir_domain_features_complete(def, error) &&
           vir_domain_clock_complete(def, error) && vir_domain_cpu_check(def, error);
}

gboolean
vir_domain_model_complete(VirDomainDef *def, GError **error)
{
    vir_domain_graphics_complete(def);
    vir_domain_videos_order(def);
    vir_domain_smartcards_place(def);
    return complete_cpus(def, error) && vir_domain_each_chardev(def, complete_chardev, NULL, error);
}
