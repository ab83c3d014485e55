/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-identity.h"

#include "vir-error.h"
#include "vir-file.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

#define STAT_MAX 4096
#define NAME_BUFFER 16384
#define NAMES_MAX 1024
#define NAMES_VALID_US (60 * G_USEC_PER_SEC)

/* Names of users and groups, so that a connection costs no look-up in the host's databases. */
typedef struct {
    pthread_mutex_t lock;
    GHashTable *users; /* id: name, "" for none */
    GHashTable *groups;
    gint64 since_us;
} VirNames;

static VirNames names = {.lock = PTHREAD_MUTEX_INITIALIZER};

static char *
user_name(unsigned id)
{
    g_autofree char *buffer = g_malloc(NAME_BUFFER);
    struct passwd entry;
    struct passwd *found = NULL;

    return g_strdup(getpwuid_r(id, &entry, buffer, NAME_BUFFER, &found) == 0 && found != NULL
                        ? found->pw_name
                        : "");
}

static char *
group_name(unsigned id)
{
    g_autofree char *buffer = g_malloc(NAME_BUFFER);
    struct group entry;
    struct group *found = NULL;

    return g_strdup(getgrgid_r(id, &entry, buffer, NAME_BUFFER, &found) == 0 && found != NULL
                        ? found->gr_name
                        : "");
}

static void
names_refresh(void)
{
    gint64 now = g_get_monotonic_time();

    if (names.users == NULL) {
        names.users = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
        names.groups = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    } else if (now - names.since_us < NAMES_VALID_US &&
               g_hash_table_size(names.users) + g_hash_table_size(names.groups) < NAMES_MAX) {
        return;
    }
    g_hash_table_remove_all(names.users);
    g_hash_table_remove_all(names.groups);
    names.since_us = now;
}

static char *
names_get(GHashTable *table, unsigned id, char *(*find)(unsigned id))
{
    char *name = g_hash_table_lookup(table, GUINT_TO_POINTER(id));

    if (name == NULL) {
        name = find(id);
        g_hash_table_insert(table, GUINT_TO_POINTER(id), name);
    }
    return *name != '\0' ? g_strdup(name) : NULL;
}

VirIdentity *
vir_identity_new(void)
{
    VirIdentity *identity = g_new0(VirIdentity, 1);

    vir_ref_init(&identity->refs);
    identity->uid = (uid_t)-1;
    identity->gid = (gid_t)-1;
    identity->pid = -1;
    return identity;
}

guint64
vir_process_start_time(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
    g_autofree char *text = NULL;
    const char *at;

    if (pid <= 0 || !g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    /* The second field is the command's name in brackets; it may hold anything, brackets too. */
    at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at != NULL ? g_ascii_strtoull(at + 1, NULL, 10) : 0;
}

/* Whether the process that connected lives still; unknown counts as yes where the kernel has no
 * such option (before 6.5). */
static gboolean
peer_lives(int fd)
{
    VIR_AUTOCLOSE pidfd = -1;
    socklen_t len = sizeof(pidfd);
    struct pollfd ended;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len) < 0) {
        pidfd = -1;
        return errno == ENOPROTOOPT;
    }
    ended = (struct pollfd){.fd = pidfd, .events = POLLIN};
    return poll(&ended, 1, 0) == 0;
}

static char *
peer_context(int fd)
{
    char buffer[256];
    socklen_t len = sizeof(buffer);

    /* With another security module the option gives something that is no SELinux context. */
    if (access("/sys/fs/selinux/enforce", F_OK) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PEERSEC, buffer, &len) < 0)
        return NULL;
    return g_strndup(buffer, len);
}

VirIdentity *
vir_identity_new_from_socket(int fd, GError **error)
{
    g_autoptr(VirIdentity) identity = vir_identity_new();
    struct ucred cred;
    socklen_t len = sizeof(cred);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0) {
        vir_error_set_errno(error, errno, "cannot get the identity of the client");
        return NULL;
    }
    identity->local = TRUE;
    identity->uid = cred.uid;
    identity->gid = cred.gid;
    identity->pid = cred.pid;
    /* The time is read first: if the peer still lives afterwards, it was the peer's. */
    identity->process_time = vir_process_start_time(cred.pid);
    if (!peer_lives(fd))
        identity->process_time = 0;
    identity->selinux_context = peer_context(fd);

    VIR_LOCK(&names.lock);
    names_refresh();
    identity->user_name = names_get(names.users, cred.uid, user_name);
    identity->group_name = names_get(names.groups, cred.gid, group_name);
    return g_steal_pointer(&identity);
}

VirIdentity *
vir_identity_ref(VirIdentity *identity)
{
    vir_ref_inc(&identity->refs);
    return identity;
}

void
vir_identity_unref(VirIdentity *identity)
{
    if (identity == NULL || !vir_ref_dec(&identity->refs))
        return;
    g_free(identity->user_name);
    g_free(identity->group_name);
    g_free(identity->sasl_user);
    g_free(identity->x509_dname);
    g_free(identity->selinux_context);
    g_free(identity);
}

char *
vir_identity_describe(const VirIdentity *identity)
{
    if (identity->sasl_user != NULL)
        return g_strdup_printf("SASL user '%s'", identity->sasl_user);
    if (identity->x509_dname != NULL)
        return g_strdup_printf("holder of certificate '%s'", identity->x509_dname);
    if (!identity->local)
        return g_strdup("an unknown remote client");
    if (identity->user_name == NULL)
        return g_strdup_printf("uid %u (pid %d)", (unsigned)identity->uid, (int)identity->pid);
    return g_strdup_printf("user '%s' (uid %u, pid %d)", identity->user_name,
                           (unsigned)identity->uid, (int)identity->pid);
}
