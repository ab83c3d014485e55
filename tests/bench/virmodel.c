/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a document costs in the model: parse, QEMU's defaults, addresses and checks, format; and
 * without the rules between. User CPU time, without any daemon: virmodel FILE CAPS N, CAPS a file
 * of a QEMU binary's capabilities.
 */
#include "qemu-env.h"
#include "vir-device.h"
#include "vir-qemu-xml.h"
#include "vir-xml.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static double
user_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec * 1e6 + (double)usage.ru_utime.tv_usec;
}

G_NORETURN static void
fail(const GError *error)
{
    fprintf(stderr, "virmodel: %s\n", error->message);
    exit(EXIT_FAILURE);
}

static VirDomainDef *
parse(const char *text, GError **error)
{
    return vir_xml_parse(&vir_domain_domain_doc, text, -1, "document", VIR_XML_INACTIVE, NULL,
                         error);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    g_autoptr(VirQemuCaps) caps = NULL;
    VirQemuConf conf = {0};
    VirQemuEnv env;
    g_autofree char *known = NULL;
    gsize len;
    int n = argc == 4 ? atoi(argv[3]) : 0;
    double begin;

    if (n < 1) {
        fprintf(stderr, "usage: virmodel FILE CAPS N\n");
        return EXIT_FAILURE;
    }
    if (!g_file_get_contents(argv[1], &text, NULL, &error) ||
        !g_file_get_contents(argv[2], &known, &len, &error) ||
        !vir_qemu_conf_load(&conf, "/nonexistent/qemu.conf", &error))
        fail(error);
    caps = vir_qemu_caps_load(known, len, argv[2], &error);
    if (!caps)
        fail(error);
    vir_qemu_env_host(&env, &conf, TRUE);
    begin = user_us();
    for (int i = 0; i < n; i++) {
        g_autoptr(VirDomainDef) def = parse(text, &error);
        g_autofree char *out = NULL;

        if (!def || !vir_device_complete(&(VirModel){def, caps, &env, 0}, &error))
            fail(error);
        out = vir_xml_format(&vir_domain_domain_doc, def, VIR_XML_SECURE, &error);
        if (!out)
            fail(error);
    }
    printf("model\t%.3f\tus each\n", (user_us() - begin) / n);
    begin = user_us();
    for (int i = 0; i < n; i++) {
        g_autoptr(VirDomainDef) def = parse(text, &error);
        g_autofree char *out =
            def ? vir_xml_format(&vir_domain_domain_doc, def, VIR_XML_SECURE, &error) : NULL;

        if (!out)
            fail(error);
    }
    printf("parse-format\t%.3f\tus each\n", (user_us() - begin) / n);
    vir_qemu_env_clear(&env);
    vir_qemu_conf_clear(&conf);
    return EXIT_SUCCESS;
}
