/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-error.h"
#include "vir-qemu-caps.h"
#include <unistd.h>

/* Where there is one emulator only, that of the host's own architecture, it is here. */
#define NATIVE_EMULATOR "/usr/libexec/qemu-kvm"

/* Guests of other architectures that a processor runs by itself. */
static const struct {
    const char *host;
    const char *guest;
} compatible[] = {
    {"x86_64", "i686"},
    {"aarch64", "armv7l"},
    {"ppc64", "ppc64le"},
    {"ppc64le", "ppc64"},
};

gboolean
vir_qemu_is_native(const char *host, const char *guest)
{
    gboolean native = g_strcmp0(host, guest) == 0;

    for (gsize i = 0; host && guest && i < G_N_ELEMENTS(compatible); i++)
        native |= g_str_equal(compatible[i].host, host) && g_str_equal(compatible[i].guest, guest);
    return native;
}

gboolean
vir_qemu_caps_runs(const VirQemuCaps *caps, const char *guest)
{
    return g_str_equal(vir_qemu_arch(guest), caps->arch) || vir_qemu_is_native(caps->arch, guest);
}

char *
vir_caps_find_emulator(const char *host, const char *guest, GError **error)
{
    gboolean native = vir_qemu_is_native(host, guest);
    gboolean is_ppc64le = g_str_equal(guest, "ppc64le");
    /* KVM of a 64-bit ARM runs 32-bit guests for the 64-bit emulator only. */
    const char *const names[] = {
        native && g_str_equal(guest, "armv7l") ? vir_qemu_arch(host) : NULL,
        is_ppc64le ? guest : vir_qemu_arch(guest),
        native && g_str_equal(guest, "i686") ? vir_qemu_arch(host) : NULL,
        is_ppc64le ? vir_qemu_arch(guest) : NULL,
    };

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *name = g_strconcat("qemu-system-", names[i] ? names[i] : guest, NULL);
        char *path = names[i] ? g_find_program_in_path(name) : NULL;

        if (path)
            return path;
    }
    if (native && access(NATIVE_EMULATOR, X_OK) == 0)
        return g_strdup(NATIVE_EMULATOR);
    vir_error_set(
        error, VIR_ERR_CONFIG_UNSUPPORTED,
        "no emulator for guests of architecture '%s': there is no qemu-system-%s in $PATH", guest,
        vir_qemu_arch(guest));
    return NULL;
}
