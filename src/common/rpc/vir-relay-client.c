/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-error.h"
#include "vir-server-private.h"

gboolean
vir_relay_open(VirSession *session, const virNetMessageHeader *header, const char *uri,
               GError **error)
{
    return vir_error_set(error, VIR_ERR_NO_CONNECT, "'%s'", uri);
}

gboolean
vir_relay_call(VirSession *session, const VirProc *proc, VirPacket *packet, GError **error)
{
    return vir_error_set(error, VIR_ERR_NO_SUPPORT, "%s", proc->api ? proc->api : proc->name);
}

gboolean
vir_relay_stream(VirSession *session, VirPacket *packet)
{
    return FALSE;
}

void
vir_relay_drained(VirSession *session)
{
}

void
vir_relay_client_free(VirRelayClient *client)
{
}
