/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

/* -device of a driver that needs no more than its place. Takes @props. */
static gboolean
add_device(VirArgv *argv, json_object *props, const VirDomainDeviceInfo *info, GError **error)
{
    vir_props_add(props, "S:id", info->alias, NULL);
    return vir_argv_add_device(argv, props, info, error);
}

static const struct {
    int type;
    int bus;
    const char *driver;
} input_drivers[] = {
    {VIR_DOMAIN_INPUT_TYPE_MOUSE, VIR_DOMAIN_INPUT_BUS_USB, "usb-mouse"},
    {VIR_DOMAIN_INPUT_TYPE_TABLET, VIR_DOMAIN_INPUT_BUS_USB, "usb-tablet"},
    {VIR_DOMAIN_INPUT_TYPE_KEYBOARD, VIR_DOMAIN_INPUT_BUS_USB, "usb-kbd"},
    {VIR_DOMAIN_INPUT_TYPE_MOUSE, VIR_DOMAIN_INPUT_BUS_VIRTIO, "virtio-mouse-pci"},
    {VIR_DOMAIN_INPUT_TYPE_TABLET, VIR_DOMAIN_INPUT_BUS_VIRTIO, "virtio-tablet-pci"},
    {VIR_DOMAIN_INPUT_TYPE_KEYBOARD, VIR_DOMAIN_INPUT_BUS_VIRTIO, "virtio-keyboard-pci"},
};

/* A device of the host that QEMU reads itself; the guest sees it as its PS/2 ones. */
static void
add_evdev(VirArgv *argv, const VirDomainInput *input)
{
    gboolean all = input->source_grab == VIR_DOMAIN_INPUT_SOURCE_GRAB_ALL;

    vir_argv_add_props(
        argv, "-object",
        vir_props_new("s:qom-type", "input-linux", "s:id", input->info.alias, "S:evdev",
                      input->evdev, "t:repeat", input->source_repeat, "B:grab_all", all,
                      "S:grab-toggle",
                      input->source_grab_toggle
                          ? vir_domain_input_source_grab_toggle_to_string(input->source_grab_toggle)
                          : NULL,
                      NULL));
}

