/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

/* A QEMU that does not tell which of its boards have ACPI is one where -machine cannot switch it.
 */
static void
add_no_acpi(VirArgv *argv)
{
    const VirDomainDef *def = argv->def;
    const VirQemuMachine *machine = vir_qemu_caps_machine(argv->caps, def->os.machine);

    if (machine && !machine->acpi && !def->features.acpi &&
        (vir_def_is_x86(def) || vir_def_is_arm_virt(def)))
        vir_argv_add(argv, "-no-acpi", NULL);
}

static void
add_pm(VirArgv *argv)
{
    const VirDomainDef *def = argv->def;
    const char *chip = vir_def_is_q35(def) ? "ICH9-LPC" : "PIIX4_PM";

    if (def->suspend_to_mem)
        vir_argv_addf(argv, "-global", "%s.disable_s3=%d", chip,
                      def->suspend_to_mem == VIR_TRISTATE_NO);
    if (def->suspend_to_disk)
        vir_argv_addf(argv, "-global", "%s.disable_s4=%d", chip,
                      def->suspend_to_disk == VIR_TRISTATE_NO);
}

static void
add_order(VirArgv *argv)
{
    const VirDomainOs *os = &argv->def->os;
    g_autoptr(GString) text = g_string_new(NULL);

    if (os->bootmenu_enable)
        g_string_append_printf(text, "menu=%s,",
                               os->bootmenu_enable == VIR_TRISTATE_YES ? "on" : "off");
    if (os->bootmenu_enable == VIR_TRISTATE_YES && os->has_bootmenu_timeout)
        g_string_append_printf(text, "splash-time=%u,", os->bootmenu_timeout);
    if (os->has_bios_reboot_timeout)
        g_string_append_printf(text, "reboot-timeout=%d,", os->bios_reboot_timeout);
    /* Nothing but what the bootindex of a device says. */
    g_string_append(text, "strict=on");
    vir_argv_add(argv, "-boot", text->str);
}

static gboolean
add_acpi_tables(VirArgv *argv, GError **error)
{
    const VirDomainOs *os = &argv->def->os;

    for (guint i = 0; i < os->n_acpi_tables; i++) {
        const VirDomainAcpiTable *table = os->acpi_tables[i];
        g_autofree char *path = vir_argv_escape(table->path ? table->path : "");

        switch (table->type) {
        case VIR_DOMAIN_ACPI_TABLE_TYPE_RAW:
            vir_argv_addf(argv, "-acpitable", "file=%s", path);
            break;
        case VIR_DOMAIN_ACPI_TABLE_TYPE_SLIC:
            vir_argv_addf(argv, "-acpitable", "sig=SLIC,file=%s", path);
            break;
        case VIR_DOMAIN_ACPI_TABLE_TYPE_MSDM:
            vir_argv_addf(argv, "-acpitable", "sig=MSDM,file=%s", path);
            break;
        default:
            return vir_argv_unsupported(argv, error, "/domain/os/acpi/table[%u]/@type '%s'", i + 1,
                                        vir_domain_acpi_table_type_to_string(table->type));
        }
    }
    return TRUE;
}

gboolean
vir_argv_boot(VirArgv *argv, GError **error)
{
    const VirDomainOs *os = &argv->def->os;

    /* What a shutdown does is decided here, not by QEMU. */
    vir_argv_add(argv, "-no-shutdown", NULL);
    add_no_acpi(argv);
    add_pm(argv);
    add_order(argv);
    if (os->kernel)
        vir_argv_add(argv, "-kernel", os->kernel);
    if (os->initrd)
        vir_argv_add(argv, "-initrd", os->initrd);
    if (os->cmdline)
        vir_argv_add(argv, "-append", os->cmdline);
    if (os->dtb)
        vir_argv_add(argv, "-dtb", os->dtb);
    if (os->shim)
        vir_argv_add(argv, "-shim", os->shim);
    if (!add_acpi_tables(argv, error))
        return FALSE;
    return TRUE;
}
