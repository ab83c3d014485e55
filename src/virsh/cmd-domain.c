/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

/* --pass-fds=3,4: a newly allocated array; FALSE with a printed error. */
static gboolean
parse_fds(VirshCtl *ctl, const VirshCmd *cmd, GArray **fds)
{
    const char *text = virsh_string(cmd, "pass-fds");
    g_auto(GStrv) parts = text ? g_strsplit(text, ",", -1) : NULL;

    *fds = g_array_new(FALSE, FALSE, sizeof(int));
    for (gsize i = 0; parts && parts[i]; i++) {
        guint64 fd;
        int number;

        if (!g_ascii_string_to_unsigned(parts[i], 10, 0, G_MAXINT, &fd, NULL))
            return virsh_error(ctl, "Unable to parse FD number '%s'", parts[i]);
        number = (int)fd;
        g_array_append_val(*fds, number);
    }
    return TRUE;
}

static unsigned int
start_flags(const VirshCmd *cmd)
{
    return VIRSH_FLAGS(cmd, {"paused", VIR_DOMAIN_START_PAUSED},
                       {"autodestroy", VIR_DOMAIN_START_AUTODESTROY},
                       {"reset-nvram", VIR_DOMAIN_START_RESET_NVRAM});
}

VIRSH_COMMAND(start)
{
    g_autoptr(virDomain) dom = NULL;
    g_autoptr(GArray) fds = NULL;
    unsigned int flags = start_flags(cmd);
    int rc;

    dom = virsh_domain_by(ctl, virsh_string(cmd, "domain"), VIRSH_BY_NAME | VIRSH_BY_UUID);
    if (!dom)
        return FALSE;
    if (virDomainGetID(dom) != (unsigned int)-1)
        return virsh_error(ctl, "Domain is already active");
    virsh_forget();
    if (!parse_fds(ctl, cmd, &fds))
        return FALSE;
    flags |= VIRSH_FLAGS(cmd, {"bypass-cache", VIR_DOMAIN_START_BYPASS_CACHE},
                         {"force-boot", VIR_DOMAIN_START_FORCE_BOOT});
    if (fds->len > 0)
        rc = virDomainCreateWithFiles(dom, fds->len, (int *)fds->data, flags);
    else
        rc = flags ? virDomainCreateWithFlags(dom, flags) : virDomainCreate(dom);
    if (rc < 0)
        return virsh_error(ctl, "Failed to start domain '%s'", virDomainGetName(dom));
    virsh_say(ctl, "Domain '%s' started\n", virDomainGetName(dom));
    if (virsh_flag(cmd, "console"))
        return virsh_console(ctl, dom, NULL, FALSE, 0);
    return TRUE;
}

VIRSH_COMMAND(create)
{
    const char *path = virsh_string(cmd, "file");
    g_autofree char *xml = NULL;
    g_autoptr(virDomain) dom = NULL;
    g_autoptr(GArray) fds = NULL;
    unsigned int flags = start_flags(cmd);

    if (!parse_fds(ctl, cmd, &fds))
        return FALSE;
    xml = virsh_read_file(ctl, path);
    if (!xml)
        return FALSE;
    if (virsh_flag(cmd, "validate"))
        flags |= VIR_DOMAIN_START_VALIDATE;
    if (fds->len > 0)
        dom = virDomainCreateXMLWithFiles(ctl->conn, xml, fds->len, (int *)fds->data, flags);
    else
        dom = virDomainCreateXML(ctl->conn, xml, flags);
    if (!dom)
        return virsh_error(ctl, "Failed to create domain from %s", path);
    virsh_say(ctl, "Domain '%s' created from %s\n", virDomainGetName(dom), path);
    if (virsh_flag(cmd, "console"))
        return virsh_console(ctl, dom, NULL, FALSE, 0);
    return TRUE;
}

VIRSH_COMMAND(define)
{
    const char *path = virsh_string(cmd, "file");
    g_autofree char *xml = virsh_read_file(ctl, path);
    g_autoptr(virDomain) dom = NULL;

    if (!xml)
        return FALSE;
    if (virsh_flag(cmd, "validate"))
        dom = virDomainDefineXMLFlags(ctl->conn, xml, VIR_DOMAIN_DEFINE_VALIDATE);
    else
        dom = virDomainDefineXML(ctl->conn, xml);
    if (!dom)
        return virsh_error(ctl, "Failed to define domain from %s", path);
    virsh_say(ctl, "Domain '%s' defined from %s\n", virDomainGetName(dom), path);
    return TRUE;
}

