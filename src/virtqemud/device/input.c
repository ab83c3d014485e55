/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

static const struct {
    int type;
    const char *usb;
    const char *virtio; /* without the bus */
} drivers[] = {
    {VIR_DOMAIN_INPUT_TYPE_MOUSE, "usb-mouse", "virtio-mouse"},
    {VIR_DOMAIN_INPUT_TYPE_TABLET, "usb-tablet", "virtio-tablet"},
    {VIR_DOMAIN_INPUT_TYPE_KEYBOARD, "usb-kbd", "virtio-keyboard"},
    {VIR_DOMAIN_INPUT_TYPE_PASSTHROUGH, NULL, "virtio-input-host"},
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

static json_object *
input_props(const VirDomainInput *input)
{
    for (gsize i = 0; i < G_N_ELEMENTS(drivers); i++) {
        g_autofree char *virtio = NULL;
        json_object *props;

        if (drivers[i].type != (int)input->type)
            continue;
        if (input->bus == VIR_DOMAIN_INPUT_BUS_USB)
            return drivers[i].usb ? vir_props_new("s:driver", drivers[i].usb, NULL) : NULL;
        if (input->bus != VIR_DOMAIN_INPUT_BUS_VIRTIO)
            return NULL;
        virtio = vir_props_virtio_name(drivers[i].virtio, input);
        props = vir_props_new("s:driver", virtio, NULL);
        if (input->driver)
            vir_props_add_virtio(props, input->driver, );
        if (input->type == VIR_DOMAIN_INPUT_TYPE_PASSTHROUGH)
            vir_props_add(props, "S:evdev", input->evdev, NULL);
        return props;
    }
    return NULL;
}

gboolean
vir_argv_inputs(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_inputs; i++) {
        const VirDomainInput *input = argv->def->devices.inputs[i];
        json_object *props;

        if (input->bus == VIR_DOMAIN_INPUT_BUS_PS2)
            continue; /* of the board */
        if (input->type == VIR_DOMAIN_INPUT_TYPE_EVDEV) {
            add_evdev(argv, input);
            continue;
        }
        props = input_props(input);
        if (!props)
            return vir_argv_unsupported(argv, error, "/domain/devices/input[%u]/@bus '%s'", i + 1,
                                        vir_domain_input_bus_to_string(input->bus));
        if (!vir_argv_add_named(argv, props, &input->info, error))
            return FALSE;
    }
    return TRUE;
}
