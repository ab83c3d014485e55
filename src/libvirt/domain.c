/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of domains does not fit the general shape of a call. */
#include <string.h>

#include "api.h"
#include "vir-client.h"
#include "vir-error.h"
#include "wire.h"

/* Raises *@error where @good is not so. */
static gboolean
settle(virConnectPtr conn, gboolean good, GError **error)
{
    if (!good)
        vir_api_fail(conn, error);
    return good;
}

static gboolean
call(virDomainPtr domain, int number, const void *args, void *ret, VirArena *arena)
{
    GError *error = NULL;

    return settle(domain->conn,
                  vir_client_call(domain->conn, vir_remote_proc(number), args, ret, arena, &error),
                  &error);
}

unsigned int
virDomainGetID(virDomainPtr domain)
{
    if (!vir_api_enter(domain, VIR_HANDLE_DOMAIN, __func__))
        return (unsigned int)-1;
    return g_atomic_int_get(&domain->id);
}

virDomainPtr
virDomainCreateLinux(virConnectPtr conn, const char *xmlDesc, unsigned int flags)
{
    return virDomainCreateXML(conn, xmlDesc, flags);
}

/* The peer answers nothing: the id that the guest got is asked for afterwards. */
int
virDomainCreate(virDomainPtr domain)
{
    g_auto(VirArena) arena = {0};
    remote_domain_create_args args;
    remote_domain_lookup_by_uuid_args lookup;
    remote_domain_lookup_by_uuid_ret found;

    if (!vir_api_enter(domain, VIR_HANDLE_DOMAIN, __func__) ||
        !vir_api_check_writable(domain->conn, __func__))
        return -1;
    args.dom = vir_domain_to_wire(domain);
    memcpy(lookup.uuid, domain->uuid, VIR_UUID_LEN);
    if (!call(domain, REMOTE_PROC_DOMAIN_CREATE, &args, NULL, &arena) ||
        !call(domain, REMOTE_PROC_DOMAIN_LOOKUP_BY_UUID, &lookup, &found, &arena))
        return -1;
    g_atomic_int_set(&domain->id, found.dom.id);
    return 0;
}

/* The answer is longer than was asked for: no such peer is to be trusted. */
static gboolean
check_count(virConnectPtr conn, gsize got, gsize most, const char *what)
{
    GError *error = NULL;

    if (got <= most)
        return TRUE;
    vir_error_set(&error, VIR_ERR_RPC, "the daemon sent %zu %s where at most %zu were asked for",
                  got, what, most);
    return settle(conn, FALSE, &error);
}

/* Checks the shape of CPU maps that the caller provides room for. */
static gboolean
check_maps(virDomainPtr domain, const void *maps, int n, int maplen, const char *n_name,
           const char *func)
{
    gsize total;

    if (!vir_api_check_positive(domain->conn, n, n_name, func) ||
        !vir_api_check_positive(domain->conn, maplen, "maplen", func) ||
        !vir_api_check_nonnull(domain->conn, maps, "cpumaps", func))
        return FALSE;
    if (g_size_checked_mul(&total, n, maplen) && total <= REMOTE_CPUMAPS_MAX)
        return TRUE;
    vir_api_bad_arg(domain->conn, "maplen", func, "%d maps of %d bytes in %s are too large", n,
                    maplen, func);
    return FALSE;
}

