/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "handles.h"

/** Fills the protocol's handle structure at @wire from @handle of any class; borrows the strings.
 */
void vir_handle_to_wire(void *handle, void *wire);

/**
 * A new handle of @magic from the protocol's structure @wire. @near: the handle that was asked,
 * whose connection, domain or server the new one belongs to.
 */
void *vir_handle_from_wire(VirHandleMagic magic, void *near, const void *wire);

/** Bytes of the protocol's structure for handles of @magic. */
gsize vir_handle_wire_size(VirHandleMagic magic);
