/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "passt.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-xml.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static char *
command(const char *xml)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirDomainInterface) net =
        vir_xml_parse(&vir_domain_interface_doc, xml, -1, "card", 0, NULL, &error);
    g_autoptr(VirSpawn) spawn = NULL;
    g_autofree char *text = NULL;
    g_autoptr(GString) line = NULL;

    g_assert_no_error(error);
    spawn = vir_passt_command(net, "/run/x.socket", FALSE);
    text = vir_spawn_to_string(spawn, TRUE);
    line = g_string_new(text);
    g_string_replace(line, " \\\n", " ", 0);
    return g_strdup(strstr(line->str, "passt --"));
}

static void
test_command(void)
{
    g_autofree char *plain = command("<interface type='user'><backend type='passt'/></interface>");
    g_autofree char *full =
        command("<interface type='vhostuser'><source dev='eth7'/>"
                "<ip address='192.0.2.5' prefix='24'/><ip address='2001:db8::5' prefix='64'/>"
                "<portForward proto='tcp' address='2001:db8::1'><range start='22' to='2022'/>"
                "<range start='100' end='120'/><range start='110' exclude='yes'/>"
                "<range start='112' end='113' exclude='yes'/></portForward>"
                "<portForward proto='udp' address='192.0.2.9' dev='eth0'>"
                "<range start='500' end='520' to='600'/></portForward>"
                "<portForward proto='udp' dev='eth1'/><portForward proto='tcp'/>"
                "<backend type='passt' logFile='/var/log/p.log'/><mtu size='9000'/></interface>");

    g_assert_cmpstr(plain, ==, "passt --one-off --socket /run/x.socket --pid /run/x.socket.pid");
    g_assert_cmpstr(full, ==,
                    "passt --one-off --vhost-user --socket /run/x.socket --pid "
                    "/run/x.socket.pid --mtu 9000 --interface eth7 --log-file /var/log/p.log "
                    "--address 192.0.2.5 --netmask 24 --address 2001:db8::5 "
                    "--tcp-ports '2001:db8::1/22:2022,100-120,~110,~112-113' "
                    "--udp-ports 192.0.2.9%eth0/500-520:600-620 --udp-ports %eth1/all "
                    "--tcp-ports all");
}

/* A number that is another program's now is left alone. */
static void
test_stop(void)
{
    g_autofree char *dir = g_dir_make_tmp("passt-XXXXXX", NULL);
    g_autofree char *socket = g_build_filename(dir, "a.socket", NULL);
    g_autofree char *pid = g_strconcat(socket, ".pid", NULL);
    g_autofree char *own = g_strdup_printf("%d\n", (int)getpid());
    g_autofree char *name = NULL;

    g_assert_true(g_file_get_contents("/proc/self/comm", &name, NULL, NULL));
    g_assert_false(g_str_has_prefix(name, "passt"));
    g_assert_true(g_file_set_contents(pid, own, -1, NULL));
    vir_passt_stop(socket); /* we are still here */
    g_assert_cmpint(g_access(pid, 0), ==, -1);
    g_assert_true(g_file_set_contents(pid, "nonsense", -1, NULL));
    vir_passt_stop(socket);
    vir_passt_stop(socket);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/passt/command", test_command);
    g_test_add_func("/passt/stop", test_stop);
    return g_test_run();
}
