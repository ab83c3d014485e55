/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-qmp.h"

#include <json-c/json.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct FakeQmp {
    pthread_t thread;
    const char *const *script;
    int fd;
    GString *in;
    char *id;
    gboolean got_fd;
};

static gboolean
send_text(FakeQmp *fake, const char *text)
{
    gsize len = strlen(text);

    while (len > 0) {
        gssize n = send(fake->fd, text, len, MSG_NOSIGNAL);

        if (n <= 0)
            return FALSE;
        text += n;
        len -= (gsize)n;
    }
    return TRUE;
}

static gssize
receive(FakeQmp *fake)
{
    char buffer[4096];
    char control[CMSG_SPACE(sizeof(int))] = "";
    struct iovec iov = {buffer, sizeof(buffer)};
    struct msghdr header = {.msg_iov = &iov,
                            .msg_iovlen = 1,
                            .msg_control = control,
                            .msg_controllen = sizeof(control)};
    gssize n = recvmsg(fake->fd, &header, 0);
    struct cmsghdr *cmsg = n > 0 ? CMSG_FIRSTHDR(&header) : NULL;

    if (cmsg && cmsg->cmsg_type == SCM_RIGHTS) {
        int fd;

        memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
        close(fd);
        fake->got_fd = TRUE;
    }
    if (n > 0)
        g_string_append_len(fake->in, buffer, n);
    return n;
}

static gboolean
expect(FakeQmp *fake, const char *command)
{
    json_object *object;
    json_object *part = NULL;
    char *newline;

    while (!(newline = strchr(fake->in->str, '\n'))) {
        if (receive(fake) <= 0)
            return FALSE;
    }
    *newline = '\0';
    object = json_tokener_parse(fake->in->str);
    g_assert_true(json_object_object_get_ex(object, "execute", &part));
    g_assert_cmpstr(json_object_get_string(part), ==, command);
    g_assert_true(json_object_object_get_ex(object, "id", &part));
    g_free(fake->id);
    fake->id = g_strdup(json_object_get_string(part));
    json_object_put(object);
    g_string_erase(fake->in, 0, newline + 1 - fake->in->str);
    return TRUE;
}

static gboolean
step(FakeQmp *fake, const char *text)
{
    if (text[0] == '<')
        return expect(fake, text + 1);
    if (text[0] == '>') {
        g_autoptr(GString) line = g_string_new(text + 1);

        g_string_replace(line, "$ID", fake->id ? fake->id : "", 0);
        g_string_append_c(line, '\n');
        return send_text(fake, line->str);
    }
    if (text[0] == '}')
        return send_text(fake, text + 1);
    if (text[0] == '*') {
        char *rest = NULL;
        g_autoptr(GString) all = g_string_new(NULL);

        for (long n = strtol(text + 1, &rest, 10); n > 0; n--)
            g_string_append(all, rest + 1);
        return send_text(fake, all->str);
    }
    if (g_str_equal(text, "fd")) {
        g_assert_true(fake->got_fd);
        return TRUE;
    }
    g_assert_cmpstr(text, ==, "close");
    return FALSE;
}

static void *
play(void *data)
{
    FakeQmp *fake = data;
    gboolean more = TRUE;

    for (const char *const *text = fake->script; more && *text; text++)
        more = step(fake, *text);
    while (more && receive(fake) > 0)
        ;
    close(fake->fd);
    return NULL;
}

FakeQmp *
fake_qmp_start(const char *const *script, int *fd)
{
    FakeQmp *fake = g_new0(FakeQmp, 1);
    int pair[2];

    g_assert_no_errno(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    fake->fd = pair[0];
    *fd = pair[1];
    fake->script = script;
    fake->in = g_string_new(NULL);
    g_assert_cmpint(pthread_create(&fake->thread, NULL, play, fake), ==, 0);
    return fake;
}

void
fake_qmp_join(FakeQmp *fake)
{
    pthread_join(fake->thread, NULL);
    g_string_free(fake->in, TRUE);
    g_free(fake->id);
    g_free(fake);
}
