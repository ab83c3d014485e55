/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt-lxc.so: entering a container. The rest is generated. */
#include <libvirt/libvirt-lxc.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "api.h"

static const char *const namespaces[] = {"user", "ipc", "uts", "net", "pid", "mnt", "cgroup"};

static void
close_all(int *fds, unsigned int n)
{
    for (unsigned int i = 0; i < n; i++)
        close(fds[i]);
    g_free(fds);
}

int
virDomainLxcEnterNamespace(virDomainPtr domain, unsigned int nfdlist, int *fdlist,
                           unsigned int *noldfdlist, int **oldfdlist, unsigned int flags)
{
    int *old = NULL;
    unsigned int n_old = 0;

    if (!vir_api_enter(domain, VIR_HANDLE_DOMAIN, __func__) ||
        !vir_api_check_zero(domain->conn, flags, "flags", __func__) ||
        (nfdlist && !vir_api_check_nonnull(domain->conn, fdlist, "fdlist", __func__)))
        return -1;
    if (noldfdlist && oldfdlist) {
        old = g_new0(int, G_N_ELEMENTS(namespaces));
        for (guint i = 0; i < G_N_ELEMENTS(namespaces); i++) {
            g_autofree char *path = g_strdup_printf("/proc/self/ns/%s", namespaces[i]);
            int fd = open(path, O_RDONLY | O_CLOEXEC);

            if (fd >= 0)
                old[n_old++] = fd;
        }
    }
    for (unsigned int i = 0; i < nfdlist; i++) {
        /* A user namespace that the caller is in already cannot be entered again. */
        if (fdlist[i] < 0 || setns(fdlist[i], 0) == 0 || errno == EINVAL)
            continue;
        vir_api_raise(domain->conn, VIR_ERR_SYSTEM_ERROR, __func__,
                      "cannot enter namespace %u of domain '%s': %s", i, domain->name,
                      g_strerror(errno));
        close_all(old, n_old);
        return -1;
    }
    if (old) {
        *oldfdlist = old;
        *noldfdlist = n_old;
    }
    return 0;
}

int
virDomainLxcEnterSecurityLabel(virSecurityModelPtr model, virSecurityLabelPtr label,
                               virSecurityLabelPtr oldlabel, unsigned int flags)
{
    vir_api_begin();
    if (!vir_api_check_nonnull(NULL, model, "model", __func__) ||
        !vir_api_check_nonnull(NULL, label, "label", __func__) ||
        !vir_api_check_zero(NULL, flags, "flags", __func__))
        return -1;
    if (g_str_equal(model->model, "none"))
        return 0;
    vir_api_raise(NULL, VIR_ERR_CONFIG_UNSUPPORTED, __func__,
                  "security model '%s' cannot be entered", model->model);
    return -1;
}
