/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Attach, detach and update differ in a function and its words. */
static gboolean
from_file(VirshCtl *ctl, const VirshCmd *cmd,
          int (*func)(virDomainPtr dom, const char *xml, unsigned int flags), unsigned int extra,
          const char *verb, const char *done)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    const char *path = virsh_string(cmd, "file");
    g_autofree char *xml = NULL;
    unsigned int flags = extra;

    if (!dom || !virsh_affect_device(ctl, cmd, dom, &flags))
        return FALSE;
    xml = virsh_read_file(ctl, path);
    if (!xml)
        return FALSE;
    if (func(dom, xml, flags) < 0)
        return virsh_error(ctl, "Failed to %s device from %s", verb, path);
    virsh_say(ctl, "Device %s successfully\n", done);
    return TRUE;
}

static int
attach(virDomainPtr dom, const char *xml, unsigned int flags)
{
    return flags ? virDomainAttachDeviceFlags(dom, xml, flags) : virDomainAttachDevice(dom, xml);
}

static int
detach(virDomainPtr dom, const char *xml, unsigned int flags)
{
    return flags ? virDomainDetachDeviceFlags(dom, xml, flags) : virDomainDetachDevice(dom, xml);
}

VIRSH_COMMAND(attach_device)
{
    return from_file(ctl, cmd, attach, 0, "attach", "attached");
}

VIRSH_COMMAND(detach_device)
{
    return from_file(ctl, cmd, detach, 0, "detach", "detached");
}

VIRSH_COMMAND(update_device)
{
    return from_file(ctl, cmd, virDomainUpdateDeviceFlags,
                     virsh_flag(cmd, "force") ? VIR_DOMAIN_DEVICE_MODIFY_FORCE : 0, "update",
                     "updated");
}

VIRSH_COMMAND(detach_device_alias)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    const char *alias = virsh_string(cmd, "alias");
    unsigned int flags = 0;

    if (!dom || !virsh_affect(ctl, cmd, &flags))
        return FALSE;
    if (virDomainDetachDeviceAlias(dom, alias, flags) < 0)
        return virsh_error(ctl, "Failed to detach device with alias %s", alias);
    virsh_say(ctl, "Device detach request sent successfully\n");
    return TRUE;
}

static const struct {
    const char *name;
    int codeset;
} codesets[] = {
    {"linux", VIR_KEYCODE_SET_LINUX},   {"xt", VIR_KEYCODE_SET_XT},
    {"atset1", VIR_KEYCODE_SET_ATSET1}, {"atset2", VIR_KEYCODE_SET_ATSET2},
    {"atset3", VIR_KEYCODE_SET_ATSET3}, {"os_x", VIR_KEYCODE_SET_OSX},
    {"xt_kbd", VIR_KEYCODE_SET_XT_KBD}, {"usb", VIR_KEYCODE_SET_USB},
    {"win32", VIR_KEYCODE_SET_WIN32},   {"qnum", VIR_KEYCODE_SET_QNUM},
};

/* Linux names of the keys that people send: the numbers are those of input-event-codes.h. */
static const struct {
    const char *name;
    unsigned int code;
} linux_keys[] = {
    {"ESC", 1},        {"1", 2},           {"2", 3},           {"3", 4},
    {"4", 5},          {"5", 6},           {"6", 7},           {"7", 8},
    {"8", 9},          {"9", 10},          {"0", 11},          {"MINUS", 12},
    {"EQUAL", 13},     {"BACKSPACE", 14},  {"TAB", 15},        {"Q", 16},
    {"W", 17},         {"E", 18},          {"R", 19},          {"T", 20},
    {"Y", 21},         {"U", 22},          {"I", 23},          {"O", 24},
    {"P", 25},         {"LEFTBRACE", 26},  {"RIGHTBRACE", 27}, {"ENTER", 28},
    {"LEFTCTRL", 29},  {"A", 30},          {"S", 31},          {"D", 32},
    {"F", 33},         {"G", 34},          {"H", 35},          {"J", 36},
    {"K", 37},         {"L", 38},          {"SEMICOLON", 39},  {"APOSTROPHE", 40},
    {"GRAVE", 41},     {"LEFTSHIFT", 42},  {"BACKSLASH", 43},  {"Z", 44},
    {"X", 45},         {"C", 46},          {"V", 47},          {"B", 48},
    {"N", 49},         {"M", 50},          {"COMMA", 51},      {"DOT", 52},
    {"SLASH", 53},     {"RIGHTSHIFT", 54}, {"KPASTERISK", 55}, {"LEFTALT", 56},
    {"SPACE", 57},     {"CAPSLOCK", 58},   {"F1", 59},         {"F2", 60},
    {"F3", 61},        {"F4", 62},         {"F5", 63},         {"F6", 64},
    {"F7", 65},        {"F8", 66},         {"F9", 67},         {"F10", 68},
    {"NUMLOCK", 69},   {"SCROLLLOCK", 70}, {"F11", 87},        {"F12", 88},
    {"KPENTER", 96},   {"RIGHTCTRL", 97},  {"SYSRQ", 99},      {"RIGHTALT", 100},
    {"HOME", 102},     {"UP", 103},        {"PAGEUP", 104},    {"LEFT", 105},
    {"RIGHT", 106},    {"END", 107},       {"DOWN", 108},      {"PAGEDOWN", 109},
    {"INSERT", 110},   {"DELETE", 111},    {"POWER", 116},     {"PAUSE", 119},
    {"LEFTMETA", 125}, {"RIGHTMETA", 126},
};

