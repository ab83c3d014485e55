/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Administration of a running daemon (libvirt-admin.so). */
#ifndef LIBVIRT_ADMIN_H
#define LIBVIRT_ADMIN_H

#include <libvirt/libvirt.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _virAdmConnect virAdmConnect;
typedef virAdmConnect *virAdmConnectPtr;

typedef struct _virAdmServer virAdmServer;
typedef virAdmServer *virAdmServerPtr;

typedef struct _virAdmClient virAdmClient;
typedef virAdmClient *virAdmClientPtr;

typedef enum {
    VIR_CLIENT_TRANS_UNIX = 0,
    VIR_CLIENT_TRANS_TCP = 1,
    VIR_CLIENT_TRANS_TLS = 2,
#ifdef VIR_ENUM_SENTINELS
    VIR_CLIENT_TRANS_LAST = 3,
#endif
} virClientTransport;

typedef enum {
    VIR_DAEMON_SHUTDOWN_PRESERVE = (1 << 0),
} virAdmConnectDaemonShutdownFlags;

/* Names of typed parameters, each with its type. */
/* clang-format off */
#define VIR_THREADPOOL_WORKERS_MIN "minWorkers" /* uint */
#define VIR_THREADPOOL_WORKERS_MAX "maxWorkers" /* uint */
#define VIR_THREADPOOL_WORKERS_PRIORITY "prioWorkers" /* uint */
#define VIR_THREADPOOL_WORKERS_FREE "freeWorkers" /* uint */
#define VIR_THREADPOOL_WORKERS_CURRENT "nWorkers" /* uint */

#define VIR_THREADPOOL_JOB_QUEUE_DEPTH "jobQueueDepth" /* uint */

#define VIR_CLIENT_INFO_READONLY "readonly" /* boolean */
#define VIR_CLIENT_INFO_SOCKET_ADDR "sock_addr" /* string */
#define VIR_CLIENT_INFO_SASL_USER_NAME "sasl_user_name" /* string */
#define VIR_CLIENT_INFO_X509_DISTINGUISHED_NAME "tls_x509_dname" /* string */
#define VIR_CLIENT_INFO_UNIX_USER_ID "unix_user_id" /* int */
#define VIR_CLIENT_INFO_UNIX_USER_NAME "unix_user_name" /* string */
#define VIR_CLIENT_INFO_UNIX_GROUP_ID "unix_group_id" /* int */
#define VIR_CLIENT_INFO_UNIX_GROUP_NAME "unix_group_name" /* string */
#define VIR_CLIENT_INFO_UNIX_PROCESS_ID "unix_process_id" /* int */
#define VIR_CLIENT_INFO_SELINUX_CONTEXT "selinux_context" /* string */

#define VIR_SERVER_CLIENTS_MAX "nclients_max" /* uint */
#define VIR_SERVER_CLIENTS_CURRENT "nclients" /* uint */
#define VIR_SERVER_CLIENTS_UNAUTH_MAX "nclients_unauth_max" /* uint */
#define VIR_SERVER_CLIENTS_UNAUTH_CURRENT "nclients_unauth" /* uint */
/* clang-format on */

typedef void (*virAdmConnectCloseFunc)(virAdmConnectPtr conn, int reason, void *opaque);

int virAdmClientClose(virAdmClientPtr client, unsigned int flags);
int virAdmClientFree(virAdmClientPtr client);
unsigned long long virAdmClientGetID(virAdmClientPtr client);
int virAdmClientGetInfo(virAdmClientPtr client, virTypedParameterPtr *params, int *nparams,
                        unsigned int flags);
long long virAdmClientGetTimestamp(virAdmClientPtr client);
int virAdmClientGetTransport(virAdmClientPtr client);
int virAdmConnectClose(virAdmConnectPtr conn);
int virAdmConnectDaemonShutdown(virAdmConnectPtr conn, unsigned int flags);
int virAdmConnectGetLibVersion(virAdmConnectPtr conn, unsigned long long *libVer);
int virAdmConnectGetLoggingFilters(virAdmConnectPtr conn, char **filters, unsigned int flags);
int virAdmConnectGetLoggingOutputs(virAdmConnectPtr conn, char **outputs, unsigned int flags);
char *virAdmConnectGetURI(virAdmConnectPtr conn);
int virAdmConnectIsAlive(virAdmConnectPtr conn);
int virAdmConnectListServers(virAdmConnectPtr conn, virAdmServerPtr **servers, unsigned int flags);
virAdmServerPtr virAdmConnectLookupServer(virAdmConnectPtr conn, const char *name,
                                          unsigned int flags);
virAdmConnectPtr virAdmConnectOpen(const char *name, unsigned int flags);
int virAdmConnectRef(virAdmConnectPtr conn);
int virAdmConnectRegisterCloseCallback(virAdmConnectPtr conn, virAdmConnectCloseFunc cb,
                                       void *opaque, virFreeCallback freecb);
int virAdmConnectSetDaemonTimeout(virAdmConnectPtr conn, unsigned int timeout, unsigned int flags);
int virAdmConnectSetLoggingFilters(virAdmConnectPtr conn, const char *filters, unsigned int flags);
int virAdmConnectSetLoggingOutputs(virAdmConnectPtr conn, const char *outputs, unsigned int flags);
int virAdmConnectUnregisterCloseCallback(virAdmConnectPtr conn, virAdmConnectCloseFunc cb);
int virAdmGetVersion(unsigned long long *libVer);
int virAdmInitialize(void);
int virAdmServerFree(virAdmServerPtr srv);
int virAdmServerGetClientLimits(virAdmServerPtr srv, virTypedParameterPtr *params, int *nparams,
                                unsigned int flags);
const char *virAdmServerGetName(virAdmServerPtr srv);
int virAdmServerGetThreadPoolParameters(virAdmServerPtr srv, virTypedParameterPtr *params,
                                        int *nparams, unsigned int flags);
int virAdmServerListClients(virAdmServerPtr srv, virAdmClientPtr **clients, unsigned int flags);
virAdmClientPtr virAdmServerLookupClient(virAdmServerPtr srv, unsigned long long id,
                                         unsigned int flags);
int virAdmServerSetClientLimits(virAdmServerPtr srv, virTypedParameterPtr params, int nparams,
                                unsigned int flags);
int virAdmServerSetThreadPoolParameters(virAdmServerPtr srv, virTypedParameterPtr params,
                                        int nparams, unsigned int flags);
int virAdmServerUpdateTlsFiles(virAdmServerPtr srv, unsigned int flags);

#ifdef __cplusplus
}
#endif

#endif
