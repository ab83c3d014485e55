/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-tap.h"

#include "vir-error.h"
#include "vir-file.h"
#include "vir-netdev.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PATTERN "vnet%d"

static void
close_all(int *fds, guint n)
{
    for (guint i = 0; i < n; i++)
        vir_fd_close(&fds[i]);
}

static gboolean
attach(int fd, const char *pattern, gboolean vnet_hdr, gboolean multi, char **name, GError **error)
{
    struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};

    if (strlen(pattern) >= sizeof(ifr.ifr_name))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "the name of a network device has at most %d characters, not '%s'",
                             (int)sizeof(ifr.ifr_name) - 1, pattern);
    strcpy(ifr.ifr_name, pattern);
    if (vnet_hdr)
        ifr.ifr_flags |= IFF_VNET_HDR;
    if (multi)
        ifr.ifr_flags |= IFF_MULTI_QUEUE;
    if (ioctl(fd, TUNSETIFF, &ifr) < 0)
        return vir_error_set_errno(error, errno, "cannot attach to tap device '%s'", pattern);
    if (name) {
        g_free(*name);
        *name = g_strdup(ifr.ifr_name);
    }
    return TRUE;
}

gboolean
vir_tap_open(const char *path, char **name, gboolean vnet_hdr, guint n, int *fds, GError **error)
{
    for (guint i = 0; i < n; i++) {
        fds[i] = open(path, O_RDWR | O_CLOEXEC);
        if (fds[i] < 0)
            vir_error_set_errno(error, errno, "cannot open '%s'", path);
        if (fds[i] < 0 || !attach(fds[i], *name ? *name : PATTERN, vnet_hdr, n > 1, name, error)) {
            close_all(fds, i + 1);
            return FALSE;
        }
    }
    return TRUE;
}

/* The character device of a macvtap device, whether or not somebody has made a node of it. */
static int
open_node(const char *name, guint index, GError **error)
{
    g_autofree char *path = g_strdup_printf("/dev/tap%u", index);
    int fd = -1;

    /* udev sets the rights of the node it makes; that is soon. */
    for (int i = 0; i < 50; i++) {
        fd = open(path, O_RDWR | O_CLOEXEC);
        if (fd >= 0 || (errno != ENOENT && errno != EACCES))
            break;
        g_usleep(20000);
    }
    if (fd < 0)
        vir_error_set_errno(error, errno, "cannot open '%s' of macvtap device '%s'", path, name);
    return fd;
}

gboolean
vir_tap_open_macvtap(const char *name, gboolean vnet_hdr, guint n, int *fds, GError **error)
{
    guint index = vir_netdev_index(name);

    for (guint i = 0; i < n; i++) {
        fds[i] = open_node(name, index, error);
        if (fds[i] < 0 || !attach(fds[i], name, vnet_hdr, n > 1, NULL, error)) {
            close_all(fds, i + 1);
            return FALSE;
        }
    }
    return TRUE;
}