VIRSH_COMMAND(destroy)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    unsigned int flags = VIRSH_FLAGS(cmd, {"graceful", VIR_DOMAIN_DESTROY_GRACEFUL},
                                     {"remove-logs", VIR_DOMAIN_DESTROY_REMOVE_LOGS});

    if (!dom)
        return FALSE;
    if ((flags ? virDomainDestroyFlags(dom, flags) : virDomainDestroy(dom)) < 0)
        return virsh_error(ctl, "Failed to destroy domain '%s'", virsh_string(cmd, "domain"));
    virsh_say(ctl, "Domain '%s' destroyed\n", virsh_string(cmd, "domain"));
    return TRUE;
}

/* Commands that do one thing to a guest and say so: verb for the error, sentence for success. */
static gboolean
simple(VirshCtl *ctl, const VirshCmd *cmd, int (*func)(virDomainPtr dom), const char *verb,
       const char *done)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);

    if (!dom)
        return FALSE;
    if (func(dom) < 0)
        return virsh_error(ctl, "Failed to %s domain '%s'", verb, virDomainGetName(dom));
    virsh_say(ctl, "Domain '%s' %s\n", virDomainGetName(dom), done);
    return TRUE;
}

VIRSH_COMMAND(suspend)
{
    return simple(ctl, cmd, virDomainSuspend, "suspend", "suspended");
}

VIRSH_COMMAND(resume)
{
    return simple(ctl, cmd, virDomainResume, "resume", "resumed");
}

static int
reset_domain(virDomainPtr dom)
{
    return virDomainReset(dom, 0);
}

VIRSH_COMMAND(reset)
{
    return simple(ctl, cmd, reset_domain, "reset", "was reset");
}

/* --mode=acpi,agent: the flags of shutdown; reboot uses the same bits. */
static gboolean
parse_modes(VirshCtl *ctl, const VirshCmd *cmd, unsigned int *flags)
{
    static const struct {
        const char *name;
        unsigned int flag;
    } modes[] = {
        {"acpi", VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN}, {"agent", VIR_DOMAIN_SHUTDOWN_GUEST_AGENT},
        {"initctl", VIR_DOMAIN_SHUTDOWN_INITCTL},     {"signal", VIR_DOMAIN_SHUTDOWN_SIGNAL},
        {"paravirt", VIR_DOMAIN_SHUTDOWN_PARAVIRT},
    };
    const char *text = virsh_string(cmd, "mode");
    g_auto(GStrv) parts = text ? g_strsplit(text, ",", -1) : NULL;

    for (gsize i = 0; parts && parts[i]; i++) {
        gsize k;

        for (k = 0; k < G_N_ELEMENTS(modes); k++) {
            if (strcmp(modes[k].name, parts[i]) == 0)
                break;
        }
        if (k == G_N_ELEMENTS(modes))
            return virsh_error(
                ctl,
                "Unknown mode %s value, expecting 'acpi', 'agent', 'initctl', 'signal', "
                "or 'paravirt'",
                parts[i]);
        *flags |= modes[k].flag;
    }
    return TRUE;
}

static gboolean
power(VirshCtl *ctl, const VirshCmd *cmd, int (*func)(virDomainPtr dom, unsigned int flags),
      const char *verb, const char *done)
{
    g_autoptr(virDomain) dom = NULL;
    unsigned int flags = 0;

    if (!parse_modes(ctl, cmd, &flags))
        return FALSE;
    dom = virsh_domain(ctl, cmd);
    if (!dom)
        return FALSE;
    if (func(dom, flags) < 0)
        return virsh_error(ctl, "Failed to %s domain '%s'", verb, virDomainGetName(dom));
    virsh_say(ctl, "Domain '%s' is being %s\n", virDomainGetName(dom), done);
    return TRUE;
}

static int
shut_down(virDomainPtr dom, unsigned int flags)
{
    return flags ? virDomainShutdownFlags(dom, flags) : virDomainShutdown(dom);
}

VIRSH_COMMAND(shutdown)
{
    return power(ctl, cmd, shut_down, "shutdown", "shutdown");
}

VIRSH_COMMAND(reboot)
{
    return power(ctl, cmd, virDomainReboot, "reboot", "rebooted");
}

static unsigned int
undefine_flags(const VirshCmd *cmd)
{
    return VIRSH_FLAGS(
        cmd, {"managed-save", VIR_DOMAIN_UNDEFINE_MANAGED_SAVE},
        {"snapshots-metadata", VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA},
        {"checkpoints-metadata", VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA},
        {"nvram", VIR_DOMAIN_UNDEFINE_NVRAM}, {"keep-nvram", VIR_DOMAIN_UNDEFINE_KEEP_NVRAM},
        {"tpm", VIR_DOMAIN_UNDEFINE_TPM}, {"keep-tpm", VIR_DOMAIN_UNDEFINE_KEEP_TPM});
}

