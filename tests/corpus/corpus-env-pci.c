/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "corpus-env-pci.h"

/* Functions that the documents assume, with their IOMMU groups. */
static const struct {
    guint domain;
    guint bus;
    guint slot;
    guint function;
    int group;
} functions[] = {
    {0x0000, 0x00, 0x00, 0, 0},  {0x0000, 0x00, 0x01, 0, 1},  {0x0000, 0x00, 0x02, 0, 2},
    {0x0000, 0x00, 0x03, 0, 3},  {0x0001, 0x00, 0x00, 0, 4},  {0x0001, 0x01, 0x00, 0, 5},
    {0x0001, 0x01, 0x00, 1, 5},  {0x0005, 0x80, 0x00, 0, 6},  {0x0005, 0x90, 0x01, 0, 7},
    {0x0005, 0x90, 0x01, 1, 7},  {0x0005, 0x90, 0x01, 2, 7},  {0x0005, 0x90, 0x01, 3, 7},
    {0x0000, 0x0a, 0x01, 0, 8},  {0x0000, 0x0a, 0x02, 0, 8},  {0x0000, 0x0a, 0x03, 0, 8},
    {0x0000, 0x06, 0x12, 0, 9},  {0x0000, 0x06, 0x12, 1, 10}, {0x0000, 0x06, 0x12, 2, 11},
    {0x0021, 0xde, 0x1f, 0, 12}, {0x0021, 0xde, 0x1f, 1, 13}, {0x0000, 0x01, 0x00, 0, 14},
    {0x0000, 0x02, 0x00, 0, 15}, {0x0000, 0x03, 0x00, 0, 16},
};

gboolean
corpus_env_pci_device(const VirQemuEnv *env, guint domain, guint bus, guint slot, guint function,
                      VirQemuPciDevice *out)
{
    for (gsize i = 0; i < G_N_ELEMENTS(functions); i++) {
        if (functions[i].domain == domain && functions[i].bus == bus && functions[i].slot == slot &&
            functions[i].function == function) {
            out->iommu_group = functions[i].group;
            return TRUE;
        }
    }
    return FALSE;
}