int
virDomainGetVcpus(virDomainPtr domain, virVcpuInfoPtr info, int maxinfo, unsigned char *cpumaps,
                  int maplen)
{
    g_auto(VirArena) arena = {0};
    remote_domain_get_vcpus_args args = {.maxinfo = maxinfo, .maplen = maplen};
    remote_domain_get_vcpus_ret ret;

    if (!vir_api_enter(domain, VIR_HANDLE_DOMAIN, __func__) ||
        !vir_api_check_nonnull(domain->conn, info, "info", __func__) ||
        !vir_api_check_positive(domain->conn, maxinfo, "maxinfo", __func__))
        return -1;
    if (cpumaps ? !check_maps(domain, cpumaps, maxinfo, maplen, "maxinfo", __func__)
                : !vir_api_check_zero(domain->conn, maplen, "maplen", __func__))
        return -1;
    args.dom = vir_domain_to_wire(domain);
    if (!call(domain, REMOTE_PROC_DOMAIN_GET_VCPUS, &args, &ret, &arena) ||
        !check_count(domain->conn, ret.info.info_len, maxinfo, "CPUs") ||
        !check_count(domain->conn, ret.cpumaps.cpumaps_len, (gsize)maxinfo * maplen,
                     "bytes of CPU maps"))
        return -1;
    memset(info, 0, sizeof(*info) * maxinfo);
    for (guint i = 0; i < ret.info.info_len; i++) {
        info[i].number = ret.info.info_val[i].number;
        info[i].state = ret.info.info_val[i].state;
        info[i].cpuTime = ret.info.info_val[i].cpu_time;
        info[i].cpu = ret.info.info_val[i].cpu;
    }
    if (cpumaps) {
        memset(cpumaps, 0, (gsize)maxinfo * maplen);
        memcpy(cpumaps, ret.cpumaps.cpumaps_val, ret.cpumaps.cpumaps_len);
    }
    return ret.info.info_len;
}

int
virDomainGetVcpuPinInfo(virDomainPtr domain, int ncpumaps, unsigned char *cpumaps, int maplen,
                        unsigned int flags)
{
    g_auto(VirArena) arena = {0};
    remote_domain_get_vcpu_pin_info_args args = {
        .ncpumaps = ncpumaps, .maplen = maplen, .flags = flags};
    remote_domain_get_vcpu_pin_info_ret ret;

    if (!vir_api_enter(domain, VIR_HANDLE_DOMAIN, __func__) ||
        !check_maps(domain, cpumaps, ncpumaps, maplen, "ncpumaps", __func__) ||
        !vir_api_check_exclusive(domain->conn, flags, VIR_DOMAIN_AFFECT_LIVE,
                                 VIR_DOMAIN_AFFECT_CONFIG, "VIR_DOMAIN_AFFECT_LIVE",
                                 "VIR_DOMAIN_AFFECT_CONFIG", __func__))
        return -1;
    args.dom = vir_domain_to_wire(domain);
    if (!call(domain, REMOTE_PROC_DOMAIN_GET_VCPU_PIN_INFO, &args, &ret, &arena) ||
        !check_count(domain->conn, ret.cpumaps.cpumaps_len, (gsize)ncpumaps * maplen,
                     "bytes of CPU maps"))
        return -1;
    memset(cpumaps, 0, (gsize)ncpumaps * maplen);
    memcpy(cpumaps, ret.cpumaps.cpumaps_val, ret.cpumaps.cpumaps_len);
    return ret.num;
}

int
virDomainGetEmulatorPinInfo(virDomainPtr domain, unsigned char *cpumap, int maplen,
                            unsigned int flags)
{
    g_auto(VirArena) arena = {0};
    remote_domain_get_emulator_pin_info_args args = {.maplen = maplen, .flags = flags};
    remote_domain_get_emulator_pin_info_ret ret;

    if (!vir_api_enter(domain, VIR_HANDLE_DOMAIN, __func__) ||
        !check_maps(domain, cpumap, 1, maplen, "maplen", __func__) ||
        !vir_api_check_exclusive(domain->conn, flags, VIR_DOMAIN_AFFECT_LIVE,
                                 VIR_DOMAIN_AFFECT_CONFIG, "VIR_DOMAIN_AFFECT_LIVE",
                                 "VIR_DOMAIN_AFFECT_CONFIG", __func__))
        return -1;
    args.dom = vir_domain_to_wire(domain);
    if (!call(domain, REMOTE_PROC_DOMAIN_GET_EMULATOR_PIN_INFO, &args, &ret, &arena) ||
        !check_count(domain->conn, ret.cpumaps.cpumaps_len, maplen, "bytes of CPU map"))
        return -1;
    memset(cpumap, 0, maplen);
    memcpy(cpumap, ret.cpumaps.cpumaps_val, ret.cpumaps.cpumaps_len);
    return ret.ret;
}

