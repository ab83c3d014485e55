/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-cpu.h"
#include "vir-error.h"

#include <string.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

static void
set_signature(VirCpuSignature *s, guint32 eax)
{
    s->family = (eax >> 8) & 0xf;
    s->model = (eax >> 4) & 0xf;
    s->stepping = eax & 0xf;
    if (s->family == 0xf)
        s->family += (eax >> 20) & 0xff;
    if (s->family == 6 || s->family >= 0xf)
        s->model += ((eax >> 16) & 0xf) << 4;
}

guint32
vir_cpu_signature_value(const VirCpuSignature *s)
{
    guint32 family = MIN(s->family, 0xf);

    return (s->family - family) << 20 | (s->model >> 4) << 16 | family << 8 |
           (s->model & 0xf) << 4 | (s->stepping & 0xf);
}

static int
find_vendor(const char id[static 12])
{
    for (guint i = 0; i < VIR_CPU_N_VENDORS; i++) {
        if (vir_cpu_vendors[i].arch == VIR_CPU_ARCH_X86 &&
            strncmp(vir_cpu_vendors[i].id, id, 12) == 0)
            return (int)i;
    }
    return -1;
}

/* What one answer says: the features whose bits it has. */
static void
add_answer(VirCpuData *data, VirCpuBy by, guint32 leaf, guint32 subleaf, const guint32 regs[4])
{
    for (guint i = 0; i < VIR_CPU_N_FEATURES; i++) {
        const VirCpuFeatureRow *f = &vir_cpu_features[i];
        gboolean all = f->by == by && f->leaf == leaf && f->subleaf == subleaf;

        for (guint r = 0; r < 4 && all; r++)
            all = (regs[r] & f->mask[r]) == f->mask[r];
        if (all)
            vir_cpu_set_put(&data->features, i, TRUE);
    }
    if (by == VIR_CPU_BY_CPUID && leaf == 0) {
        guint32 id[] = {GUINT32_TO_LE(regs[1]), GUINT32_TO_LE(regs[3]), GUINT32_TO_LE(regs[2])};

        data->vendor = find_vendor((const char *)id);
    }
    if (by == VIR_CPU_BY_CPUID && leaf == 1)
        set_signature(&data->signature, regs[0]);
}

void
vir_cpu_data_from_xml(const VirCpuXmlData *xml, VirCpuData *data)
{
    *data = (VirCpuData){.vendor = -1};
    for (guint i = 0; i < xml->n_leaves; i++) {
        const VirCpuXmlLeaf *l = xml->leaves[i];
        guint32 regs[] = {l->eax, l->ebx, l->ecx, l->edx};

        add_answer(data, VIR_CPU_BY_CPUID, l->eax_in, l->ecx_in, regs);
    }
    for (guint i = 0; i < xml->n_msrs; i++) {
        const VirCpuXmlMsr *m = xml->msrs[i];
        guint32 regs[] = {m->eax, 0, 0, m->edx};

        add_answer(data, VIR_CPU_BY_MSR, m->index, 0, regs);
    }
}

gboolean
vir_cpu_data_parse(const char *text, gssize len, const char *name, VirCpuData *data, GError **error)
{
    g_autoptr(VirCpuXmlData) xml =
        vir_xml_parse(&vir_cpu_xml_data_doc, text, len, name, 0, NULL, error);

    if (xml == NULL)
        return FALSE;
    vir_cpu_data_from_xml(xml, data);
    return TRUE;
}

void
vir_cpu_data_put_flag(VirCpuData *data, const char *name, gboolean on)
{
    int feature = vir_cpu_feature_find(VIR_CPU_ARCH_X86, name, TRUE);

    if (feature >= 0 && on)
        vir_cpu_set_put(&data->features, (guint)feature, TRUE);
}

void
vir_cpu_data_put_number(VirCpuData *data, const char *name, gint64 number)
{
    guint part = (guint)CLAMP(number, 0, 0xffff);

    if (strcmp(name, "family") == 0)
        data->signature.family = part;
    else if (strcmp(name, "model") == 0)
        data->signature.model = part;
    else if (strcmp(name, "stepping") == 0)
        data->signature.stepping = part;
}

void
vir_cpu_data_put_text(VirCpuData *data, const char *name, const char *text)
{
    if (strcmp(name, "vendor") == 0 && strlen(text) == 12)
        data->vendor = find_vendor(text);
}

gboolean
vir_cpu_data_of_host(VirCpuData *data)
{
    *data = (VirCpuData){.vendor = -1};
#if defined(__x86_64__) || defined(__i386__)
    guint32 regs[4];

    for (guint i = 0; i < VIR_CPU_N_FEATURES; i++) {
        const VirCpuFeatureRow *f = &vir_cpu_features[i];

        if (f->by == VIR_CPU_BY_CPUID &&
            __get_cpuid_count(f->leaf, f->subleaf, &regs[0], &regs[1], &regs[2], &regs[3]))
            add_answer(data, VIR_CPU_BY_CPUID, f->leaf, f->subleaf, regs);
    }
    for (guint leaf = 0; leaf < 2; leaf++) {
        if (__get_cpuid(leaf, &regs[0], &regs[1], &regs[2], &regs[3]))
            add_answer(data, VIR_CPU_BY_CPUID, leaf, 0, regs);
    }
    return TRUE;
#else
    return FALSE;
#endif
}
