/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

/* The id of the one object; -machine names it. */
#define ID "lsec0"

/* What QEMU reads from a file of the guest's own folder. */
static gboolean
write_input(VirArgv *argv, const char *name, const char *text, char **path, GError **error)
{
    if (!text)
        return TRUE;
    *path = g_build_filename(argv->context->lib_dir, name, NULL);
    return argv->env->write_file(argv->env, *path, text, error);
}

/* Where the encryption bit is: the document's word, else that of the host's processor. */
static gboolean
common_props(const VirArgv *argv, json_object *props, GError **error)
{
    const VirDomainLaunchSecurity *launch = argv->def->launch_security;
    const VirQemuCaps *caps = argv->caps;

    if (!caps->sev && (!launch->has_cbitpos || !launch->has_reduced_phys_bits))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': /domain/launchSecurity: this host does not tell cbitpos "
                             "and reducedPhysBits; give both in the document",
                             argv->def->name);
    vir_props_add(props, "u:cbitpos",
                  (guint64)(launch->has_cbitpos ? launch->cbitpos : caps->sev->cbitpos),
                  "u:reduced-phys-bits",
                  (guint64)(launch->has_reduced_phys_bits ? launch->reduced_phys_bits
                                                          : caps->sev->reduced_phys_bits),
                  "t:kernel-hashes", launch->kernel_hashes, NULL);
    return TRUE;
}

static gboolean
add_sev(VirArgv *argv, json_object *props, GError **error)
{
    const VirDomainLaunchSecurity *launch = argv->def->launch_security;
    g_autofree char *dh_cert = NULL;
    g_autofree char *session = NULL;

    if (!write_input(argv, "dh_cert.base64", launch->dh_cert, &dh_cert, error) ||
        !write_input(argv, "session.base64", launch->session, &session, error))
        return FALSE;
    vir_props_add(props, "u:policy", (guint64)launch->policy, "S:dh-cert-file", dh_cert,
                  "S:session-file", session, NULL);
    return common_props(argv, props, error);
}

static gboolean
add_sev_snp(VirArgv *argv, json_object *props, GError **error)
{
    const VirDomainLaunchSecurity *launch = argv->def->launch_security;

    vir_props_add(props, "u:policy", (guint64)launch->policy, "S:guest-visible-workarounds",
                  launch->guest_visible_workarounds, "S:id-block", launch->id_block, "S:id-auth",
                  launch->id_auth, "S:host-data", launch->host_data, "t:author-key-enabled",
                  launch->author_key, NULL);
    if (launch->vcek)
        vir_props_add(props, "b:vcek-disabled", launch->vcek == VIR_TRISTATE_NO, NULL);
    return common_props(argv, props, error);
}

/* As QEMU 10.1's tdx-guest has it. */
static gboolean
add_tdx(VirArgv *argv, json_object *props, GError **error)
{
    const VirDomainLaunchSecurity *launch = argv->def->launch_security;

    vir_props_add(props, "U:attributes", (guint64)launch->policy, "S:mrconfigid",
                  launch->mr_config_id, "S:mrowner", launch->mr_owner, "S:mrownerconfig",
                  launch->mr_owner_config, NULL);
    if (launch->quote_generation_service_path)
        vir_props_add(
            props, "a:quote-generation-socket",
            vir_props_new("s:type", "unix", "s:path", launch->quote_generation_service_path, NULL),
            NULL);
    return TRUE;
}

gboolean
vir_argv_launch_security(VirArgv *argv, GError **error)
{
    static const struct {
        int type;
        const char *object;
        gboolean (*add)(VirArgv *argv, json_object *props, GError **error);
    } kinds[] = {
        {VIR_DOMAIN_LAUNCH_SECURITY_TYPE_SEV, "sev-guest", add_sev},
        {VIR_DOMAIN_LAUNCH_SECURITY_TYPE_SEV_SNP, "sev-snp-guest", add_sev_snp},
        {VIR_DOMAIN_LAUNCH_SECURITY_TYPE_S390_PV, "s390-pv-guest", NULL},
        {VIR_DOMAIN_LAUNCH_SECURITY_TYPE_TDX, "tdx-guest", add_tdx},
    };
    const VirDomainLaunchSecurity *launch = argv->def->launch_security;

    if (!launch)
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        json_object *props;

        if (kinds[i].type != (int)launch->type)
            continue;
        props = vir_props_new("s:qom-type", kinds[i].object, "s:id", ID, NULL);
        if (kinds[i].add && !kinds[i].add(argv, props, error)) {
            json_object_put(props);
            return FALSE;
        }
        vir_argv_add_props(argv, "-object", props);
        return TRUE;
    }
    return vir_argv_unsupported(argv, error, "/domain/launchSecurity/@type '%s'",
                                vir_domain_launch_security_type_to_string(launch->type));
}
