/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "vir-ops.h"
#include "vir-proc.h"

static const VirProc *
proc(int number)
{
    return vir_program_proc(vir_program_find(REMOTE_PROGRAM), number);
}

static void
test_lookup(void)
{
    const VirProgram *remote = vir_program_find(REMOTE_PROGRAM);
    guint n[2] = {0};

    g_assert_nonnull(remote);
    g_assert_cmpstr(remote->name, ==, "remote");
    g_assert_null(vir_program_find(0x20008085));
    g_assert_null(vir_program_proc(remote, -1));
    g_assert_null(vir_program_proc(remote, 0));
    g_assert_null(vir_program_proc(remote, 454));
    for (gint32 i = 1; i <= 453; i++) {
        const VirProc *p = vir_program_proc(remote, i);

        g_assert_nonnull(p);
        g_assert_cmpint(p->number, ==, i);
        g_assert_true(p->program == remote);
        g_assert_true((p->kind == VIR_PROC_CALL) == (p->op >= 0));
        n[p->kind]++;
    }
    g_assert_cmpuint(n[VIR_PROC_CALL], ==, 400);
    g_assert_cmpuint(n[VIR_PROC_EVENT], ==, 53);
    g_assert_cmpint(vir_program_find(QEMU_PROGRAM)->n_procs, ==, 8);
    g_assert_cmpint(vir_program_find(LXC_PROGRAM)->n_procs, ==, 2);
    g_assert_cmpint(vir_program_find(ADMIN_PROGRAM)->n_procs, ==, 21);
    g_assert_cmpint(vir_program_find(KEEPALIVE_PROGRAM)->n_procs, ==, 3);
}

static void
test_row(void)
{
    const VirProc *p = proc(REMOTE_PROC_DOMAIN_GET_XML_DESC);
    remote_domain_get_xml_desc_args args = {.flags = 0};

    g_assert_cmpstr(p->name, ==, "domain_get_xml_desc");
    g_assert_cmpstr(p->api, ==, "virDomainGetXMLDesc");
    g_assert_true(p->args == &vir_xdr_remote_domain_get_xml_desc_args);
    g_assert_true(p->ret == &vir_xdr_remote_domain_get_xml_desc_ret);
    g_assert_cmpint(p->op, ==, offsetof(VirOps, domain_get_xml_desc));
    g_assert_cmpint(p->klass, ==, VIR_CLASS_DOMAIN);
    g_assert_cmpint(p->handle.klass, ==, VIR_CLASS_DOMAIN);
    g_assert_cmpint(p->handle.uuid, ==, offsetof(remote_domain_get_xml_desc_args, dom.uuid));
    g_assert_cmpint(p->flags, ==, offsetof(remote_domain_get_xml_desc_args, flags));
    g_assert_cmpint(p->job, ==, VIR_PROC_JOB_NONE);
    g_assert_true(p->readonly);
    g_assert_false(p->no_auth);
    g_assert_cmpuint(p->n_acl, ==, 3);
    g_assert_cmpstr(p->acl[1].name, ==, "read_secure");

    g_assert_true(vir_proc_when(&p->acl[0].when, &args));
    g_assert_false(vir_proc_when(&p->acl[1].when, &args));
    g_assert_false(vir_proc_when(&p->readonly_unless, &args));
    args.flags = VIR_DOMAIN_XML_SECURE | VIR_DOMAIN_XML_INACTIVE;
    g_assert_true(vir_proc_when(&p->acl[1].when, &args));
    g_assert_true(vir_proc_when(&p->readonly_unless, &args));
    g_assert_cmpuint(vir_proc_flags(p, &args), ==, args.flags);
}

static void
test_conditions(void)
{
    const VirProc *p = proc(REMOTE_PROC_DOMAIN_INTERFACE_ADDRESSES);
    remote_domain_interface_addresses_args addresses = {.source = 0};
    remote_domain_attach_device_flags_args attach = {.flags = 0};

    g_assert_false(vir_proc_when(&p->readonly_unless, &addresses));
    addresses.source = VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT;
    g_assert_true(vir_proc_when(&p->readonly_unless, &addresses));

    /* saving is needed where the persistent configuration is meant, also by silence */
    p = proc(REMOTE_PROC_DOMAIN_ATTACH_DEVICE_FLAGS);
    g_assert_cmpstr(p->acl[1].name, ==, "save");
    g_assert_true(vir_proc_when(&p->acl[1].when, &attach));
    attach.flags = VIR_DOMAIN_AFFECT_LIVE;
    g_assert_false(vir_proc_when(&p->acl[1].when, &attach));
    g_assert_false(vir_proc_when(&p->acl[2].when, &attach));
    attach.flags = VIR_DOMAIN_AFFECT_CONFIG;
    g_assert_true(vir_proc_when(&p->acl[2].when, &attach));
}

static void
test_kinds(void)
{
    const VirProc *p = proc(REMOTE_PROC_STORAGE_VOL_UPLOAD);

    g_assert_cmpint(p->stream, ==, VIR_PROC_STREAM_WRITE);
    g_assert_cmpuint(p->sparse_flag, ==, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM);
    g_assert_cmpint(p->handle.handle, ==, VIR_CLASS_STORAGE_VOL);
    g_assert_cmpint(p->handle.klass, ==, VIR_CLASS_STORAGE_POOL);
    g_assert_cmpint(p->handle.name, ==, offsetof(remote_storage_vol_upload_args, vol.pool));
    g_assert_cmpint(p->handle.uuid, ==, -1);

    p = proc(REMOTE_PROC_CONNECT_LIST_ALL_NETWORKS);
    g_assert_cmpint(p->klass, ==, VIR_CLASS_NETWORK);
    g_assert_cmpint(p->handle.handle, ==, VIR_CLASS_CONNECT);
    g_assert_cmpstr(p->acl_filter->name, ==, "getattr");

    p = proc(REMOTE_PROC_DOMAIN_EVENT_CALLBACK_PMWAKEUP);
    g_assert_cmpint(p->kind, ==, VIR_PROC_EVENT);
    g_assert_cmpint(p->event_id, ==, VIR_DOMAIN_EVENT_ID_PMWAKEUP);
    g_assert_cmpint(p->callback_id, ==, 0);
    g_assert_cmpint(p->event_msg, ==, offsetof(remote_domain_event_callback_pmwakeup_msg, msg));
    g_assert_cmpint(p->handle.name, ==,
                    offsetof(remote_domain_event_callback_pmwakeup_msg, msg.dom.name));

    p = proc(REMOTE_PROC_DOMAIN_DESTROY);
    g_assert_cmpint(p->job, ==, VIR_PROC_JOB_URGENT);
    g_assert_true(p->high_priority);
    g_assert_false(p->readonly);

    g_assert_true(proc(REMOTE_PROC_AUTH_POLKIT)->no_auth);
    g_assert_cmpuint(proc(REMOTE_PROC_DOMAIN_OPEN_GRAPHICS)->fds, ==, VIR_PROC_FDS_CALL);
    g_assert_true(proc(REMOTE_PROC_DOMAIN_MIGRATE_PERFORM3_PARAMS)->flags_wide == FALSE);
    g_assert_true(proc(REMOTE_PROC_DOMAIN_MIGRATE_PERFORM)->flags_wide);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/proc/lookup", test_lookup);
    g_test_add_func("/proc/row", test_row);
    g_test_add_func("/proc/conditions", test_conditions);
    g_test_add_func("/proc/kinds", test_kinds);
    return g_test_run();
}
