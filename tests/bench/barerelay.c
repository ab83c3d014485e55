/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * barerelay LISTEN TARGET: copies bytes between each client of the unix socket LISTEN and a
 * connection of its own to the unix socket TARGET, knows nothing of what they mean, and does
 * nothing else. What one more socket hop costs at the least.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct End {
    int fd;
    struct End *other;
} End;

static void
die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static int
open_socket(const char *path, int (*join)(int, const struct sockaddr *, socklen_t))
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
        die(path);
    memcpy(address.sun_path, path, strlen(path));
    if (join(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        die(path);
    return fd;
}

static void
watch(int epoll, End *end)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = end};

    if (epoll_ctl(epoll, EPOLL_CTL_ADD, end->fd, &event) < 0)
        die("epoll_ctl");
}

static void
accept_client(int epoll, int listener, const char *target)
{
    End *ends = calloc(2, sizeof(*ends));

    if (!ends)
        die("calloc");
    ends[0] = (End){accept4(listener, NULL, NULL, SOCK_CLOEXEC), &ends[1]};
    ends[1] = (End){open_socket(target, connect), &ends[0]};
    if (ends[0].fd < 0)
        die("accept");
    watch(epoll, &ends[0]);
    watch(epoll, &ends[1]);
}

/* A pair that ended stays in memory: events of it may be in the batch. */
static void
pump(End *from)
{
    static char buffer[65536];
    ssize_t n = from->fd < 0 ? 0 : read(from->fd, buffer, sizeof(buffer));

    if (n > 0 && write(from->other->fd, buffer, (size_t)n) == n)
        return;
    if (from->fd >= 0) {
        close(from->fd);
        close(from->other->fd);
        from->fd = from->other->fd = -1;
    }
}

int
main(int argc, char **argv)
{
    struct epoll_event events[64];
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    End listener = {-1, NULL};

    if (argc != 3 || epoll < 0) {
        fprintf(stderr, "usage: barerelay LISTEN TARGET\n");
        return EXIT_FAILURE;
    }
    listener.fd = open_socket(argv[1], bind);
    if (listen(listener.fd, 1024) < 0)
        die("listen");
    watch(epoll, &listener);
    for (;;) {
        int n = epoll_wait(epoll, events, 64, -1);

        for (int i = 0; i < n; i++) {
            End *end = events[i].data.ptr;

            if (end == &listener)
                accept_client(epoll, listener.fd, argv[2]);
            else
                pump(end);
        }
    }
}
