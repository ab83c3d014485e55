/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of domains whose shape is their own. */

#include <string.h>

#include "api.h"
#include "vir-client.h"
#include "vir-error.h"
#include "wire.h"

static const VirProc *
proc(int number)
{
    return vir_program_proc(vir_program_find(REMOTE_PROGRAM), number);
}

unsigned int
virDomainGetID(virDomainPtr domain)
{
    vir_api_begin();
    if (!vir_api_check(domain, VIR_HANDLE_DOMAIN, __func__))
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
    GError *error = NULL;

    vir_api_begin();
    if (!vir_api_check(domain, VIR_HANDLE_DOMAIN, __func__) ||
        !vir_api_check_writable(domain->conn, __func__))
        return -1;
    args.dom = vir_domain_to_wire(domain);
    memcpy(lookup.uuid, domain->uuid, VIR_UUID_LEN);
    if (!vir_client_call(domain->conn, proc(REMOTE_PROC_DOMAIN_CREATE), &args, NULL, &arena,
                         &error) ||
        !vir_client_call(domain->conn, proc(REMOTE_PROC_DOMAIN_LOOKUP_BY_UUID), &lookup, &found,
                         &arena, &error)) {
        vir_api_fail(domain->conn, &error);
        return -1;
    }
    g_atomic_int_set(&domain->id, found.dom.id);
    return 0;
}
