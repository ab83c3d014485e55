/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The authentication that asks the user at the terminal. */
#include <glib.h>
#include <libvirt/libvirt.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define ANSWER_MAX 1024

/* A line from the terminal, NULL at its end. */
static char *
ask(const char *prompt, gboolean echo)
{
    struct termios old;
    struct termios quiet;
    gboolean silenced = FALSE;
    char line[ANSWER_MAX];
    char *got;

    printf("%s:", prompt);
    fflush(stdout);
    if (!echo && tcgetattr(STDIN_FILENO, &old) == 0) {
        quiet = old;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        silenced = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    got = fgets(line, sizeof(line), stdin);
    if (silenced) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
        putchar('\n');
    }
    if (!got)
        return NULL;
    line[strcspn(line, "\n")] = '\0';
    return g_strdup(line);
}

static int
auth_terminal(virConnectCredentialPtr cred, unsigned int ncred, void *cbdata)
{
    for (unsigned int i = 0; i < ncred; i++) {
        gboolean echo =
            cred[i].type != VIR_CRED_PASSPHRASE && cred[i].type != VIR_CRED_NOECHOPROMPT;
        char *answer;

        if (cred[i].type == VIR_CRED_EXTERNAL)
            return -1;
        answer = ask(cred[i].prompt, echo);
        if (!answer)
            return -1;
        if (!*answer && cred[i].defresult) {
            g_free(answer);
            answer = g_strdup(cred[i].defresult);
        }
        cred[i].result = answer;
        cred[i].resultlen = strlen(answer);
    }
    return 0;
}

static int terminal_types[] = {
    VIR_CRED_AUTHNAME,   VIR_CRED_ECHOPROMPT,   VIR_CRED_REALM,
    VIR_CRED_PASSPHRASE, VIR_CRED_NOECHOPROMPT, VIR_CRED_EXTERNAL,
};

static virConnectAuth terminal_auth = {
    .credtype = terminal_types,
    .ncredtype = G_N_ELEMENTS(terminal_types),
    .cb = auth_terminal,
};

virConnectAuthPtr virConnectAuthPtrDefault = &terminal_auth;
