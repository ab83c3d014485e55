#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A client that must not notice a daemon's death: `survivor.py call|watch URI`.

call: calls in a loop until its standard input ends, then prints how many succeeded, failed, and how
often the connection was closed. watch: prints each lifecycle event as a line; `sync` on its standard
input makes one round trip and prints "synced".
"""

import json
import sys
import threading

import libvirt


def call(uri):
    conn = libvirt.open(uri)
    closed = []
    conn.registerCloseCallback(lambda c, reason, opaque: closed.append(reason), None)
    done = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True).start()
    good, errors = 0, []
    print("ready", flush=True)
    while not done.is_set():
        try:
            for dom in conn.listAllDomains():
                dom.state()
                dom.info()
                dom.XMLDesc()
            good += 1
        except libvirt.libvirtError as e:
            errors.append(str(e))
    print(json.dumps({"good": good, "errors": errors, "closed": closed,
                      "alive": conn.isAlive()}), flush=True)


def watch(uri):
    conn = libvirt.open(uri)
    conn.registerCloseCallback(lambda c, reason, opaque: print("closed", reason, flush=True), None)
    conn.domainEventRegisterAny(
        None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
        lambda c, dom, event, detail, opaque: print("event", dom.name(), event, flush=True), None)
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() == "sync":
            conn.numOfDomains()
            print("synced", flush=True)


def run_loop():
    while True:
        libvirt.virEventRunDefaultImpl()


if __name__ == "__main__":
    libvirt.registerErrorHandler(lambda ctx, error: None, None)
    libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=run_loop, daemon=True).start()
    {"call": call, "watch": watch}[sys.argv[1]](sys.argv[2])
