/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of hosts, networks, devices and secrets does not fit the general shape of a call. */
#include <string.h>

#include "api.h"
#include "vir-client.h"
#include "vir-error.h"
#include "wire.h"

static gboolean
call(virConnectPtr conn, int number, const void *args, void *ret, VirArena *arena)
{
    GError *error = NULL;

    if (vir_client_call(conn, vir_remote_proc(number), args, ret, arena, &error))
        return TRUE;
    vir_api_fail(conn, &error);
    return FALSE;
}

const char *
virNodeDeviceGetParent(virNodeDevicePtr dev)
{
    g_auto(VirArena) arena = {0};
    remote_node_device_get_parent_args args;
    remote_node_device_get_parent_ret ret;
    gboolean known;

    if (!vir_api_enter(dev, VIR_HANDLE_NODE_DEVICE, __func__))
        return NULL;
    pthread_mutex_lock(&dev->lock);
    known = dev->parent_known;
    pthread_mutex_unlock(&dev->lock);
    if (known)
        return dev->parent;
    args.name = dev->name;
    if (!call(dev->conn, REMOTE_PROC_NODE_DEVICE_GET_PARENT, &args, &ret, &arena))
        return NULL;
    pthread_mutex_lock(&dev->lock);
    if (!dev->parent_known) {
        dev->parent = g_strdup(ret.parentName ? *ret.parentName : NULL);
        dev->parent_known = TRUE;
    }
    pthread_mutex_unlock(&dev->lock);
    return dev->parent;
}

int
virNodeGetSecurityModel(virConnectPtr conn, virSecurityModelPtr secmodel)
{
    g_auto(VirArena) arena = {0};
    remote_node_get_security_model_ret ret;

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__) ||
        !vir_api_check_nonnull(conn, secmodel, "secmodel", __func__) ||
        !call(conn, REMOTE_PROC_NODE_GET_SECURITY_MODEL, NULL, &ret, &arena))
        return -1;
    memset(secmodel, 0, sizeof(*secmodel));
    memcpy(secmodel->model, ret.model.model_val,
           MIN(ret.model.model_len, sizeof(secmodel->model) - 1));
    memcpy(secmodel->doi, ret.doi.doi_val, MIN(ret.doi.doi_len, sizeof(secmodel->doi) - 1));
    return 0;
}

int
virNodeGetCPUMap(virConnectPtr conn, unsigned char **cpumap, unsigned int *online,
                 unsigned int flags)
{
    g_auto(VirArena) arena = {0};
    remote_node_get_cpu_map_args args = {
        .need_map = cpumap != NULL, .need_online = online != NULL, .flags = flags};
    remote_node_get_cpu_map_ret ret;

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__) ||
        !call(conn, REMOTE_PROC_NODE_GET_CPU_MAP, &args, &ret, &arena))
        return -1;
    if (ret.ret > 0 && cpumap) {
        *cpumap = g_malloc0(MAX(ret.cpumap.cpumap_len, VIR_CPU_MAPLEN(ret.ret)));
        memcpy(*cpumap, ret.cpumap.cpumap_val, ret.cpumap.cpumap_len);
    }
    if (online)
        *online = ret.online;
    return ret.ret;
}

int
virNodeGetFreePages(virConnectPtr conn, unsigned int npages, unsigned int *pages, int startCell,
                    unsigned int cellCount, unsigned long long *counts, unsigned int flags)
{
    g_auto(VirArena) arena = {0};
    remote_node_get_free_pages_args args = {
        .pages = {npages, pages}, .startCell = startCell, .cellCount = cellCount, .flags = flags};
    remote_node_get_free_pages_ret ret;
    unsigned int total;

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__) ||
        !vir_api_check_nonzero(conn, npages, "npages", __func__) ||
        !vir_api_check_nonnull(conn, pages, "pages", __func__) ||
        !vir_api_check_nonzero(conn, cellCount, "cellCount", __func__) ||
        !vir_api_check_nonnull(conn, counts, "counts", __func__))
        return -1;
    if (!g_uint_checked_mul(&total, npages, cellCount) || total > REMOTE_NODE_MAX_CELLS) {
        vir_api_bad_arg(conn, "npages", __func__,
                        "too many page sizes and cells in %s: %u * %u, at most %d", __func__,
                        npages, cellCount, REMOTE_NODE_MAX_CELLS);
        return -1;
    }
    if (!call(conn, REMOTE_PROC_NODE_GET_FREE_PAGES, &args, &ret, &arena))
        return -1;
    total = MIN(total, ret.counts.counts_len);
    for (unsigned int i = 0; i < total; i++)
        counts[i] = ret.counts.counts_val[i];
    return total;
}

