/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "firmware.h"
#include "vir-error.h"

/* Pairs of code and variables from before there were descriptors; qemu.conf may name others. */
static const char *const usual_pairs[] = {
    "/usr/share/OVMF/OVMF_CODE.fd:/usr/share/OVMF/OVMF_VARS.fd",
    "/usr/share/OVMF/OVMF_CODE.secboot.fd:/usr/share/OVMF/OVMF_VARS.fd",
    "/usr/share/AAVMF/AAVMF_CODE.fd:/usr/share/AAVMF/AAVMF_VARS.fd",
    "/usr/share/AAVMF/AAVMF32_CODE.fd:/usr/share/AAVMF/AAVMF32_VARS.fd",
    NULL,
};

const char *const *
vir_firmware_pairs(const VirQemuConf *conf)
{
    return conf && conf->firmware_pairs ? (const char *const *)conf->firmware_pairs : usual_pairs;
}

static gboolean
is_raw_or_unset(int format)
{
    return !format || format == VIR_DOMAIN_IMAGE_FORMAT_RAW;
}

/* Completes a loader that is one of the pairs. */
static gboolean
fill_from_pairs(VirDomainOs *os, const VirQemuConf *conf)
{
    const char *const *pairs = vir_firmware_pairs(conf);

    if (os->firmware || !os->loader || os->loader_type != VIR_DOMAIN_OS_LOADER_TYPE_PFLASH ||
        os->loader_readonly != VIR_TRISTATE_YES || !is_raw_or_unset(os->loader_format) ||
        !is_raw_or_unset(os->nvram_format))
        return FALSE;
    for (; *pairs; pairs++) {
        g_auto(GStrv) pair = g_strsplit(*pairs, ":", 2);

        if (!pair[0] || !pair[1] || !g_str_equal(pair[0], os->loader))
            continue;
        os->loader_format = VIR_DOMAIN_IMAGE_FORMAT_RAW;
        if (os->loader_stateless == VIR_TRISTATE_YES || os->nvram_source)
            return TRUE;
        os->nvram_template_format = VIR_DOMAIN_IMAGE_FORMAT_RAW;
        if (!os->nvram_template)
            os->nvram_template = g_strdup(pair[1]);
        return TRUE;
    }
    return FALSE;
}

/* FALSE: none that is installed will do. */
static gboolean
fill_from_descriptors(VirModel *model)
{
    VirDomainOs *os = &model->def->os;
    g_autoptr(GPtrArray) list = NULL;
    const VirFirmware *firmware;

    if (!model->env->firmware_dirs)
        return FALSE;
    list = vir_firmware_load(model->env->firmware_dirs);
    /* The guest of before has what it had, whatever is preferred today: raw was all there was. */
    if (os->firmware && !(model->flags & VIR_MODEL_ABI_UPDATE) && !os->loader_format &&
        !os->nvram_format)
        os->loader_format = VIR_DOMAIN_IMAGE_FORMAT_RAW;
    firmware = vir_firmware_choose(list, model->def);
    if (firmware)
        vir_firmware_fill(model->def, firmware);
    return firmware != NULL;
}

static void
name_nvram(const VirModel *model)
{
    VirDomainOs *os = &model->def->os;
    gboolean qcow2;

    if (os->loader_type != VIR_DOMAIN_OS_LOADER_TYPE_PFLASH ||
        os->loader_readonly != VIR_TRISTATE_YES || os->loader_stateless == VIR_TRISTATE_YES)
        return;
    if (!os->nvram_format)
        os->nvram_format = os->loader_format;
    if (os->nvram || os->nvram_source || !model->env->nvram_dir)
        return;
    qcow2 = os->nvram_format == VIR_DOMAIN_IMAGE_FORMAT_QCOW2;
    os->nvram = g_strdup_printf("%s/%s_VARS.%s", model->env->nvram_dir, model->def->name,
                                qcow2 ? "qcow2" : "fd");
}

static void
sort_features(VirDomainOs *os)
{
    for (guint i = 1; i < os->n_firmware_features; i++) {
        VirDomainFirmwareFeature *feature = os->firmware_features[i];
        guint at = i;

        for (; at > 0 && os->firmware_features[at - 1]->name > feature->name; at--)
            os->firmware_features[at] = os->firmware_features[at - 1];
        os->firmware_features[at] = feature;
    }
}

gboolean
vir_complete_firmware(VirModel *model, GError **error)
{
    VirDomainOs *os = &model->def->os;
    gboolean found;

    sort_features(os);
    if (!os->firmware && os->loader && !os->loader_type) {
        os->loader_type = VIR_DOMAIN_OS_LOADER_TYPE_ROM;
        if (!os->loader_format)
            os->loader_format = VIR_DOMAIN_IMAGE_FORMAT_RAW;
    }
    if (!os->firmware && (!os->loader || os->loader_type == VIR_DOMAIN_OS_LOADER_TYPE_ROM))
        return TRUE;
    found = fill_from_pairs(os, model->env->conf) || fill_from_descriptors(model);
    if (os->loader && !os->loader_format && os->loader_type != VIR_DOMAIN_OS_LOADER_TYPE_ROM)
        os->loader_format = VIR_DOMAIN_IMAGE_FORMAT_RAW;
    /* What could not be chosen is refused by the checks of a new guest, or by a start. */
    if (found || !os->firmware)
        name_nvram(model);
    return TRUE;
}

/* ---- checks ---- */

static gboolean
refuse(GError **error, int code, const char *what)
{
    return vir_error_set(error, code, "%s", what);
}

static gboolean
has_nvram(const VirDomainOs *os)
{
    return os->nvram || os->nvram_source;
}

