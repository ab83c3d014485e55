/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * virtfakepolkit ANSWER: polkit's place on the bus of DBUS_SYSTEM_BUS_ADDRESS. ANSWER is yes, no,
 * challenge, dismissed, never, or die (at the first question). Says "ready", then one line for each
 * question: subject, pid, start time, uid, action, flags.
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

static const char *answer;

static int
check(sd_bus_message *call, void *data, sd_bus_error *error)
{
    const char *kind;
    const char *action;
    const char *key[3];
    uint32_t pid;
    uint64_t start;
    int32_t uid;
    uint32_t flags;
    int r = sd_bus_message_read(call, "(sa{sv})sa{ss}us", &kind, 3, &key[0], "u", &pid, &key[1],
                                "t", &start, &key[2], "i", &uid, &action, 0, &flags, &key[0]);

    if (r < 0)
        return r;
    printf("%s %" PRIu32 " %" PRIu64 " %" PRId32 " %s %" PRIu32 "\n", kind, pid, start, uid, action,
           flags);
    fflush(stdout);
    if (strcmp(answer, "die") == 0)
        exit(0);
    if (strcmp(answer, "never") == 0)
        return 1;
    if (strcmp(answer, "dismissed") == 0)
        return sd_bus_reply_method_return(call, "(bba{ss})", 0, 0, 1, "polkit.dismissed", "true");
    return sd_bus_reply_method_return(call, "(bba{ss})", strcmp(answer, "yes") == 0,
                                      strcmp(answer, "challenge") == 0, 0);
}

static const sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", check,
                  SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

int
main(int argc, char **argv)
{
    sd_bus *bus = NULL;

    answer = argc > 1 ? argv[1] : "no";
    if (sd_bus_open_system(&bus) < 0 ||
        sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/PolicyKit1/Authority",
                                 "org.freedesktop.PolicyKit1.Authority", vtable, NULL) < 0 ||
        sd_bus_request_name(bus, "org.freedesktop.PolicyKit1", 0) < 0)
        return 1;
    puts("ready");
    fflush(stdout);
    for (;;) {
        int r = sd_bus_process(bus, NULL);

        if (r < 0 || (r == 0 && sd_bus_wait(bus, UINT64_MAX) < 0))
            return 0;
    }
}
