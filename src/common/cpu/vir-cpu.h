/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-cpu-def.h"
#include "vir-cpu-map.h"
#include <glib.h>

/**
 * Processor models: what a processor says of itself becomes a model with features; processors are
 * compared, put together, translated into models that a hypervisor has.
 */

/** Family, model and stepping of an x86 processor; all 0 where unknown. */
typedef struct {
    guint family, model, stepping;
} VirCpuSignature;

/** A processor of a host (what there is) or of a guest (what is asked for). */
typedef struct {
    char *arch;       /* name as in documents; NULL where a guest's document does not say */
    gboolean is_host; /* features are without policies */
    VirCpuSignature signature;
    VirDomainCpu *def;
} VirCpu;

/** What a processor says of itself, as features. */
typedef struct {
    VirCpuSet features;
    VirCpuSignature signature;
    int vendor;      /* index of vir_cpu_vendors, or -1 */
    guint32 version; /* ARM: MIDR_EL1; POWER: PVR */
} VirCpuData;

/** A model that a hypervisor has; what of it is not available to guests here. */
typedef struct {
    char *name;
    char **blockers; /* NULL: none */
} VirCpuUsable;

typedef enum {
    VIR_CPU_INCOMPATIBLE = 0,
    VIR_CPU_IDENTICAL = 1,
    VIR_CPU_SUPERSET = 2,
    VIR_CPU_ERROR = -1,
} VirCpuResult;

typedef enum {
    VIR_CPU_BASELINE_EXPAND = 1 << 0,     /* all features by name, also those of the model */
    VIR_CPU_BASELINE_MIGRATABLE = 1 << 1, /* without features that cannot migrate */
} VirCpuBaselineFlags;

/** The family of an architecture's name ("x86_64", "ppc64le"). */
VirCpuArch vir_cpu_arch(const char *name);

VirCpu *vir_cpu_new(const char *arch, gboolean is_host);
void vir_cpu_free(VirCpu *cpu);
VirCpu *vir_cpu_clone(const VirCpu *cpu);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirCpu, vir_cpu_free)
void vir_cpu_usable_free(VirCpuUsable *model);
/** The one called @name of @models (VirCpuUsable; NULL: there are none), or NULL. */
const VirCpuUsable *vir_cpu_usable_find(const GPtrArray *models, const char *name);

/** Sets the policy of the feature @name (0 for hosts), appends it where @cpu has not got it. */
void vir_cpu_put_feature(VirCpu *cpu, const char *name, guint policy);
VirDomainCpuFeature *vir_cpu_get_feature(const VirCpu *cpu, const char *name);
/** Puts the features into the order of their names. */
void vir_cpu_sort_features(VirCpu *cpu);

/**
 * <cpu> of a host (it has <arch>) or of a guest; @is_host: it has to be that of a host. @name is
 * how errors call the text.
 */
VirCpu *vir_cpu_parse(const char *text, gssize len, const char *name, gboolean is_host,
                      GError **error);
char *vir_cpu_format(const VirCpu *cpu, GError **error);

/** <cpudata>: leaves and registers. */
gboolean vir_cpu_data_parse(const char *text, gssize len, const char *name, VirCpuData *data,
                            GError **error);
/** The processor that this program runs on. FALSE on architectures without CPUID. */
gboolean vir_cpu_data_of_host(VirCpuData *data);
/** What a hypervisor calls a property of a processor: a feature (in any of its names) … */
void vir_cpu_data_put_flag(VirCpuData *data, const char *name, gboolean on);
/** … "family", "model", "stepping" … */
void vir_cpu_data_put_number(VirCpuData *data, const char *name, gint64 number);
/** … "vendor" by its twelve letters. Others are passed over. */
void vir_cpu_data_put_text(VirCpuData *data, const char *name, const char *text);
/** The features that @leaves have. */
void vir_cpu_data_from_xml(const VirCpuXmlData *xml, VirCpuData *data);
/** A reply of query-cpu-model-expansion ({"return": {"model": …}}). */
gboolean vir_cpu_data_from_json(const char *text, gsize len, VirCpuData *data, GError **error);
/** Usable models (VirCpuUsable) of a reply of query-cpu-definitions in @text; NULL: there is none.
 */
GPtrArray *vir_cpu_usable_from_json(const char *text, gsize len, GError **error);
/** EAX of CPUID leaf 1, without its reserved bits. */
guint32 vir_cpu_signature_value(const VirCpuSignature *signature);

/** All that @cpu has: its model, with and without features by their policies. x86 only. */
gboolean vir_cpu_data_of_cpu(const VirCpu *cpu, VirCpuData *data, GError **error);

/**
 * The model that describes @data best, and the features that differ: for a host without policies,
 * for a guest with them. @models (VirCpuUsable) are those to choose from, NULL: all. ARM and POWER:
 * the model of the version, whatever the rest; other architectures: VIR_ERR_NO_SUPPORT.
 */
VirCpu *vir_cpu_decode(const char *arch, const VirCpuData *data, gboolean host,
                       const GPtrArray *models, const char *preferred, GError **error);

/** Whether @cpu can run on @host, and whether @host has more. *@why: what is missing, may be NULL.
 */
VirCpuResult vir_cpu_compare(const VirCpu *host, const VirCpu *cpu, char **why, GError **error);

/**
 * Whether a hypervisor, which plays the features of @host and has @models (VirCpuUsable, may be
 * NULL), runs @cpu: never VIR_CPU_IDENTICAL. A model that it has is taken at its word. @why as
 * above. x86 only.
 */
VirCpuResult vir_cpu_compare_played(const VirCpu *host, const VirCpu *cpu, const GPtrArray *models,
                                    char **why, GError **error);

/** What all of @cpus (VirCpu) have, but for @without (may be NULL), as a guest's processor. */
VirCpu *vir_cpu_baseline(const GPtrArray *cpus, const GPtrArray *models, const VirCpuSet *without,
                         unsigned flags, GError **error);

/** Resolves what @guest leaves to @host: host-model, match=minimum, optional features. */
gboolean vir_cpu_update(VirCpu *guest, const VirCpu *host, GError **error);

/** Resolves @guest with what the hypervisor switched on and off for it. */
gboolean vir_cpu_update_live(VirCpu *guest, const VirCpuData *enabled, const VirCpuData *disabled,
                             GError **error);

/** Describes @guest by one of @models, unless it is one already. */
gboolean vir_cpu_translate(VirCpu *guest, const GPtrArray *models, GError **error);

/** 1, 0: whether @cpu has the feature; -1 with @error: nobody knows such a feature. */
int vir_cpu_has_feature(const VirCpu *cpu, const char *feature, GError **error);

/** All features of @cpu by name. */
gboolean vir_cpu_expand(VirCpu *cpu, GError **error);

/** Model and features are known names. */
gboolean vir_cpu_validate(const VirCpu *cpu, const char *arch, GError **error);

/** Names of the models of @arch in the order of the table; NULL terminated, to be freed as array.
 */
const char **vir_cpu_model_names(const char *arch);

/** A hypervisor's name of a model as documents spell it ("power9": "POWER9"). g_free(). */
char *vir_cpu_model_spelling(const char *arch, const char *name);