static gboolean
check_cpu_stats(virDomainPtr domain, virTypedParameterPtr params, unsigned int nparams,
                int start_cpu, unsigned int ncpus, const char *func)
{
    virConnectPtr conn = domain->conn;
    unsigned int total;

    if (start_cpu == -1 && ncpus != 1) {
        vir_api_bad_arg(conn, "start_cpu", func, "ncpus must be 1 when start_cpu is -1");
        return FALSE;
    }
    if (start_cpu != -1 && !vir_api_check_nonnegative(conn, start_cpu, "start_cpu", func))
        return FALSE;
    if (nparams ? !vir_api_check_nonnull(conn, params, "params", func)
                : !vir_api_check_null(conn, params, "params", func))
        return FALSE;
    if (ncpus == 0 && !vir_api_check_null(conn, params, "params", func))
        return FALSE;
    if (nparams && ncpus && !g_uint_checked_mul(&total, nparams, ncpus)) {
        vir_api_bad_arg(conn, "nparams", func, "input too large: %u * %u", nparams, ncpus);
        return FALSE;
    }
    return TRUE;
}

/* One block of at most @max parameters for each CPU, which the caller's @nparams spaces. */
static gboolean
spread_cpu_stats(virDomainPtr domain, const remote_domain_get_cpu_stats_ret *ret,
                 virTypedParameterPtr params, unsigned int nparams, unsigned int ncpus)
{
    virTypedParameterPtr got;
    GError *error = NULL;
    unsigned int n = ret->params.params_len;

    memset(params, 0, sizeof(*params) * nparams * ncpus);
    if (n == 0)
        return TRUE;
    if (ret->nparams <= 0 || (unsigned int)ret->nparams > nparams ||
        !check_count(domain->conn, n, (gsize)ret->nparams * ncpus, "CPU statistics"))
        return check_count(domain->conn, MAX(ret->nparams, 0), nparams, "statistics of a CPU");
    got = vir_typed_params_from_wire(ret->params.params_val, n, &error);
    if (!got)
        return settle(domain->conn, FALSE, &error);
    for (unsigned int i = 0; i < n; i++)
        params[i / ret->nparams * nparams + i % ret->nparams] = got[i];
    g_free(got);
    return TRUE;
}

int
virDomainGetCPUStats(virDomainPtr domain, virTypedParameterPtr params, unsigned int nparams,
                     int start_cpu, unsigned int ncpus, unsigned int flags)
{
    /* The protocol bounds what one call brings; more CPUs take more calls. */
    enum { CPUS_A_CALL = REMOTE_DOMAIN_GET_CPU_STATS_NCPUS_MAX };
    remote_domain_get_cpu_stats_args args = {
        .nparams = nparams, .start_cpu = start_cpu, .ncpus = ncpus, .flags = flags};
    unsigned int done = 0;
    int result = -1;

    if (!vir_api_enter(domain, VIR_HANDLE_DOMAIN, __func__) ||
        !check_cpu_stats(domain, params, nparams, start_cpu, ncpus, __func__))
        return -1;
    args.dom = vir_domain_to_wire(domain);
    do {
        g_auto(VirArena) arena = {0};
        remote_domain_get_cpu_stats_ret ret;

        if (ncpus) {
            args.ncpus = MIN(ncpus - done, CPUS_A_CALL);
            args.start_cpu = start_cpu < 0 ? start_cpu : start_cpu + (int)done;
        }
        if (!call(domain, REMOTE_PROC_DOMAIN_GET_CPU_STATS, &args, &ret, &arena) ||
            (params && !spread_cpu_stats(domain, &ret, params + (gsize)done * nparams, nparams,
                                         args.ncpus))) {
            virTypedParamsClear(params, done * nparams);
            return -1;
        }
        result = MAX(result, ret.nparams);
        done += args.ncpus;
    } while (params && done < ncpus);
    return result;
}

