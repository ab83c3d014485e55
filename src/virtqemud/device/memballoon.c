/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"

gboolean
vir_argv_memballoon(VirArgv *argv, GError **error)
{
    const VirDomainMemballoon *balloon = argv->def->devices.memballoon;
    g_autofree char *driver = NULL;
    json_object *props;

    if (!balloon || balloon->model == VIR_DOMAIN_MEMBALLOON_MODEL_NONE)
        return TRUE;
    driver = vir_props_virtio_driver(
        "virtio-balloon", &balloon->info,
        balloon->model == VIR_DOMAIN_MEMBALLOON_MODEL_VIRTIO_TRANSITIONAL,
        balloon->model == VIR_DOMAIN_MEMBALLOON_MODEL_VIRTIO_NON_TRANSITIONAL);
    props = vir_props_new("s:driver", driver, NULL);
    if (balloon->driver)
        vir_props_add_virtio(props, balloon->driver, );
    vir_props_add(props, "t:deflate-on-oom", balloon->autodeflate, "t:free-page-reporting",
                  balloon->free_page_reporting, NULL);
    return vir_argv_add_named(argv, props, &balloon->info, error);
}
