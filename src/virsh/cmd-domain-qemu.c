/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <json-c/json.h>
#include <libvirt/libvirt-qemu.h>
#include <stdlib.h>
#include <string.h>

/* Prints a reply: as it came, or laid out, or the value of its "return" only. */
static gboolean
print_reply(VirshCtl *ctl, const char *reply, gboolean pretty, gboolean value_only)
{
    struct json_object *object;
    struct json_object *shown;

    if (!pretty && !value_only) {
        virsh_print("%s\n", reply);
        return TRUE;
    }
    object = json_tokener_parse(reply);
    shown = object;
    if (!object || (value_only && !json_object_object_get_ex(object, "return", &shown))) {
        virsh_error(ctl, "the reply is not a JSON object with 'return': %s", reply);
        json_object_put(object);
        return FALSE;
    }
    virsh_print("%s\n", json_object_to_json_string_ext(
                            shown, JSON_C_TO_STRING_NOSLASHESCAPE |
                                       (pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
                                               : JSON_C_TO_STRING_PLAIN)));
    json_object_put(object);
    return TRUE;
}

VIRSH_COMMAND(qemu_monitor_command)
{
    g_autoptr(virDomain) dom = NULL;
    gboolean hmp = virsh_flag(cmd, "hmp");
    gboolean pretty = virsh_flag(cmd, "pretty");
    g_autofree char *text = virsh_joined(cmd, "cmd");
    gboolean good;
    char *reply = NULL;

    if (!VIRSH_EXCLUSIVE(ctl, cmd, "hmp", "pretty") ||
        !VIRSH_EXCLUSIVE(ctl, cmd, "hmp", "return-value"))
        return FALSE;
    if (virsh_flag(cmd, "pass-fds"))
        return virsh_error(ctl, "option --pass-fds of 'qemu-monitor-command' is not built yet");
    dom = virsh_domain(ctl, cmd);
    if (!dom || virDomainQemuMonitorCommand(dom, text, &reply,
                                            hmp ? VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP : 0) < 0)
        return FALSE;
    good = print_reply(ctl, reply ? reply : "", pretty, virsh_flag(cmd, "return-value"));
    free(reply);
    return good;
}

VIRSH_COMMAND(qemu_agent_command)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    g_autofree char *text = virsh_joined(cmd, "cmd");
    int timeout = VIR_DOMAIN_QEMU_AGENT_COMMAND_DEFAULT;
    gboolean good;
    char *reply;

    if (!dom || !VIRSH_EXCLUSIVE(ctl, cmd, "timeout", "async", "block") ||
        virsh_int(ctl, cmd, "timeout", &timeout) < 0)
        return FALSE;
    if (virsh_flag(cmd, "timeout") && timeout < 1)
        return virsh_error(ctl, "timeout must be positive");
    if (virsh_flag(cmd, "async"))
        timeout = VIR_DOMAIN_QEMU_AGENT_COMMAND_NOWAIT;
    if (virsh_flag(cmd, "block"))
        timeout = VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK;
    reply = virDomainQemuAgentCommand(dom, text, timeout, 0);
    if (!reply)
        return FALSE;
    good = print_reply(ctl, reply, virsh_flag(cmd, "pretty"), FALSE);
    free(reply);
    return good;
}