static void
copy_label(const remote_domain_get_security_label_ret *wire, virSecurityLabelPtr label)
{
    gsize len = MIN(wire->label.label_len, sizeof(label->label) - 1);

    memset(label, 0, sizeof(*label));
    if (len)
        memcpy(label->label, wire->label.label_val, len);
    label->enforcing = wire->enforcing;
}

int
virDomainGetSecurityLabel(virDomainPtr domain, virSecurityLabelPtr seclabel)
{
    g_auto(VirArena) arena = {0};
    remote_domain_get_security_label_args args;
    remote_domain_get_security_label_ret ret;

    if (!vir_api_enter(domain, VIR_HANDLE_DOMAIN, __func__) ||
        !vir_api_check_nonnull(domain->conn, seclabel, "seclabel", __func__))
        return -1;
    args.dom = vir_domain_to_wire(domain);
    if (!call(domain, REMOTE_PROC_DOMAIN_GET_SECURITY_LABEL, &args, &ret, &arena))
        return -1;
    copy_label(&ret, seclabel);
    return 0;
}

int
virDomainGetSecurityLabelList(virDomainPtr domain, virSecurityLabelPtr *seclabels)
{
    g_auto(VirArena) arena = {0};
    remote_domain_get_security_label_list_args args;
    remote_domain_get_security_label_list_ret ret;

    if (!vir_api_enter(domain, VIR_HANDLE_DOMAIN, __func__) ||
        !vir_api_check_nonnull(domain->conn, seclabels, "seclabels", __func__))
        return -1;
    args.dom = vir_domain_to_wire(domain);
    if (!call(domain, REMOTE_PROC_DOMAIN_GET_SECURITY_LABEL_LIST, &args, &ret, &arena))
        return -1;
    *seclabels = g_new0(virSecurityLabel, MAX(ret.labels.labels_len, 1));
    for (guint i = 0; i < ret.labels.labels_len; i++)
        copy_label(&ret.labels.labels_val[i], &(*seclabels)[i]);
    return ret.labels.labels_len;
}

void
virDomainStatsRecordListFree(virDomainStatsRecordPtr *stats)
{
    if (!stats)
        return;
    for (virDomainStatsRecordPtr *each = stats; *each; each++) {
        virTypedParamsFree((*each)->params, (*each)->nparams);
        vir_handle_unref((*each)->dom);
        g_free(*each);
    }
    g_free(stats);
}

static int
get_stats(virConnectPtr conn, virDomainPtr *doms, guint n_doms, unsigned int stats,
          virDomainStatsRecordPtr **retStats, unsigned int flags)
{
    g_auto(VirArena) arena = {0};
    g_autofree remote_nonnull_domain *wire = g_new0(remote_nonnull_domain, n_doms);
    remote_connect_get_all_domain_stats_args args = {
        .doms = {n_doms, wire}, .stats = stats, .flags = flags};
    remote_connect_get_all_domain_stats_ret ret;
    virDomainStatsRecordPtr *records;
    GError *error = NULL;

    for (guint i = 0; i < n_doms; i++)
        wire[i] = vir_domain_to_wire(doms[i]);
    if (!settle(conn,
                vir_client_call(conn, vir_remote_proc(REMOTE_PROC_CONNECT_GET_ALL_DOMAIN_STATS),
                                &args, &ret, &arena, &error),
                &error))
        return -1;
    records = g_new0(virDomainStatsRecordPtr, ret.retStats.retStats_len + 1);
    for (guint i = 0; i < ret.retStats.retStats_len; i++) {
        remote_domain_stats_record *from = &ret.retStats.retStats_val[i];

        records[i] = g_new0(virDomainStatsRecord, 1);
        records[i]->dom = vir_domain_from_wire(conn, &from->dom);
        records[i]->params =
            vir_typed_params_from_wire(from->params.params_val, from->params.params_len, &error);
        if (error) {
            virDomainStatsRecordListFree(records);
            settle(conn, FALSE, &error);
            return -1;
        }
        records[i]->nparams = from->params.params_len;
    }
    *retStats = records;
    return ret.retStats.retStats_len;
}

