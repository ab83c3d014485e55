/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firmware-descriptor.h"
#include "vir-error.h"
#include <string.h>

static GPtrArray *
load(void)
{
    g_autofree char *etc =
        g_test_build_filename(G_TEST_DIST, "unit", "virtqemud", "firmware", "etc", NULL);
    g_autofree char *share =
        g_test_build_filename(G_TEST_DIST, "unit", "virtqemud", "firmware", "share", NULL);

    return vir_firmware_load((const char *const[]){"/nonexistent", etc, share, NULL});
}

static void
test_folders(void)
{
    static const char *const want[] = {"/fw/secure.qcow2", "/fw/secure.fd", "/fw/secure.fd",
                                       "/fw/plain.fd",     "/fw/sev.fd",    "/fw/both.fd",
                                       "/fw/bios.bin",     "/fw/arm.fd",    "/fw/new.bin"};
    g_autoptr(GPtrArray) list = load();

    g_assert_cmpint(list->len, ==, G_N_ELEMENTS(want));
    for (guint i = 0; i < list->len; i++) {
        const VirFirmware *firmware = list->pdata[i];

        g_assert_cmpstr(firmware->executable, ==, want[i]);
    }
}

static void
test_members(void)
{
    g_autoptr(GPtrArray) list = load();
    const VirFirmware *secure = list->pdata[0];
    const VirFirmware *plain = list->pdata[3];
    const VirFirmware *sev = list->pdata[4];
    const VirFirmware *bios = list->pdata[6];
    const VirFirmware *arm = list->pdata[7];

    g_assert_cmpint(secure->interfaces, ==, VIR_FIRMWARE_UEFI);
    g_assert_cmpint(secure->mapping, ==, VIR_FIRMWARE_SPLIT);
    g_assert_cmpstr(secure->format, ==, "qcow2");
    g_assert_cmpstr(secure->template, ==, "/fw/keys.qcow2");
    g_assert_cmpstr(secure->template_format, ==, "qcow2");
    g_assert_cmpint(secure->features, ==,
                    VIR_FIRMWARE_ACPI_S3 | VIR_FIRMWARE_ENROLLED_KEYS | VIR_FIRMWARE_REQUIRES_SMM |
                        VIR_FIRMWARE_SECURE_BOOT);
    g_assert_cmpint(plain->mapping, ==, VIR_FIRMWARE_SPLIT);
    g_assert_cmpint(sev->mapping, ==, VIR_FIRMWARE_STATELESS);
    g_assert_null(sev->template);
    g_assert_cmpint(bios->interfaces, ==, VIR_FIRMWARE_BIOS);
    g_assert_cmpint(bios->mapping, ==, VIR_FIRMWARE_MEMORY);
    g_assert_cmpstr(bios->format, ==, "raw");

    g_assert_true(vir_firmware_fits(secure, "x86_64", "pc-q35-7.2"));
    g_assert_false(vir_firmware_fits(secure, "x86_64", "pc-i440fx-7.2"));
    g_assert_false(vir_firmware_fits(secure, "i686", "pc-q35-7.2"));
    g_assert_true(vir_firmware_fits(plain, "i686", "pc-i440fx-7.2"));
    g_assert_true(vir_firmware_fits(arm, "armv7l", "virt-7.2"));
    g_assert_false(vir_firmware_fits(arm, "aarch64", "virt"));
}

/* Each lacks one thing that a descriptor has to have. */
static void
test_refused(void)
{
    static const struct {
        const char *text;
        const char *why;
    } bad[] = {
        {"", "firmware descriptor 'x': "},
        {"[]", "firmware descriptor 'x': "},
        {"{}", "interface-types"},
        {"{\"interface-types\": [1]}", "interface-types"},
        {"{\"interface-types\": []}", "neither"},
        {"{\"interface-types\": [], \"mapping\": 1}", "neither"},
        {"{\"interface-types\": [], \"mapping\": {\"device\": \"memory\"}}", "filename"},
        {"{\"interface-types\": [], \"mapping\": {\"device\": \"flash\", \"mode\": \"x\"}}",
         "\"mode\""},
        {"{\"interface-types\": [], \"mapping\": {\"device\": \"flash\"}}", "executable"},
        {"{\"interface-types\": [], \"mapping\": {\"device\": \"flash\", \"executable\": "
         "{\"filename\": \"a\", \"format\": \"raw\"}}}",
         "nvram-template"},
        {"{\"interface-types\": [], \"mapping\": {\"device\": \"memory\", \"filename\": \"a\"}}",
         "\"targets\""},
        {"{\"interface-types\": [], \"mapping\": {\"device\": \"memory\", \"filename\": \"a\"}, "
         "\"targets\": [null]}",
         "\"architecture\""},
        {"{\"interface-types\": [], \"mapping\": {\"device\": \"memory\", \"filename\": \"a\"}, "
         "\"targets\": []}",
         "\"features\""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(vir_firmware_parse(bad[i].text, strlen(bad[i].text), "x", &error));
        g_assert_nonnull(error);
        g_assert_nonnull(strstr(error->message, bad[i].why));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/firmware/folders", test_folders);
    g_test_add_func("/firmware/members", test_members);
    g_test_add_func("/firmware/refused", test_refused);
    return g_test_run();
}
