/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-netlink.h"

#include "vir-file.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
vir_netlink_begin(VirNetlink *message, int type, unsigned flags, const void *fixed, gsize len)
{
    memset(message, 0, sizeof(*message));
    message->header.nlmsg_type = (guint16)type;
    message->header.nlmsg_flags = (guint16)(NLM_F_REQUEST | NLM_F_ACK | flags);
    message->header.nlmsg_len = (guint32)NLMSG_LENGTH(len);
    memcpy(NLMSG_DATA(&message->header), fixed, len);
}

void
vir_netlink_add(VirNetlink *message, int type, const void *data, gsize len)
{
    gsize at = NLMSG_ALIGN(message->header.nlmsg_len);
    struct rtattr *attr = (struct rtattr *)(void *)((char *)message + at);

    /* A length past the buffer marks a request that is too long. */
    message->header.nlmsg_len = (guint32)(at + RTA_ALIGN(RTA_LENGTH(len)));
    if (message->header.nlmsg_len > sizeof(*message)) {
        message->header.nlmsg_len = sizeof(*message) + 1;
        return;
    }
    attr->rta_type = (unsigned short)type;
    attr->rta_len = (unsigned short)RTA_LENGTH(len);
    if (len > 0)
        memcpy(RTA_DATA(attr), data, len);
}

void
vir_netlink_add_string(VirNetlink *message, int type, const char *text)
{
    vir_netlink_add(message, type, text, strlen(text) + 1);
}

void
vir_netlink_add_u8(VirNetlink *message, int type, guint8 value)
{
    vir_netlink_add(message, type, &value, sizeof(value));
}

void
vir_netlink_add_u32(VirNetlink *message, int type, guint32 value)
{
    vir_netlink_add(message, type, &value, sizeof(value));
}

gsize
vir_netlink_nest(VirNetlink *message, int type)
{
    gsize at = NLMSG_ALIGN(message->header.nlmsg_len);

    vir_netlink_add(message, type, NULL, 0);
    return at;
}

void
vir_netlink_end(VirNetlink *message, gsize nest)
{
    struct rtattr *attr = (struct rtattr *)(void *)((char *)message + nest);

    if (message->header.nlmsg_len <= sizeof(*message))
        attr->rta_len = (unsigned short)(message->header.nlmsg_len - nest);
}

static int
receive_ack(int fd)
{
    union {
        struct nlmsghdr header;
        char bytes[8192];
    } answer;

    for (;;) {
        gssize got = recv(fd, &answer, sizeof(answer), 0);
        int left = (int)got;

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        for (struct nlmsghdr *h = &answer.header; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
            if (h->nlmsg_type == NLMSG_ERROR)
                return -((const struct nlmsgerr *)NLMSG_DATA(h))->error;
        }
    }
}

int
vir_netlink_send(VirNetlink *message)
{
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    VIR_AUTOCLOSE fd = -1;

    if (message->header.nlmsg_len > sizeof(*message))
        return EMSGSIZE;
    fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0 || sendto(fd, message, message->header.nlmsg_len, 0, (struct sockaddr *)&kernel,
                         sizeof(kernel)) < 0)
        return errno;
    return receive_ack(fd);
}
