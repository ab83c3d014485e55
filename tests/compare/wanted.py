# SPDX-License-Identifier: GPL-2.0-or-later
"""Differences that are no mistakes: docs/internals/guest-model.md tells of those that are wanted.

(pattern, what it becomes) on each line of a document or a command line; "" drops the line.
"""

FOLLOWED = 11003000  # the upstream that this repository follows
ALWAYS = [
    # Of where a side runs, and what it makes up anew each time
    (r"^(LC_ALL|PATH|HOME|USER|LOGNAME|XDG_\w+)=.*", ""),
    (r'(/mac address=|"mac": |/domain/genid|"guid": |/domain/uuid|^-uuid).*', r"\1"),
    (r" interfaceid='[^']*'", ""),
    (r'(fd": ")-?\d+', r"\1"),
    # It says nothing where the device is no companion of a USB controller
    (r".*/master startport='0'$", ""),
]
OLDER = [  # … where upstream is older
    (r"^-m \S+", "-m"),
    (r",acpi=on", ""),
    (r".*watchdog .*model='itco'|^-global ICH9-LPC.noreboot.*|^-watchdog-action.*", ""),
]
