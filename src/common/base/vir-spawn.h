/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/**
 * A child process to be: what it runs, and every fd it gets. Nothing else is inherited: fds not
 * listed are closed, signals are at their defaults, the environment is the one given.
 */
typedef struct VirSpawn VirSpawn;

VirSpawn *vir_spawn_new(const char *program);
void vir_spawn_free(VirSpawn *spawn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirSpawn, vir_spawn_free)

void vir_spawn_add_arg(VirSpawn *spawn, const char *arg);
void vir_spawn_add_args(VirSpawn *spawn, const char *const *args);
/** Sets a variable; without any call the child has an empty environment. */
void vir_spawn_set_env(VirSpawn *spawn, const char *name, const char *value);
/** Copies the variable from this process where it is set. */
void vir_spawn_pass_env(VirSpawn *spawn, const char *name);
/** The child has @fd (owned from here on, closed here after the start) under the same number. */
void vir_spawn_pass_fd(VirSpawn *spawn, int fd);
/** 0, 1, 2 of the child; borrowed; -1 (the default): /dev/null. */
void vir_spawn_set_stdio(VirSpawn *spawn, int in, int out, int err);
void vir_spawn_set_cwd(VirSpawn *spawn, const char *path);
void vir_spawn_set_umask(VirSpawn *spawn, mode_t mask);
/** Own session, no parent to wait for: it outlives this process whatever happens to it. */
void vir_spawn_set_detached(VirSpawn *spawn, gboolean detached);

/**
 * Starts it. @pidfd (may be NULL) is owned by the caller. An exec that fails is an error here, with
 * the program's name and errno text. A detached child is no child of ours: watch the pidfd.
 */
pid_t vir_spawn_start(VirSpawn *spawn, int *pidfd, GError **error);

/**
 * Runs it to its end, at most @timeout_ms (-1: no limit; then SIGKILL and
 * VIR_ERR_OPERATION_TIMEOUT). @out and @err_out (may be NULL, g_free()) get at most @max bytes
 * each. @status is as of waitpid(). Waits: for job threads and start-up, never the main loop.
 */
gboolean vir_spawn_run(VirSpawn *spawn, int timeout_ms, gsize max, char **out, char **err_out,
                       int *status, GError **error);

/** The command line in shell spelling with the environment first; @lines: an option a line.
 * g_free().
 */
char *vir_spawn_to_string(const VirSpawn *spawn, gboolean lines);