gboolean
vir_argv_inputs(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_inputs; i++) {
        const VirDomainInput *input = argv->def->devices.inputs[i];
        const char *driver = NULL;
        json_object *props;

        if (input->bus == VIR_DOMAIN_INPUT_BUS_PS2)
            continue; /* of the board */
        if (input->type == VIR_DOMAIN_INPUT_TYPE_EVDEV) {
            add_evdev(argv, input);
            continue;
        }
        for (gsize j = 0; j < G_N_ELEMENTS(input_drivers); j++) {
            if (input_drivers[j].type == (int)input->type &&
                input_drivers[j].bus == (int)input->bus)
                driver = input_drivers[j].driver;
        }
        if (!driver)
            return vir_argv_unsupported(argv, error, "/domain/devices/input[%u]/@type '%s'", i + 1,
                                        vir_domain_input_type_to_string(input->type));
        props = vir_props_new("s:driver", driver, NULL);
        if (input->driver)
            vir_props_add_virtio(props, input->driver, );
        if (!add_device(argv, props, &input->info, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_argv_watchdogs(VirArgv *argv, GError **error)
{
    const VirDomainDevices *devices = &argv->def->devices;

    for (guint i = 0; i < devices->n_watchdogs; i++) {
        const VirDomainWatchdog *watchdog = devices->watchdogs[i];

        if (watchdog->model == VIR_DOMAIN_WATCHDOG_MODEL_ITCO) {
            /* On q35 it is of the board, but cannot reset until it is told so. */
            vir_argv_add(argv, "-global", "ICH9-LPC.noreboot=off");
        } else if (watchdog->model == VIR_DOMAIN_WATCHDOG_MODEL_I6300ESB ||
                   watchdog->model == VIR_DOMAIN_WATCHDOG_MODEL_IB700) {
            if (!add_device(argv,
                            vir_props_new("s:driver",
                                          vir_domain_watchdog_model_to_string(watchdog->model),
                                          NULL),
                            &watchdog->info, error))
                return FALSE;
        } else {
            return vir_argv_unsupported(argv, error, "/domain/devices/watchdog[%u]/@model '%s'",
                                        i + 1,
                                        vir_domain_watchdog_model_to_string(watchdog->model));
        }
    }
    if (devices->n_watchdogs > 0) {
        int action = devices->watchdogs[0]->action;

        /* QEMU stops the guest for a dump; we make it and go on. */
        if (action == VIR_DOMAIN_WATCHDOG_ACTION_DUMP)
            action = VIR_DOMAIN_WATCHDOG_ACTION_PAUSE;
        if (action == VIR_DOMAIN_WATCHDOG_ACTION_UNSET)
            action = VIR_DOMAIN_WATCHDOG_ACTION_RESET;
        vir_argv_add(argv, "-watchdog-action", vir_domain_watchdog_action_to_string(action));
    }
    return TRUE;
}

gboolean
vir_argv_memballoon(VirArgv *argv, GError **error)
{
    const VirDomainMemballoon *balloon = argv->def->devices.memballoon;
    g_autofree char *driver = NULL;
    json_object *props;

    if (!balloon || balloon->model == VIR_DOMAIN_MEMBALLOON_MODEL_NONE)
        return TRUE;
    if (balloon->model == VIR_DOMAIN_MEMBALLOON_MODEL_XEN)
        return vir_argv_unsupported(argv, error, "/domain/devices/memballoon/@model 'xen'");
    driver = vir_props_virtio_driver(
        "virtio-balloon", &balloon->info,
        balloon->model == VIR_DOMAIN_MEMBALLOON_MODEL_VIRTIO_TRANSITIONAL,
        balloon->model == VIR_DOMAIN_MEMBALLOON_MODEL_VIRTIO_NON_TRANSITIONAL);
    props = vir_props_new("s:driver", driver, "t:deflate-on-oom", balloon->autodeflate,
                          "t:free-page-reporting", balloon->free_page_reporting, NULL);
    if (balloon->driver)
        vir_props_add_virtio(props, balloon->driver, );
    return add_device(argv, props, &balloon->info, error);
}

gboolean
vir_argv_rngs(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_rngs; i++) {
        const VirDomainRng *rng = argv->def->devices.rngs[i];
        g_autofree char *id = g_strconcat("obj", rng->info.alias, NULL);
        g_autofree char *driver = vir_props_virtio_name("virtio-rng", rng);
        json_object *props;

        if (rng->backend == VIR_DOMAIN_RNG_BACKEND_RANDOM)
            props = vir_props_new("s:qom-type", "rng-random", "s:id", id, "s:filename",
                                  rng->backend_path ? rng->backend_path : "/dev/urandom", NULL);
        else if (rng->backend == VIR_DOMAIN_RNG_BACKEND_BUILTIN)
            props = vir_props_new("s:qom-type", "rng-builtin", "s:id", id, NULL);
        else
            return vir_argv_unsupported(argv, error, "/domain/devices/rng[%u]/backend/@model '%s'",
                                        i + 1, vir_domain_rng_backend_to_string(rng->backend));
        vir_argv_add_props(argv, "-object", props);
        props = vir_props_new("s:driver", driver, "s:rng", id, NULL);
        if (rng->driver)
            vir_props_add_virtio(props, rng->driver, );
        if (rng->has_rate_bytes)
            vir_props_add(props, "u:max-bytes", (guint64)rng->rate_bytes, "u:period",
                          (guint64)(rng->has_rate_period ? rng->rate_period : 1000), NULL);
        if (!add_device(argv, props, &rng->info, error))
            return FALSE;
    }
    return TRUE;
}

/* Parts of a definition that nothing here turns into arguments: refused, never left out. */
gboolean
vir_argv_check(const VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirDomainDevices *devices = &def->devices;
    const VirDomainFeatures *features = &def->features;
    const struct {
        gboolean there;
        const char *path;
    } lacks[] = {
        {devices->n_filesystems > 0, "/domain/devices/filesystem"},
        {devices->n_smartcards > 0, "/domain/devices/smartcard"},
        {devices->n_tpms > 0, "/domain/devices/tpm"},
        {devices->n_redirdevs > 0, "/domain/devices/redirdev"},
        {devices->n_hubs > 0, "/domain/devices/hub"},
        {devices->n_shmems > 0, "/domain/devices/shmem"},
        {devices->n_memories > 0, "/domain/devices/memory"},
        {devices->n_cryptos > 0, "/domain/devices/crypto"},
        {devices->iommu != NULL, "/domain/devices/iommu"},
        {def->n_iothread_ids > 0 || def->iothreads > 0, "/domain/iothreads"},
        {def->os.firmware != 0, "/domain/os/@firmware"},
        {def->os.loader_type == VIR_DOMAIN_OS_LOADER_TYPE_PFLASH, "/domain/os/loader"},
        {def->os.nvram != NULL, "/domain/os/nvram"},
        {def->numatune != NULL, "/domain/numatune"},
        {def->vcpu_placement == VIR_DOMAIN_VCPU_PLACEMENT_AUTO, "/domain/vcpu/@placement"},
        {features->msrs_unknown != 0, "/domain/features/msrs"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(lacks); i++) {
        if (lacks[i].there)
            return vir_argv_unsupported(argv, error, "%s", lacks[i].path);
    }
    return TRUE;
}
