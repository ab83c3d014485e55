/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-error.h"

static gboolean
has_input(const VirDomainDef *def, int type, int bus)
{
    for (guint i = 0; i < def->devices.n_inputs; i++) {
        if (def->devices.inputs[i]->type == type && def->devices.inputs[i]->bus == bus)
            return TRUE;
    }
    return FALSE;
}

static void
add_input(VirDomainDef *def, int type, int bus)
{
    VirDomainInput *input;

    if (has_input(def, type, bus))
        return;
    input = vir_domain_input_new();
    input->type = (guint8)type;
    input->bus = (guint8)bus;
    vir_xml_append(&def->devices, inputs, input);
}

/* The bus of an input whose document names none; passing one through is virtio's, reading the
 * host's own needs no bus. */
static guint8
input_bus(const VirDomainDef *def, int type, const VirBoard *board)
{
    switch (type) {
    case VIR_DOMAIN_INPUT_TYPE_PASSTHROUGH:
        return VIR_DOMAIN_INPUT_BUS_VIRTIO;
    case VIR_DOMAIN_INPUT_TYPE_EVDEV:
        return VIR_DOMAIN_INPUT_BUS_UNSET;
    case VIR_DOMAIN_INPUT_TYPE_MOUSE:
    case VIR_DOMAIN_INPUT_TYPE_KEYBOARD:
        if (board->ps2)
            return VIR_DOMAIN_INPUT_BUS_PS2;
        break;
    default:
        break;
    }
    return vir_def_is_s390(def) ? VIR_DOMAIN_INPUT_BUS_VIRTIO : VIR_DOMAIN_INPUT_BUS_USB;
}

gboolean
vir_complete_inputs(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    VirBoard board = vir_board(def, model->caps);

    /* The board's own; one of the document counts as it where it names the bus. */
    if (board.ps2 && def->features.ps2 != VIR_TRISTATE_OFF) {
        add_input(def, VIR_DOMAIN_INPUT_TYPE_MOUSE, VIR_DOMAIN_INPUT_BUS_PS2);
        add_input(def, VIR_DOMAIN_INPUT_TYPE_KEYBOARD, VIR_DOMAIN_INPUT_BUS_PS2);
    }
    if (board.usb_inputs && def->devices.n_graphics > 0) {
        add_input(def, VIR_DOMAIN_INPUT_TYPE_KEYBOARD, VIR_DOMAIN_INPUT_BUS_USB);
        /* A tablet is the better mouse. */
        if (!has_input(def, VIR_DOMAIN_INPUT_TYPE_TABLET, VIR_DOMAIN_INPUT_BUS_USB))
            add_input(def, VIR_DOMAIN_INPUT_TYPE_MOUSE, VIR_DOMAIN_INPUT_BUS_USB);
    }
    for (guint i = 0; i < def->devices.n_inputs; i++) {
        VirDomainInput *input = def->devices.inputs[i];

        if (!input->bus || input->bus == VIR_DOMAIN_INPUT_BUS_NONE)
            input->bus = input_bus(def, input->type, &board);
    }
    return TRUE;
}

/* QEMU has virtio inputs of one kind only, which fits every slot. */
static gboolean
check_model(const VirDomainInput *input, GError **error)
{
    const char *model = vir_domain_virtio_model_to_string(input->model);

    if (!input->model)
        return TRUE;
    if (input->bus != VIR_DOMAIN_INPUT_BUS_VIRTIO)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "model '%s' is for bus 'virtio' only", model);
    return input->model == VIR_DOMAIN_VIRTIO_MODEL_VIRTIO ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "there is no '%s' of inputs; model 'virtio' fits every slot", model);
}

static gboolean
check_input(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainInput *input = device->input;
    const char *type = vir_domain_input_type_to_string(input->type);
    gboolean host = input->type == VIR_DOMAIN_INPUT_TYPE_PASSTHROUGH ||
                    input->type == VIR_DOMAIN_INPUT_TYPE_EVDEV;
    gboolean fits = TRUE;

    if (host && !input->evdev)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "type '%s' needs a <source>, the device of the host", type);
    if (!check_model(input, error))
        return FALSE;
    if (input->type == VIR_DOMAIN_INPUT_TYPE_EVDEV && input->bus)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "QEMU itself reads an 'evdev'; it has no bus");
    if (input->type == VIR_DOMAIN_INPUT_TYPE_EVDEV)
        return vir_model_needs(model, VIR_QEMU_CAPS_INPUT_LINUX, error, "inputs of type 'evdev'");
    switch (input->bus) {
    case VIR_DOMAIN_INPUT_BUS_PS2:
        fits = vir_board(model->def, model->caps).ps2 &&
               (input->type == VIR_DOMAIN_INPUT_TYPE_MOUSE ||
                input->type == VIR_DOMAIN_INPUT_TYPE_KEYBOARD);
        break;
    case VIR_DOMAIN_INPUT_BUS_USB:
        fits = !host;
        break;
    case VIR_DOMAIN_INPUT_BUS_VIRTIO:
        fits = !host || (!vir_def_is_s390(model->def) &&
                         vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_VIRTIO_INPUT_HOST));
        break;
    default:
        fits = FALSE;
        break;
    }
    if (fits)
        return TRUE;
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "there is no '%s' on bus '%s' in emulator '%s'", type,
                         vir_domain_input_bus_to_string(input->bus), model->caps->binary);
}

gboolean
vir_check_inputs(VirModel *model, GError **error)
{
    return vir_check_each(model, VIR_DOMAIN_DEVICE_INPUT, check_input, error);
}
