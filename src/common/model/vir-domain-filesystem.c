/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-model.h"

void
vir_domain_filesystem_complete(VirDomainFilesystem *fs)
{
    if (!fs->accessmode)
        fs->accessmode = VIR_DOMAIN_FILESYSTEM_ACCESSMODE_PASSTHROUGH;
    if (fs->multidevs == VIR_DOMAIN_FILESYSTEM_MULTIDEVS_DEFAULT)
        fs->multidevs = 0;
}
