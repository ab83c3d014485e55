/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vir-access.h"
#include "vir-error.h"
#include "vir-protocol.h"

#include <libvirt/libvirt.h>
#include <string.h>

static GString *asked;
static const char *denied;

static gboolean
check(VirIdentity *identity, VirClass klass, const char *permission, VirObject *object,
      GError **error)
{
    g_string_append_printf(asked, "%s.%s ", vir_access_class_name(klass), permission);
    if (denied == NULL || !g_str_equal(denied, permission))
        return TRUE;
    return vir_error_set(error, VIR_ERR_AUTH_FAILED, "not today");
}

static const VirAccessDriver test_driver = {"test", check};

static const VirProc *
find_proc(const char *name)
{
    const VirProgram *remote = vir_programs[0];

    for (int p = 0; vir_programs[p] != NULL; p++) {
        if (g_str_equal(vir_programs[p]->name, "remote"))
            remote = vir_programs[p];
    }
    for (int i = 0; i < remote->n_procs; i++) {
        const VirProc *proc = vir_program_proc(remote, i);

        if (proc != NULL && g_str_equal(proc->name, name))
            return proc;
    }
    g_error("no procedure %s", name);
}

static void
use_test_driver(void)
{
    const char *const names[] = {"none", "test", NULL};
    g_autoptr(GError) error = NULL;

    g_assert_true(vir_access_configure(names, &error));
    g_assert_no_error(error);
    g_string_truncate(asked, 0);
    denied = NULL;
}

static void
test_rows_and_conditions(void)
{
    g_autoptr(VirIdentity) identity = vir_identity_new();
    const VirProc *proc = find_proc("domain_get_xml_desc");
    remote_domain_get_xml_desc_args args = {.flags = 0};
    g_autoptr(GError) error = NULL;

    use_test_driver();
    g_assert_true(vir_access_check(proc, &args, identity, NULL, &error));
    g_assert_cmpstr(asked->str, ==, "domain.read ");
    g_string_truncate(asked, 0);
    args.flags = VIR_DOMAIN_XML_SECURE;
    g_assert_true(vir_access_check(proc, &args, identity, NULL, &error));
    g_assert_cmpstr(asked->str, ==, "domain.read domain.read_secure ");
    denied = "read_secure";
    g_assert_false(vir_access_check(proc, &args, identity, NULL, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_ACCESS_DENIED);
    g_assert_cmpstr(error->message, ==,
                    "an unknown remote client needs permission domain.read_secure for "
                    "virDomainGetXMLDesc: not today");
}

static void
test_filter(void)
{
    g_autoptr(VirIdentity) identity = vir_identity_new();
    const VirProc *proc = find_proc("connect_list_all_domains");

    use_test_driver();
    g_assert_true(vir_access_filter(proc, identity, NULL));
    g_assert_cmpstr(asked->str, ==, "domain.getattr ");
    denied = "getattr";
    g_assert_false(vir_access_filter(proc, identity, NULL));
    g_assert_true(vir_access_filter(find_proc("domain_destroy"), identity, NULL));
}

static void
test_none(void)
{
    g_autoptr(VirIdentity) identity = vir_identity_new();
    const char *const none[] = {"none", NULL};

    use_test_driver();
    denied = "stop";
    g_assert_false(vir_access_check(find_proc("domain_destroy"), NULL, identity, NULL, NULL));
    g_assert_true(vir_access_configure(none, NULL));
    g_assert_true(vir_access_check(find_proc("domain_destroy"), NULL, identity, NULL, NULL));
    g_assert_true(vir_access_configure(NULL, NULL));
    g_assert_true(vir_access_check(find_proc("domain_destroy"), NULL, identity, NULL, NULL));
}

static void
test_unknown(void)
{
    const char *const names[] = {"polkit", NULL};
    g_autoptr(GError) error = NULL;

    g_assert_false(vir_access_configure(names, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_CONFIG_UNSUPPORTED);
    g_assert_nonnull(strstr(error->message, "'polkit'"));
}

static void
test_class_names(void)
{
    for (int i = 0; i < VIR_CLASS_LAST; i++)
        g_assert_nonnull(vir_access_class_name(i));
}

int
main(int argc, char **argv)
{
    int failed;

    g_test_init(&argc, &argv, NULL);
    asked = g_string_new(NULL);
    vir_access_register(&test_driver);
    g_test_add_func("/access/rows-and-conditions", test_rows_and_conditions);
    g_test_add_func("/access/filter", test_filter);
    g_test_add_func("/access/none", test_none);
    g_test_add_func("/access/unknown", test_unknown);
    g_test_add_func("/access/class-names", test_class_names);
    failed = g_test_run();
    g_string_free(asked, TRUE);
    return failed;
}
