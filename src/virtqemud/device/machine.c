/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "clock.h"
#include "vir-error.h"
#include <string.h>

static gboolean
has_pcspk(const VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_sounds; i++) {
        if (def->devices.sounds[i]->model == VIR_DOMAIN_SOUND_MODEL_PCSPK)
            return TRUE;
    }
    return FALSE;
}

gboolean
vir_argv_machine(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirDomainFeatures *features = &def->features;
    const VirQemuMachine *machine = vir_qemu_caps_machine(argv->caps, def->os.machine);
    const VirDomainTimer *hpet = vir_def_timer(def, VIR_DOMAIN_TIMER_NAME_HPET);
    g_autoptr(GString) text = NULL;

    if (!machine)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': emulator '%s' has no machine type '%s'", def->name,
                             argv->caps->binary, def->os.machine);
    text = g_string_new(def->os.machine);
    g_string_append(text, ",usb=off");
    vir_argv_append_onoff(text, "vmport", features->vmport);
    if (features->smm_present)
        vir_argv_append_onoff(text, "smm", features->smm ? features->smm : VIR_TRISTATE_ON);
    vir_argv_append_onoff(text, "i8042", features->ps2);
    g_string_append_printf(text, ",dump-guest-core=%s",
                           def->memory_dump_core == VIR_TRISTATE_ON ? "on" : "off");
    if (def->memory_backing && def->memory_backing->nosharepages)
        g_string_append(text, ",mem-merge=off");
    if (machine->default_ram && !(def->cpu && def->cpu->n_numa_cells > 0))
        g_string_append_printf(text, ",memory-backend=%s", machine->default_ram);
    if (def->os.bios_useserial == VIR_TRISTATE_YES)
        g_string_append(text, ",graphics=off");
    if (has_pcspk(def))
        g_string_append(text, ",pcspk-audiodev=audio1");
    if (hpet && vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_MACHINE_HPET))
        vir_argv_append_onoff(text, "hpet", hpet->present ? hpet->present : VIR_TRISTATE_ON);
    if (vir_def_is_i440fx(def) || vir_def_is_q35(def))
        g_string_append_printf(text, ",acpi=%s", features->acpi ? "on" : "off");
    vir_argv_add(argv, "-machine", text->str);
    if (hpet && hpet->present == VIR_TRISTATE_NO &&
        !vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_MACHINE_HPET))
        vir_argv_add(argv, "-no-hpet", NULL);

    switch (def->virt_type) {
    case VIR_DOMAIN_VIRT_TYPE_QEMU:
        if (features->tcg_tb_cache)
            vir_argv_addf(argv, "-accel", "tcg,tb-size=%" G_GUINT64_FORMAT,
                          features->tcg_tb_cache / 1024);
        else
            vir_argv_add(argv, "-accel", "tcg");
        return TRUE;
    case VIR_DOMAIN_VIRT_TYPE_KVM:
        if (features->kvm && features->kvm->dirty_ring == VIR_TRISTATE_ON)
            vir_argv_addf(argv, "-accel", "kvm,dirty-ring-size=%u", features->kvm->dirty_ring_size);
        else
            vir_argv_add(argv, "-accel", "kvm");
        return TRUE;
    default:
        return vir_argv_unsupported(argv, error, "/domain/@type '%s'",
                                    vir_domain_virt_type_to_string(def->virt_type));
    }
}

/* QEMU wants whole MiB. */
static guint64
round_memory(guint64 kib)
{
    return (kib + 1023) / 1024 * 1024;
}

static gboolean
add_backend(VirArgv *argv, const char *id, guint64 kib, GError **error)
{
    const VirDomainMemoryBacking *backing = argv->def->memory_backing;
    int source = backing ? backing->source : VIR_DOMAIN_MEMORY_BACKING_SOURCE_UNSET;
    int share = !backing                                                      ? VIR_TRISTATE_ABSENT
                : backing->access == VIR_DOMAIN_MEMORY_BACKING_ACCESS_SHARED  ? VIR_TRISTATE_ON
                : backing->access == VIR_DOMAIN_MEMORY_BACKING_ACCESS_PRIVATE ? VIR_TRISTATE_OFF
                                                                              : VIR_TRISTATE_ABSENT;
    gboolean prealloc =
        backing && backing->allocation == VIR_DOMAIN_MEMORY_BACKING_ALLOCATION_IMMEDIATE;
    const char *type = "memory-backend-ram";

    if (backing && backing->hugepages)
        return vir_argv_unsupported(argv, error, "/domain/memoryBacking/hugepages");
    if (source == VIR_DOMAIN_MEMORY_BACKING_SOURCE_FILE)
        return vir_argv_unsupported(argv, error, "/domain/memoryBacking/source/@type 'file'");
    if (source == VIR_DOMAIN_MEMORY_BACKING_SOURCE_MEMFD)
        type = "memory-backend-memfd";
    vir_argv_add_props(argv, "-object",
                       vir_props_new("s:qom-type", type, "s:id", id, "t:share", share, "B:prealloc",
                                     prealloc, "u:size", kib * 1024, NULL));
    return TRUE;
}

gboolean
vir_argv_memory(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirQemuMachine *machine = vir_qemu_caps_machine(argv->caps, def->os.machine);
    guint64 memory = round_memory(def->memory);

    if (def->memory == 0 || def->memory > G_MAXUINT64 / 2048)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "domain '%s': no memory size that can be",
                             def->name);
    if (def->has_max_memory)
        return vir_argv_unsupported(argv, error, "/domain/maxMemory");
    if (def->cpu && def->cpu->n_numa_cells > 0)
        return vir_argv_unsupported(argv, error, "/domain/cpu/numa");
    vir_argv_addf(argv, "-m", "size=%" G_GUINT64_FORMAT "k", memory);
    if (machine && machine->default_ram && !add_backend(argv, machine->default_ram, memory, error))
        return FALSE;
    vir_argv_add(argv, "-overcommit",
                 def->memory_backing && def->memory_backing->locked ? "mem-lock=on"
                                                                    : "mem-lock=off");
    return TRUE;
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

gboolean
vir_argv_boot(VirArgv *argv, GError **error)
{
    const VirDomainOs *os = &argv->def->os;
    g_autoptr(GString) text = g_string_new(NULL);

    vir_argv_add(argv, "-no-shutdown", NULL);
    add_pm(argv);
    if (os->bootmenu_enable)
        g_string_append_printf(text, "menu=%s,",
                               os->bootmenu_enable == VIR_TRISTATE_YES ? "on" : "off");
    if (os->bootmenu_enable == VIR_TRISTATE_YES && os->has_bootmenu_timeout)
        g_string_append_printf(text, "splash-time=%u,", os->bootmenu_timeout);
    if (os->has_bios_reboot_timeout)
        g_string_append_printf(text, "reboot-timeout=%d,", os->bios_reboot_timeout);
    g_string_append(text, "strict=on");
    vir_argv_add(argv, "-boot", text->str);
    if (argv->def->features.has_smm_tseg)
        vir_argv_addf(argv, "-global", "mch.extended-tseg-mbytes=%" G_GUINT64_FORMAT,
                      argv->def->features.smm_tseg);
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
    if (os->loader && os->loader_type != VIR_DOMAIN_OS_LOADER_TYPE_PFLASH)
        vir_argv_add(argv, "-bios", os->loader);
    return TRUE;
}