int
virNodeAllocPages(virConnectPtr conn, unsigned int npages, unsigned int *pageSizes,
                  unsigned long long *pageCounts, int startCell, unsigned int cellCount,
                  unsigned int flags)
{
    g_auto(VirArena) arena = {0};
    g_autofree u_quad_t *counts = NULL;
    remote_node_alloc_pages_args args = {.pageSizes = {npages, pageSizes},
                                         .startCell = startCell,
                                         .cellCount = cellCount,
                                         .flags = flags};
    remote_node_alloc_pages_ret ret;

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__) ||
        !vir_api_check_writable(conn, __func__) ||
        !vir_api_check_nonzero(conn, npages, "npages", __func__) ||
        !vir_api_check_nonnull(conn, pageSizes, "pageSizes", __func__) ||
        !vir_api_check_nonnull(conn, pageCounts, "pageCounts", __func__) ||
        !vir_api_check_nonzero(conn, cellCount, "cellCount", __func__))
        return -1;
    counts = g_new(u_quad_t, npages);
    for (unsigned int i = 0; i < npages; i++)
        counts[i] = pageCounts[i];
    args.pageCounts.pageCounts_len = npages;
    args.pageCounts.pageCounts_val = counts;
    if (!call(conn, REMOTE_PROC_NODE_ALLOC_PAGES, &args, &ret, &arena))
        return -1;
    return ret.ret;
}

unsigned char *
virSecretGetValue(virSecretPtr secret, size_t *value_size, unsigned int flags)
{
    g_auto(VirArena) arena = {0};
    remote_secret_get_value_args args = {.flags = flags};
    remote_secret_get_value_ret ret;
    unsigned char *value;

    if (!vir_api_enter(secret, VIR_HANDLE_SECRET, __func__) ||
        !vir_api_check_writable(secret->conn, __func__) ||
        !vir_api_check_nonnull(secret->conn, value_size, "value_size", __func__))
        return NULL;
    args.secret = vir_secret_to_wire(secret);
    if (!call(secret->conn, REMOTE_PROC_SECRET_GET_VALUE, &args, &ret, &arena))
        return NULL;
    value = g_malloc0(ret.value.value_len + 1);
    memcpy(value, ret.value.value_val, ret.value.value_len);
    explicit_bzero(ret.value.value_val, ret.value.value_len);
    *value_size = ret.value.value_len;
    return value;
}

void
virNetworkDHCPLeaseFree(virNetworkDHCPLeasePtr lease)
{
    if (!lease)
        return;
    g_free(lease->iface);
    g_free(lease->mac);
    g_free(lease->iaid);
    g_free(lease->ipaddr);
    g_free(lease->hostname);
    g_free(lease->clientid);
    g_free(lease);
}

static char *
dup_opt(const remote_string text)
{
    return g_strdup(text ? *text : NULL);
}

int
virNetworkGetDHCPLeases(virNetworkPtr network, const char *mac, virNetworkDHCPLeasePtr **leases,
                        unsigned int flags)
{
    g_auto(VirArena) arena = {0};
    char *mac_text = (char *)mac;
    remote_network_get_dhcp_leases_args args = {
        .mac = mac ? &mac_text : NULL, .need_results = leases != NULL, .flags = flags};
    remote_network_get_dhcp_leases_ret ret;

    vir_api_begin();
    if (leases)
        *leases = NULL;
    if (!vir_api_check(network, VIR_HANDLE_NETWORK, __func__))
        return -1;
    args.net = vir_network_to_wire(network);
    if (!call(network->conn, REMOTE_PROC_NETWORK_GET_DHCP_LEASES, &args, &ret, &arena))
        return -1;
    if (!leases)
        return ret.ret;
    *leases = g_new0(virNetworkDHCPLeasePtr, ret.leases.leases_len + 1);
    for (guint i = 0; i < ret.leases.leases_len; i++) {
        remote_network_dhcp_lease *from = &ret.leases.leases_val[i];
        virNetworkDHCPLeasePtr to = (*leases)[i] = g_new0(virNetworkDHCPLease, 1);

        to->iface = g_strdup(from->iface);
        to->expirytime = from->expirytime;
        to->type = from->type;
        to->mac = dup_opt(from->mac);
        to->iaid = dup_opt(from->iaid);
        to->ipaddr = g_strdup(from->ipaddr);
        to->prefix = from->prefix;
        to->hostname = dup_opt(from->hostname);
        to->clientid = dup_opt(from->clientid);
    }
    return ret.leases.leases_len;
}