static gboolean
check_features(const VirDomainOs *os, GError **error)
{
    int keys = VIR_TRISTATE_ABSENT;
    int boot = VIR_TRISTATE_ABSENT;

    if (os->n_firmware_features > 0 && !os->firmware)
        return refuse(error, VIR_ERR_CONFIG_UNSUPPORTED,
                      "<firmware> says what firmware is to be found; that needs the attribute "
                      "'firmware' of <os>");
    for (guint i = 0; i < os->n_firmware_features; i++) {
        const VirDomainFirmwareFeature *feature = os->firmware_features[i];

        if (feature->name == VIR_DOMAIN_FIRMWARE_FEATURE_NAME_ENROLLED_KEYS)
            keys = feature->enabled;
        else
            boot = feature->enabled;
    }
    if (keys == VIR_TRISTATE_YES && boot == VIR_TRISTATE_NO)
        return refuse(error, VIR_ERR_XML_ERROR,
                      "firmware with enrolled keys has secure boot: feature 'enrolled-keys' cannot "
                      "be enabled with 'secure-boot' disabled");
    return TRUE;
}

static gboolean
check_nvram(const VirDomainOs *os, GError **error)
{
    gboolean flash = os->firmware ? os->firmware == VIR_DOMAIN_OS_FIRMWARE_EFI
                                  : os->loader_type == VIR_DOMAIN_OS_LOADER_TYPE_PFLASH;
    gboolean asked = has_nvram(os) || os->nvram_template || os->nvram_format;

    if (!flash && (asked || os->loader_stateless == VIR_TRISTATE_NO))
        return refuse(error, VIR_ERR_XML_ERROR,
                      os->firmware ? "only firmware 'efi' has variables: <nvram> and "
                                     "stateless='no' do not go with firmware 'bios'"
                                   : "only a loader of type 'pflash' has variables: <nvram> and "
                                     "stateless='no' do not go with another");
    if (asked && os->loader_stateless == VIR_TRISTATE_YES)
        return refuse(error, VIR_ERR_XML_ERROR,
                      "a loader that is stateless has no variables: <nvram> does not go with it");
    if (asked && os->loader_readonly == VIR_TRISTATE_NO)
        return refuse(error, VIR_ERR_XML_ERROR,
                      "a loader that the guest writes to holds its variables: <nvram> does not go "
                      "with readonly='no'");
    return TRUE;
}

static gboolean
check_format(int format, const char *of, GError **error)
{
    return is_raw_or_unset(format) || format == VIR_DOMAIN_IMAGE_FORMAT_QCOW2 ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "the format of %s is 'raw' or 'qcow2', not '%s'", of,
                         vir_domain_image_format_to_string(format));
}

static gboolean
check_formats(const VirDomainOs *os, GError **error)
{
    if (os->loader_type == VIR_DOMAIN_OS_LOADER_TYPE_ROM && !is_raw_or_unset(os->loader_format))
        return refuse(error, VIR_ERR_CONFIG_UNSUPPORTED,
                      "the format of a loader of type 'rom' is 'raw'");
    return check_format(os->loader_format, "<loader>", error) &&
           check_format(os->nvram_format, "<nvram>", error) &&
           check_format(os->nvram_template_format, "the template of <nvram>", error);
}

static gboolean
check_secure(const VirDomainDef *def, GError **error)
{
    if (def->os.loader_secure != VIR_TRISTATE_YES)
        return TRUE;
    if (!def->os.arch || !g_str_equal(def->os.arch, "x86_64") || !vir_def_is_q35(def))
        return refuse(error, VIR_ERR_CONFIG_UNSUPPORTED,
                      "a secure loader is for machine type 'q35' of x86_64 only");
    if (def->os.loader && (!def->features.smm_present || def->features.smm == VIR_TRISTATE_OFF))
        return refuse(error, VIR_ERR_CONFIG_UNSUPPORTED,
                      "a secure loader needs <smm state='on'/> in <features>");
    return TRUE;
}

static gboolean
check_found(const VirModel *model, GError **error)
{
    const VirDomainOs *os = &model->def->os;
    g_autoptr(GPtrArray) list = NULL;
    g_autofree char *folders = NULL;

    if (!os->firmware)
        return TRUE;
    if (model->env->firmware_dirs)
        list = vir_firmware_load(model->env->firmware_dirs);
    if (list && vir_firmware_choose(list, model->def))
        return TRUE;
    if (model->env->firmware_dirs)
        folders = g_strjoinv(", ", (char **)model->env->firmware_dirs);
    return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                         "no firmware of kind '%s' that is installed does all that is asked of it "
                         "on machine type '%s'; what there is is described in %s",
                         vir_domain_os_firmware_to_string(os->firmware), os->machine,
                         folders ? folders : "no folder");
}

gboolean
vir_check_firmware(VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;
    const VirDomainOs *os = &def->os;

    if (!os->firmware && !os->loader &&
        (os->loader_type || os->loader_readonly || os->loader_secure || os->loader_stateless ||
         os->loader_format || has_nvram(os) || os->nvram_template))
        return refuse(error, VIR_ERR_XML_ERROR,
                      "<loader> has no path, and <os> no firmware attribute to find one");
    /* A guest that is there already may find its firmware again before it is started. */
    return check_features(os, error) && check_nvram(os, error) && check_formats(os, error) &&
           check_secure(def, error) &&
           (!(model->flags & VIR_MODEL_ABI_UPDATE) || check_found(model, error));
}

gboolean
vir_prepare_firmware(VirModel *model, GError **error)
{
    return check_found(model, error);
}
