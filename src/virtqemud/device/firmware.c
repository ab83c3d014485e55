/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "firmware.h"

#include "argv.h"
#include "disk-nodes.h"
#include "vir-error.h"

/* There is nothing beneath an image of firmware. */
static const VirDomainBackingStore nothing;

/* A plain path as a source; shallow. */
static VirDomainSource
file_source(const char *path)
{
    return (VirDomainSource){.type = VIR_DOMAIN_SOURCE_TYPE_FILE, .path = (char *)path};
}

static gboolean
add_flash(VirArgv *argv, VirDomainSource *src, const char *id, int format, gboolean readonly,
          gboolean layered, char **top, GError **error)
{
    const VirImage image = {
        .src = src,
        .auth = src->auth,
        .encryption = src->encryption,
        .beneath = &nothing,
        .id = id,
        .format = format ? format : VIR_DOMAIN_IMAGE_FORMAT_RAW,
        .top = TRUE,
        .readonly = readonly,
        .layered = layered,
    };

    return vir_argv_image(argv, &image, NULL, top, error);
}

gboolean
vir_argv_firmware(VirArgv *argv, GError **error)
{
    const VirDomainOs *os = &argv->def->os;
    VirDomainSource code = file_source(os->loader);
    VirDomainSource variables = file_source(os->nvram);

    if (!os->loader || os->loader_type != VIR_DOMAIN_OS_LOADER_TYPE_PFLASH)
        return TRUE;
    if (!add_flash(argv, &code, "pflash0", os->loader_format,
                   os->loader_readonly == VIR_TRISTATE_YES, TRUE, &argv->pflash[0], error))
        return FALSE;
    if (!os->nvram && !os->nvram_source)
        return TRUE;
    return add_flash(argv, os->nvram_source ? &os->nvram_source->src : &variables, "pflash1",
                     os->nvram_format, FALSE, FALSE, &argv->pflash[1], error);
}

void
vir_argv_machine_firmware(const VirArgv *argv, GString *text)
{
    for (guint i = 0; i < G_N_ELEMENTS(argv->pflash); i++) {
        if (argv->pflash[i])
            g_string_append_printf(text, ",pflash%u=%s", i, argv->pflash[i]);
    }
}

gboolean
vir_argv_loader(VirArgv *argv, GError **error)
{
    const VirDomainOs *os = &argv->def->os;

    if (os->loader && os->loader_type == VIR_DOMAIN_OS_LOADER_TYPE_ROM)
        vir_argv_add(argv, "-bios", os->loader);
    if (os->loader && os->loader_secure == VIR_TRISTATE_YES)
        vir_argv_add(argv, "-global", "driver=cfi.pflash01,property=secure,value=on");
    return TRUE;
}