int
virConnectGetAllDomainStats(virConnectPtr conn, unsigned int stats,
                            virDomainStatsRecordPtr **retStats, unsigned int flags)
{
    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__) ||
        !vir_api_check_nonnull(conn, retStats, "retStats", __func__))
        return -1;
    return get_stats(conn, NULL, 0, stats, retStats, flags);
}

int
virDomainListGetStats(virDomainPtr *doms, unsigned int stats, virDomainStatsRecordPtr **retStats,
                      unsigned int flags)
{
    virConnectPtr conn = NULL;
    guint n = 0;

    vir_api_begin();
    if (!vir_api_check_nonnull(NULL, doms, "doms", __func__) ||
        !vir_api_check_nonnull(NULL, retStats, "retStats", __func__))
        return -1;
    if (!*doms) {
        vir_api_bad_arg(NULL, "doms", __func__, "doms in %s must contain at least one domain",
                        __func__);
        return -1;
    }
    for (; doms[n]; n++) {
        if (!vir_api_check(doms[n], VIR_HANDLE_DOMAIN, __func__))
            return -1;
        if (!conn)
            conn = doms[n]->conn;
        if (conn != doms[n]->conn) {
            vir_api_bad_arg(conn, "doms", __func__, "domains in %s must belong to one connection",
                            __func__);
            return -1;
        }
    }
    return get_stats(conn, doms, n, stats, retStats, flags);
}

void
virDomainFSInfoFree(virDomainFSInfoPtr info)
{
    if (!info)
        return;
    for (size_t i = 0; i < info->ndevAlias; i++)
        g_free(info->devAlias[i]);
    g_free(info->devAlias);
    g_free(info->mountpoint);
    g_free(info->name);
    g_free(info->fstype);
    g_free(info);
}

int
virDomainGetFSInfo(virDomainPtr domain, virDomainFSInfoPtr **info, unsigned int flags)
{
    g_auto(VirArena) arena = {0};
    remote_domain_get_fsinfo_args args = {.flags = flags};
    remote_domain_get_fsinfo_ret ret;

    if (!vir_api_enter(domain, VIR_HANDLE_DOMAIN, __func__) ||
        !vir_api_check_writable(domain->conn, __func__) ||
        !vir_api_check_nonnull(domain->conn, info, "info", __func__))
        return -1;
    *info = NULL;
    args.dom = vir_domain_to_wire(domain);
    if (!call(domain, REMOTE_PROC_DOMAIN_GET_FSINFO, &args, &ret, &arena))
        return -1;
    *info = g_new0(virDomainFSInfoPtr, ret.info.info_len + 1);
    for (guint i = 0; i < ret.info.info_len; i++) {
        remote_domain_fsinfo *from = &ret.info.info_val[i];
        virDomainFSInfoPtr to = (*info)[i] = g_new0(virDomainFSInfo, 1);

        to->mountpoint = g_strdup(from->mountpoint);
        to->name = g_strdup(from->name);
        to->fstype = g_strdup(from->fstype);
        to->ndevAlias = from->dev_aliases.dev_aliases_len;
        to->devAlias = g_new0(char *, to->ndevAlias + 1);
        for (size_t j = 0; j < to->ndevAlias; j++)
            to->devAlias[j] = g_strdup(from->dev_aliases.dev_aliases_val[j]);
    }
    return ret.info.info_len;
}

void
virDomainIOThreadInfoFree(virDomainIOThreadInfoPtr info)
{
    if (!info)
        return;
    g_free(info->cpumap);
    g_free(info);
}

