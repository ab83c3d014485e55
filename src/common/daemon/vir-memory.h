/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/**
 * Sets the allocator up for a daemon that lives long and has many short threads, and gives memory
 * back to the kernel some seconds after a burst of work. An idle daemon is not woken for it. Once,
 * main thread, before any other thread.
 */
void vir_memory_setup(void);
