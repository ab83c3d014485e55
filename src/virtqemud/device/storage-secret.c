/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "storage-secret.h"

#include "vir-error.h"
#include "vir-uuid.h"
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define BLOCK 16

/* AES-256-CBC with the padding of PKCS #7, as QEMU's secret objects undo it. */
static gboolean
encrypt(const guint8 *key, const guint8 *iv, guint8 *data, gsize len, GError **error)
{
    gnutls_datum_t key_datum = {(guint8 *)key, VIR_MASTER_KEY_LEN};
    gnutls_datum_t iv_datum = {(guint8 *)iv, BLOCK};
    gnutls_cipher_hd_t cipher;
    int rc = gnutls_cipher_init(&cipher, GNUTLS_CIPHER_AES_256_CBC, &key_datum, &iv_datum);

    if (rc >= 0) {
        rc = gnutls_cipher_encrypt(cipher, data, len);
        gnutls_cipher_deinit(cipher);
    }
    return rc >= 0 || vir_error_set(error, VIR_ERR_INTERNAL_ERROR, "cannot encrypt a secret: %s",
                                    gnutls_strerror(rc));
}

gboolean
vir_argv_secret_value(VirArgv *argv, const char *id, const guint8 *value, gsize len, GError **error)
{
    gsize padded = (len / BLOCK + 1) * BLOCK;
    g_autofree guint8 *data = g_malloc(padded);
    g_autofree char *text = NULL;
    g_autofree char *iv_text = NULL;
    guint8 iv[BLOCK];

    if (!argv->context->master_key)
        return vir_error_set(error, VIR_ERR_INTERNAL_ERROR,
                             "domain '%s': there is no key to encrypt secrets with",
                             argv->def->name);
    argv->env->random(iv, sizeof(iv));
    memcpy(data, value, len);
    memset(data + len, (int)(padded - len), padded - len);
    if (!encrypt(argv->context->master_key_bytes, iv, data, padded, error))
        return FALSE;
    text = g_base64_encode(data, padded);
    iv_text = g_base64_encode(iv, sizeof(iv));
    vir_argv_add_props(argv, "-object",
                       vir_props_new("s:qom-type", "secret", "s:id", id, "s:data", text, "s:keyid",
                                     "masterKey0", "s:iv", iv_text, "s:format", "base64", NULL));
    return TRUE;
}

gboolean
vir_argv_secret(VirArgv *argv, const char *id, const VirDomainSecretRef *ref, const char *what,
                GError **error)
{
    g_autofree guint8 *value = NULL;
    gsize len = 0;
    gboolean ok;

    if (!argv->env->secret(argv->env, ref, &value, &len, error)) {
        g_prefix_error(error, "domain '%s': %s: ", argv->def->name, what);
        return FALSE;
    }
    ok = vir_argv_secret_value(argv, id, value, len, error);
    explicit_bzero(value, len);
    return ok;
}

gboolean
vir_argv_tls_creds(VirArgv *argv, const VirArgvTls *tls, GError **error)
{
    g_autofree char *secret = NULL;
    VirDomainSecretRef ref = {.has_uuid = TRUE};

    if (tls->secret_uuid) {
        secret = g_strconcat(tls->parent, "-secret0", NULL);
        if (!vir_uuid_parse(tls->secret_uuid, ref.uuid))
            return vir_error_set(error, VIR_ERR_CONF_SYNTAX,
                                 "the secret of the TLS key in '%s': '%s' is no UUID", tls->dir,
                                 tls->secret_uuid);
        if (!vir_argv_secret(argv, secret, &ref, "the key of the TLS certificate", error))
            return FALSE;
    }
    vir_argv_add_props(argv, "-object",
                       vir_props_new("s:qom-type", "tls-creds-x509", "s:id", tls->id, "s:dir",
                                     tls->dir, "s:endpoint", tls->server ? "server" : "client",
                                     "b:verify-peer", tls->verify, "S:passwordid", secret, NULL));
    return TRUE;
}
