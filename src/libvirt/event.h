/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libvirt/libvirt.h>

/** Whether the program registered an event loop, its own or the built-in one. */
gboolean vir_event_registered(void);
