/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

static void
add_input(VirDomainDef *def, int type)
{
    VirDomainInput *input;

    for (guint i = 0; i < def->devices.n_inputs; i++) {
        if (def->devices.inputs[i]->type == type &&
            def->devices.inputs[i]->bus == VIR_DOMAIN_INPUT_BUS_PS2)
            return;
    }
    input = vir_domain_input_new();
    input->type = (guint8)type;
    input->bus = VIR_DOMAIN_INPUT_BUS_PS2;
    vir_xml_append(&def->devices, inputs, input);
}

static guint8
input_bus(int type)
{
    switch (type) {
    case VIR_DOMAIN_INPUT_TYPE_TABLET:
        return VIR_DOMAIN_INPUT_BUS_USB;
    case VIR_DOMAIN_INPUT_TYPE_PASSTHROUGH:
        return VIR_DOMAIN_INPUT_BUS_VIRTIO;
    case VIR_DOMAIN_INPUT_TYPE_EVDEV:
        return VIR_DOMAIN_INPUT_BUS_UNSET;
    default:
        return VIR_DOMAIN_INPUT_BUS_PS2;
    }
}

static void
default_inputs(VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_inputs; i++) {
        VirDomainInput *input = def->devices.inputs[i];

        if (!input->bus)
            input->bus = input_bus(input->type);
    }
    if (def->features.ps2 == VIR_TRISTATE_OFF)
        return;
    add_input(def, VIR_DOMAIN_INPUT_TYPE_MOUSE);
    add_input(def, VIR_DOMAIN_INPUT_TYPE_KEYBOARD);
}

gboolean
vir_complete_inputs(VirModel *model, GError **error)
{
    default_inputs(model->def);
    return TRUE;
}