static gboolean
key_code(const char *text, int codeset, unsigned int *code)
{
    guint64 number;
    guint base = g_str_has_prefix(text, "0x") ? 16 : 10;

    if (g_ascii_string_to_unsigned(text + (base == 16 ? 2 : 0), base, 1, 0xffff, &number, NULL)) {
        *code = (unsigned int)number;
        return TRUE;
    }
    if (codeset != VIR_KEYCODE_SET_LINUX || !g_str_has_prefix(text, "KEY_"))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(linux_keys); i++) {
        if (strcmp(linux_keys[i].name, text + strlen("KEY_")) == 0) {
            *code = linux_keys[i].code;
            return TRUE;
        }
    }
    return FALSE;
}

VIRSH_COMMAND(send_key)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    const char *codeset_name = virsh_string(cmd, "codeset");
    unsigned int codes[VIR_DOMAIN_SEND_KEY_MAX_KEYS];
    unsigned int holdtime = 0;
    gsize i, n;
    const char *const *words = virsh_strings(cmd, "keycode", &n);

    if (!dom || virsh_uint(ctl, cmd, "holdtime", &holdtime) < 0)
        return FALSE;
    if (!codeset_name)
        codeset_name = "linux";
    for (i = 0; i < G_N_ELEMENTS(codesets) && strcmp(codesets[i].name, codeset_name); i++)
        continue;
    if (i == G_N_ELEMENTS(codesets))
        return virsh_error(ctl, "unknown codeset: '%s'", codeset_name);
    if (n > G_N_ELEMENTS(codes))
        return virsh_error(ctl, "too many keycodes");
    for (gsize k = 0; k < n; k++) {
        if (!key_code(words[k], codesets[i].codeset, &codes[k]))
            return virsh_error(ctl, "invalid keycode: '%s'", words[k]);
    }
    return virDomainSendKey(dom, codesets[i].codeset, holdtime, codes, (int)n, 0) == 0;
}

static int
write_chunk(virStreamPtr stream, const char *data, size_t len, void *opaque)
{
    return (int)write(*(int *)opaque, data, len);
}

static char *
screenshot_name(virDomainPtr dom, const char *mime)
{
    static const char *const known[][2] = {
        {"image/x-portable-pixmap", ".ppm"}, {"image/png", ".png"}, {"image/bmp", ".bmp"}};
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *when = g_date_time_format(now, "%Y-%m-%d-%H:%M:%S");
    const char *suffix = "";

    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (g_strcmp0(known[i][0], mime) == 0)
            suffix = known[i][1];
    }
    return g_strdup_printf("%s-%s%s", virDomainGetName(dom), when, suffix);
}

VIRSH_COMMAND(screenshot)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    g_autoptr(virStream) stream = NULL;
    g_autofree char *path = g_strdup(virsh_string(cmd, "file"));
    unsigned int screen = 0;
    gboolean good;
    char *mime;
    int fd;

    if (!dom || virsh_uint(ctl, cmd, "screen", &screen) < 0)
        return FALSE;
    stream = virStreamNew(ctl->conn, 0);
    if (!stream)
        return FALSE;
    mime = virDomainScreenshot(dom, stream, screen, 0);
    if (!mime)
        return virsh_error(ctl, "could not take a screenshot of %s", virDomainGetName(dom));
    if (!path)
        path = screenshot_name(dom, mime);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        virsh_error(ctl, "cannot create file %s: %s", path, g_strerror(errno));
        virStreamAbort(stream);
        free(mime);
        return FALSE;
    }
    good = virStreamRecvAll(stream, write_chunk, &fd) == 0;
    if (close(fd) < 0)
        good = FALSE;
    if (!good) {
        virsh_error(ctl, "could not receive data from domain '%s'", virDomainGetName(dom));
        unlink(path);
    } else if (virStreamFinish(stream) < 0) {
        virsh_error(ctl, "cannot close stream on domain '%s'", virDomainGetName(dom));
        good = FALSE;
    } else {
        virsh_say(ctl, "Screenshot saved to %s, with type of %s", path, mime);
    }
    free(mime);
    return good;
}

static gboolean
freeze(VirshCtl *ctl, const VirshCmd *cmd,
       int (*func)(virDomainPtr dom, const char **mountpoints, unsigned int n, unsigned int flags),
       const char *verb, const char *done)
{
    g_autoptr(virDomain) dom = virsh_domain(ctl, cmd);
    gsize n;
    const char *const *points = virsh_strings(cmd, "mountpoint", &n);
    int count;

    if (!dom)
        return FALSE;
    count = func(dom, (const char **)points, (unsigned int)n, 0);
    if (count < 0)
        return virsh_error(ctl, "Unable to %s filesystems", verb);
    virsh_say(ctl, "%s %d filesystem(s)\n", done, count);
    return TRUE;
}

VIRSH_COMMAND(domfsfreeze)
{
    return freeze(ctl, cmd, virDomainFSFreeze, "freeze", "Froze");
}

VIRSH_COMMAND(domfsthaw)
{
    return freeze(ctl, cmd, virDomainFSThaw, "thaw", "Thawed");
}