int
virDomainGetIOThreadInfo(virDomainPtr domain, virDomainIOThreadInfoPtr **info, unsigned int flags)
{
    g_auto(VirArena) arena = {0};
    remote_domain_get_iothread_info_args args = {.flags = flags};
    remote_domain_get_iothread_info_ret ret;

    if (!vir_api_enter(domain, VIR_HANDLE_DOMAIN, __func__) ||
        !vir_api_check_nonnull(domain->conn, info, "info", __func__) ||
        !vir_api_check_exclusive(domain->conn, flags, VIR_DOMAIN_AFFECT_LIVE,
                                 VIR_DOMAIN_AFFECT_CONFIG, "VIR_DOMAIN_AFFECT_LIVE",
                                 "VIR_DOMAIN_AFFECT_CONFIG", __func__))
        return -1;
    args.dom = vir_domain_to_wire(domain);
    if (!call(domain, REMOTE_PROC_DOMAIN_GET_IOTHREAD_INFO, &args, &ret, &arena))
        return -1;
    *info = g_new0(virDomainIOThreadInfoPtr, ret.info.info_len + 1);
    for (guint i = 0; i < ret.info.info_len; i++) {
        remote_domain_iothread_info *from = &ret.info.info_val[i];
        virDomainIOThreadInfoPtr to = (*info)[i] = g_new0(virDomainIOThreadInfo, 1);

        to->iothread_id = from->iothread_id;
        to->cpumap = g_memdup2(from->cpumap.cpumap_val, from->cpumap.cpumap_len);
        to->cpumaplen = from->cpumap.cpumap_len;
    }
    return ret.info.info_len;
}

void
virDomainInterfaceFree(virDomainInterfacePtr iface)
{
    if (!iface)
        return;
    for (unsigned int i = 0; i < iface->naddrs; i++)
        g_free(iface->addrs[i].addr);
    g_free(iface->addrs);
    g_free(iface->name);
    g_free(iface->hwaddr);
    g_free(iface);
}

int
virDomainInterfaceAddresses(virDomainPtr domain, virDomainInterfacePtr **ifaces,
                            unsigned int source, unsigned int flags)
{
    g_auto(VirArena) arena = {0};
    remote_domain_interface_addresses_args args = {.source = source, .flags = flags};
    remote_domain_interface_addresses_ret ret;

    if (!vir_api_enter(domain, VIR_HANDLE_DOMAIN, __func__) ||
        !vir_api_check_nonnull(domain->conn, ifaces, "ifaces", __func__))
        return -1;
    *ifaces = NULL;
    if (source == VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT &&
        !vir_api_check_writable(domain->conn, __func__))
        return -1;
    args.dom = vir_domain_to_wire(domain);
    if (!call(domain, REMOTE_PROC_DOMAIN_INTERFACE_ADDRESSES, &args, &ret, &arena))
        return -1;
    *ifaces = g_new0(virDomainInterfacePtr, ret.ifaces.ifaces_len + 1);
    for (guint i = 0; i < ret.ifaces.ifaces_len; i++) {
        remote_domain_interface *from = &ret.ifaces.ifaces_val[i];
        virDomainInterfacePtr to = (*ifaces)[i] = g_new0(virDomainInterface, 1);

        to->name = g_strdup(from->name);
        to->hwaddr = from->hwaddr ? g_strdup(*from->hwaddr) : NULL;
        to->naddrs = from->addrs.addrs_len;
        to->addrs = g_new0(virDomainIPAddress, to->naddrs);
        for (unsigned int j = 0; j < to->naddrs; j++) {
            to->addrs[j].type = from->addrs.addrs_val[j].type;
            to->addrs[j].addr = g_strdup(from->addrs.addrs_val[j].addr);
            to->addrs[j].prefix = from->addrs.addrs_val[j].prefix;
        }
    }
    return ret.ifaces.ifaces_len;
}
