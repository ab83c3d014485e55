/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The binary layout of the public structures on 64 bit Linux: it can never change. */
#include <stddef.h>

#include <libvirt/libvirt-admin.h>
#include <libvirt/libvirt-lxc.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#define SIZE(type, n) _Static_assert(sizeof(struct type) == n, "size of " #type)
#define FIELD(type, field, off, n)                                                                 \
    _Static_assert(offsetof(struct type, field) == off && sizeof(((struct type *)0)->field) == n,  \
                   "place of " #type "." #field)

#if __SIZEOF_POINTER__ == 8
SIZE(_virTypedParameter, 96);
FIELD(_virTypedParameter, field, 0, 80);
FIELD(_virTypedParameter, type, 80, 4);
FIELD(_virTypedParameter, value, 88, 8);
FIELD(_virTypedParameter, value.i, 88, 4);
FIELD(_virTypedParameter, value.ui, 88, 4);
FIELD(_virTypedParameter, value.l, 88, 8);
FIELD(_virTypedParameter, value.ul, 88, 8);
FIELD(_virTypedParameter, value.d, 88, 8);
FIELD(_virTypedParameter, value.b, 88, 1);
FIELD(_virTypedParameter, value.s, 88, 8);
SIZE(_virSecurityLabel, 4104);
FIELD(_virSecurityLabel, label, 0, 4097);
FIELD(_virSecurityLabel, enforcing, 4100, 4);
SIZE(_virSecurityModel, 514);
FIELD(_virSecurityModel, model, 0, 257);
FIELD(_virSecurityModel, doi, 257, 257);
SIZE(_virNodeInfo, 64);
FIELD(_virNodeInfo, model, 0, 32);
FIELD(_virNodeInfo, memory, 32, 8);
FIELD(_virNodeInfo, cpus, 40, 4);
FIELD(_virNodeInfo, mhz, 44, 4);
FIELD(_virNodeInfo, nodes, 48, 4);
FIELD(_virNodeInfo, sockets, 52, 4);
FIELD(_virNodeInfo, cores, 56, 4);
FIELD(_virNodeInfo, threads, 60, 4);
SIZE(_virNodeCPUStats, 88);
FIELD(_virNodeCPUStats, field, 0, 80);
FIELD(_virNodeCPUStats, value, 80, 8);
SIZE(_virNodeMemoryStats, 88);
FIELD(_virNodeMemoryStats, field, 0, 80);
FIELD(_virNodeMemoryStats, value, 80, 8);
SIZE(_virConnectCredential, 48);
FIELD(_virConnectCredential, type, 0, 4);
FIELD(_virConnectCredential, prompt, 8, 8);
FIELD(_virConnectCredential, challenge, 16, 8);
FIELD(_virConnectCredential, defresult, 24, 8);
FIELD(_virConnectCredential, result, 32, 8);
FIELD(_virConnectCredential, resultlen, 40, 4);
SIZE(_virConnectAuth, 32);
FIELD(_virConnectAuth, credtype, 0, 8);
FIELD(_virConnectAuth, ncredtype, 8, 4);
FIELD(_virConnectAuth, cb, 16, 8);
FIELD(_virConnectAuth, cbdata, 24, 8);
SIZE(_virDomainControlInfo, 16);
FIELD(_virDomainControlInfo, state, 0, 4);
FIELD(_virDomainControlInfo, details, 4, 4);
FIELD(_virDomainControlInfo, stateTime, 8, 8);
SIZE(_virDomainInfo, 40);
FIELD(_virDomainInfo, state, 0, 1);
FIELD(_virDomainInfo, maxMem, 8, 8);
FIELD(_virDomainInfo, memory, 16, 8);
FIELD(_virDomainInfo, nrVirtCpu, 24, 2);
FIELD(_virDomainInfo, cpuTime, 32, 8);
SIZE(_virDomainBlockStats, 40);
FIELD(_virDomainBlockStats, rd_req, 0, 8);
FIELD(_virDomainBlockStats, rd_bytes, 8, 8);
FIELD(_virDomainBlockStats, wr_req, 16, 8);
FIELD(_virDomainBlockStats, wr_bytes, 24, 8);
FIELD(_virDomainBlockStats, errs, 32, 8);
SIZE(_virDomainInterfaceStats, 64);
FIELD(_virDomainInterfaceStats, rx_bytes, 0, 8);
FIELD(_virDomainInterfaceStats, rx_packets, 8, 8);
FIELD(_virDomainInterfaceStats, rx_errs, 16, 8);
FIELD(_virDomainInterfaceStats, rx_drop, 24, 8);
FIELD(_virDomainInterfaceStats, tx_bytes, 32, 8);
FIELD(_virDomainInterfaceStats, tx_packets, 40, 8);
FIELD(_virDomainInterfaceStats, tx_errs, 48, 8);
FIELD(_virDomainInterfaceStats, tx_drop, 56, 8);
SIZE(_virDomainMemoryStat, 16);
FIELD(_virDomainMemoryStat, tag, 0, 4);
FIELD(_virDomainMemoryStat, val, 8, 8);
SIZE(_virDomainBlockInfo, 24);
FIELD(_virDomainBlockInfo, capacity, 0, 8);
FIELD(_virDomainBlockInfo, allocation, 8, 8);
FIELD(_virDomainBlockInfo, physical, 16, 8);
SIZE(_virVcpuInfo, 24);
FIELD(_virVcpuInfo, number, 0, 4);
FIELD(_virVcpuInfo, state, 4, 4);
FIELD(_virVcpuInfo, cpuTime, 8, 8);
FIELD(_virVcpuInfo, cpu, 16, 4);
SIZE(_virDomainIOThreadInfo, 24);
FIELD(_virDomainIOThreadInfo, iothread_id, 0, 4);
FIELD(_virDomainIOThreadInfo, cpumap, 8, 8);
FIELD(_virDomainIOThreadInfo, cpumaplen, 16, 4);
SIZE(_virDomainStatsRecord, 24);
FIELD(_virDomainStatsRecord, dom, 0, 8);
FIELD(_virDomainStatsRecord, params, 8, 8);
FIELD(_virDomainStatsRecord, nparams, 16, 4);
SIZE(_virDomainBlockJobInfo, 32);
FIELD(_virDomainBlockJobInfo, type, 0, 4);
FIELD(_virDomainBlockJobInfo, bandwidth, 8, 8);
FIELD(_virDomainBlockJobInfo, cur, 16, 8);
FIELD(_virDomainBlockJobInfo, end, 24, 8);
SIZE(_virDomainDiskError, 16);
FIELD(_virDomainDiskError, disk, 0, 8);
FIELD(_virDomainDiskError, error, 8, 4);
SIZE(_virDomainJobInfo, 96);
FIELD(_virDomainJobInfo, type, 0, 4);
FIELD(_virDomainJobInfo, timeElapsed, 8, 8);
FIELD(_virDomainJobInfo, timeRemaining, 16, 8);
FIELD(_virDomainJobInfo, dataTotal, 24, 8);
FIELD(_virDomainJobInfo, dataProcessed, 32, 8);
FIELD(_virDomainJobInfo, dataRemaining, 40, 8);
FIELD(_virDomainJobInfo, memTotal, 48, 8);
FIELD(_virDomainJobInfo, memProcessed, 56, 8);
FIELD(_virDomainJobInfo, memRemaining, 64, 8);
FIELD(_virDomainJobInfo, fileTotal, 72, 8);
FIELD(_virDomainJobInfo, fileProcessed, 80, 8);
FIELD(_virDomainJobInfo, fileRemaining, 88, 8);
SIZE(_virDomainEventGraphicsAddress, 24);
FIELD(_virDomainEventGraphicsAddress, family, 0, 4);
FIELD(_virDomainEventGraphicsAddress, node, 8, 8);
FIELD(_virDomainEventGraphicsAddress, service, 16, 8);
SIZE(_virDomainEventGraphicsSubjectIdentity, 16);
FIELD(_virDomainEventGraphicsSubjectIdentity, type, 0, 8);
FIELD(_virDomainEventGraphicsSubjectIdentity, name, 8, 8);
SIZE(_virDomainEventGraphicsSubject, 16);
FIELD(_virDomainEventGraphicsSubject, nidentity, 0, 4);
FIELD(_virDomainEventGraphicsSubject, identities, 8, 8);
SIZE(_virDomainFSInfo, 40);
FIELD(_virDomainFSInfo, mountpoint, 0, 8);
FIELD(_virDomainFSInfo, name, 8, 8);
FIELD(_virDomainFSInfo, fstype, 16, 8);
FIELD(_virDomainFSInfo, ndevAlias, 24, 8);
FIELD(_virDomainFSInfo, devAlias, 32, 8);
SIZE(_virDomainInterfaceIPAddress, 24);
FIELD(_virDomainInterfaceIPAddress, type, 0, 4);
FIELD(_virDomainInterfaceIPAddress, addr, 8, 8);
FIELD(_virDomainInterfaceIPAddress, prefix, 16, 4);
SIZE(_virDomainInterface, 32);
FIELD(_virDomainInterface, name, 0, 8);
FIELD(_virDomainInterface, hwaddr, 8, 8);
FIELD(_virDomainInterface, naddrs, 16, 4);
FIELD(_virDomainInterface, addrs, 24, 8);
SIZE(_virNetworkDHCPLease, 72);
FIELD(_virNetworkDHCPLease, iface, 0, 8);
FIELD(_virNetworkDHCPLease, expirytime, 8, 8);
FIELD(_virNetworkDHCPLease, type, 16, 4);
FIELD(_virNetworkDHCPLease, mac, 24, 8);
FIELD(_virNetworkDHCPLease, iaid, 32, 8);
FIELD(_virNetworkDHCPLease, ipaddr, 40, 8);
FIELD(_virNetworkDHCPLease, prefix, 48, 4);
FIELD(_virNetworkDHCPLease, hostname, 56, 8);
FIELD(_virNetworkDHCPLease, clientid, 64, 8);
SIZE(_virStoragePoolInfo, 32);
FIELD(_virStoragePoolInfo, state, 0, 4);
FIELD(_virStoragePoolInfo, capacity, 8, 8);
FIELD(_virStoragePoolInfo, allocation, 16, 8);
FIELD(_virStoragePoolInfo, available, 24, 8);
SIZE(_virStorageVolInfo, 24);
FIELD(_virStorageVolInfo, type, 0, 4);
FIELD(_virStorageVolInfo, capacity, 8, 8);
FIELD(_virStorageVolInfo, allocation, 16, 8);
SIZE(_virError, 80);
FIELD(_virError, code, 0, 4);
FIELD(_virError, domain, 4, 4);
FIELD(_virError, message, 8, 8);
FIELD(_virError, level, 16, 4);
FIELD(_virError, conn, 24, 8);
FIELD(_virError, dom, 32, 8);
FIELD(_virError, str1, 40, 8);
FIELD(_virError, str2, 48, 8);
FIELD(_virError, str3, 56, 8);
FIELD(_virError, int1, 64, 4);
FIELD(_virError, int2, 68, 4);
FIELD(_virError, net, 72, 8);
#endif

/* Compiling is the test. */
int
main(void)
{
    return 0;
}
