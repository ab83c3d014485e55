/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-model.h"

void
vir_domain_filesystem_complete(VirDomainFilesystem *fs)
{
    /* Who owns files is settled where a virtiofsd of somebody else is started. */
    if (!fs->accessmode && !(fs->driver == VIR_DOMAIN_FILESYSTEM_DRIVER_VIRTIOFS && fs->socket))
        fs->accessmode = VIR_DOMAIN_FILESYSTEM_ACCESSMODE_PASSTHROUGH;
    if (fs->multidevs == VIR_DOMAIN_FILESYSTEM_MULTIDEVS_DEFAULT)
        fs->multidevs = 0;
}