VIRSH_COMMAND(undefine)
{
    static const char *const storage[] = {
        "storage",
        "remove-all-storage",
        "wipe-storage",
        "delete-storage-volume-snapshots",
    };
    const char *name = virsh_string(cmd, "domain");
    g_autoptr(virDomain) dom = NULL;
    unsigned int flags = undefine_flags(cmd);

    for (gsize i = 0; i < G_N_ELEMENTS(storage); i++) {
        if (virsh_flag(cmd, storage[i]))
            return virsh_error(
                ctl,
                "option --%s of 'undefine' is not built yet: remove the volumes with "
                "'vol-delete'",
                storage[i]);
    }
    if (!VIRSH_EXCLUSIVE(ctl, cmd, "nvram", "keep-nvram") ||
        !VIRSH_EXCLUSIVE(ctl, cmd, "tpm", "keep-tpm"))
        return FALSE;
    dom = virsh_domain(ctl, cmd);
    if (!dom)
        return FALSE;
    if ((flags ? virDomainUndefineFlags(dom, flags) : virDomainUndefine(dom)) < 0)
        return virsh_error(ctl, "Failed to undefine domain '%s'", name);
    virsh_say(ctl, "Domain '%s' has been undefined\n", name);
    return TRUE;
}

VIRSH_COMMAND(autostart)
{
    g_autoptr(virDomain) dom = NULL;
    const char *name = virsh_string(cmd, "domain");
    gboolean off = virsh_flag(cmd, "disable");

    if (virsh_flag(cmd, "once"))
        return virsh_error(ctl, "option --once of 'autostart' is not built yet");
    dom = virsh_domain(ctl, cmd);
    if (!dom)
        return FALSE;
    if (virDomainSetAutostart(dom, !off) < 0)
        return virsh_error(ctl,
                           off ? "Failed to unmark domain '%s' as autostarted"
                               : "Failed to mark domain '%s' as autostarted",
                           name);
    virsh_say(ctl,
              off ? "Domain '%s' unmarked as autostarted\n" : "Domain '%s' marked as autostarted\n",
              name);
    return TRUE;
}

VIRSH_COMMAND(console)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    unsigned int flags = 0;

    if (!dom)
        return FALSE;
    flags |=
        VIRSH_FLAGS(cmd, {"force", VIR_DOMAIN_CONSOLE_FORCE}, {"safe", VIR_DOMAIN_CONSOLE_SAFE});
    return virsh_console(ctl, dom, virsh_string(cmd, "devname"), virsh_flag(cmd, "resume"), flags);
}

VIRSH_COMMAND(domrename)
{
    g_autoptr(virDomain) dom =
        virsh_domain_by(ctl, virsh_string(cmd, "domain"), VIRSH_BY_NAME | VIRSH_BY_UUID);

    if (!dom || virDomainRename(dom, virsh_string(cmd, "new-name"), 0) < 0)
        return FALSE;
    virsh_say(ctl, "Domain successfully renamed\n");
    return TRUE;
}

VIRSH_COMMAND(managedsave)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    unsigned int flags =
        VIRSH_FLAGS(cmd, {"bypass-cache", VIR_DOMAIN_SAVE_BYPASS_CACHE},
                    {"running", VIR_DOMAIN_SAVE_RUNNING}, {"paused", VIR_DOMAIN_SAVE_PAUSED});

    if (!dom)
        return FALSE;
    if (virDomainManagedSave(dom, flags) < 0)
        return virsh_error(ctl, "Failed to save domain '%s' state", virDomainGetName(dom));
    virsh_say(ctl, "\nDomain '%s' state saved by libvirt\n", virDomainGetName(dom));
    return TRUE;
}

VIRSH_COMMAND(managedsave_remove)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    int saved;

    if (!dom)
        return FALSE;
    saved = virDomainHasManagedSaveImage(dom, 0);
    if (saved < 0)
        return virsh_error(ctl, "Failed to check for domain managed save image");
    if (saved == 0) {
        virsh_say(ctl, "Domain '%s' has no manage save image; removal skipped",
                  virDomainGetName(dom));
        return TRUE;
    }
    if (virDomainManagedSaveRemove(dom, 0) < 0)
        return virsh_error(ctl, "Failed to remove managed save image for domain '%s'",
                           virDomainGetName(dom));
    virsh_say(ctl, "Removed managedsave image for domain '%s'", virDomainGetName(dom));
    return TRUE;
}

VIRSH_COMMAND(inject_nmi)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);

    return dom && virDomainInjectNMI(dom, 0) == 0;
}

VIRSH_COMMAND(dompmwakeup)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);

    if (!dom)
        return FALSE;
    if (virDomainPMWakeup(dom, 0) < 0)
        return virsh_error(ctl, "Domain '%s' could not be woken up", virDomainGetName(dom));
    virsh_say(ctl, "Domain '%s' successfully woken up\n", virDomainGetName(dom));
    return TRUE;
}
