/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

/* The tables, written at build time from commands.tsv. */

typedef enum {
    VIRSH_TYPE_FLAG,
    VIRSH_TYPE_STRING,
    VIRSH_TYPE_NUMBER,
} VirshType;

typedef enum {
    VIRSH_FORM_NAMED, /* only as --name */
    VIRSH_FORM_OLD,   /* shown as --name, accepted without it */
    VIRSH_FORM_DATA,  /* shown and accepted without its name */
} VirshForm;

typedef struct {
    const char *name;
    const char *help;
    const char *aliases; /* comma separated, "alias" or "alias=value" */
    const char *completer;
    VirshType type;
    VirshForm form;
    gboolean required;
    gboolean repeats;
} VirshOpt;

typedef struct VirshCtl VirshCtl;
typedef struct VirshCmd VirshCmd;
typedef gboolean (*VirshHandler)(VirshCtl *ctl, const VirshCmd *cmd);

typedef struct {
    const char *name;
    const char *group;
    const char *aliases;
    const char *help;
    const VirshOpt *options;
    gsize n_options;
    gboolean connects;
    VirshHandler handler; /* NULL: not built yet */
} VirshCmdDef;

typedef struct {
    const char *name;
    const char *title;
} VirshGroup;

extern const VirshCmdDef virsh_commands[];
extern const gsize virsh_n_commands;
extern const VirshGroup virsh_groups[];
extern const gsize virsh_n_groups;

#define VIRSH_COMMAND(name) gboolean virsh_cmd_##name(VirshCtl *ctl, const VirshCmd *cmd)

/* parse.c: a command line into commands. Knows the tables and nothing else. */

struct VirshCmd {
    const VirshCmdDef *def;
    GPtrArray **values; /* per option of the table: its words, or NULL when it was not given */
    gboolean help;      /* --help was given: nothing else has been checked */
};

#define VIRSH_PARSE_ERROR (g_quark_from_static_string("virsh-parse"))

const VirshCmdDef *virsh_find_command(const char *name);
const VirshOpt *virsh_find_option(const VirshCmdDef *def, const char *name, const char **value);

/* Returns the commands (elements: VirshCmd *) of a line in shell-like syntax, or of ready words
 * which are one command. An empty array when there is none; NULL with an error for a wrong line. */
GPtrArray *virsh_parse_line(const char *line, GError **error);
GPtrArray *virsh_parse_words(const char *const *words, GError **error);

/* Splits a line that may still be incomplete into the words of its last command.
 * `open` tells whether the last word has been begun (else the cursor stands behind a blank). */
GPtrArray *virsh_parse_partial(const char *line, gboolean *open);

/* The words of an option: the only one, or all. `name` must be in the table. */
gboolean virsh_flag(const VirshCmd *cmd, const char *name);
const char *virsh_string(const VirshCmd *cmd, const char *name);
const char *const *virsh_strings(const VirshCmd *cmd, const char *name, gsize *n);
/* All, with blanks between them; NULL when there are none. */
char *virsh_joined(const VirshCmd *cmd, const char *name);

/* The bits of those flags that are given. */
typedef struct {
    const char *name;
    unsigned int bit;
} VirshFlag;
unsigned int virsh_flags(const VirshCmd *cmd, const VirshFlag *flags);
#define VIRSH_FLAGS(cmd, ...) virsh_flags(cmd, (const VirshFlag[]){__VA_ARGS__, {NULL, 0}})

/* The one or the other or, with --all, both. */
unsigned int virsh_list_states(const VirshCmd *cmd, unsigned int active, unsigned int inactive);

/* Numbers: -1 with a printed error, 0 when not given (`value` untouched), 1. `scaled` is in bytes;
 * a number without unit is multiplied by `scale`. */
int virsh_int(VirshCtl *ctl, const VirshCmd *cmd, const char *name, int *value);
int virsh_uint(VirshCtl *ctl, const VirshCmd *cmd, const char *name, unsigned int *value);
int virsh_ull(VirshCtl *ctl, const VirshCmd *cmd, const char *name, unsigned long long *value);
int virsh_scaled(VirshCtl *ctl, const VirshCmd *cmd, const char *name, unsigned long long *value,
                 unsigned long long scale);

/* "12", "12KiB", "12k", "12MB" … in bytes; FALSE when malformed or too large. */
gboolean virsh_parse_size(const char *text, unsigned long long scale, unsigned long long *bytes);

/* FALSE with a printed error when more than one of the named options is given. */
gboolean virsh_exclusive(VirshCtl *ctl, const VirshCmd *cmd, const char *const *names);
#define VIRSH_EXCLUSIVE(ctl, cmd, ...)                                                             \
    virsh_exclusive(ctl, cmd, (const char *const[]){__VA_ARGS__, NULL})

/* shell.c: the running program */

struct VirshCtl {
    virConnectPtr conn;
    char *uri; /* what to connect to; NULL: the library's default */
    gboolean readonly;
    gboolean quiet;
    gboolean timing;
    gboolean interactive;
    gboolean quit;
    gboolean hooked;  /* a close callback is registered on conn */
    int disconnected; /* atomic: the reason + 1, once the library said so */
    int debug;
    int escape;             /* byte that leaves a console */
    int keepalive_interval; /* -1: the default, silently skipped where not supported */
    int keepalive_count;
    int log_fd;
};

gboolean virsh_connect(VirshCtl *ctl, const char *uri, gboolean readonly);
void virsh_disconnect(VirshCtl *ctl);
gboolean virsh_run(VirshCtl *ctl, const GPtrArray *commands);
void virsh_interact(VirshCtl *ctl);
void virsh_help_command(const VirshCmdDef *def);
gboolean virsh_help_group(const char *name);
void virsh_help_groups(gboolean with_colon);

/* output.c */

/* stdout; the second form is silent under --quiet */
void virsh_print(const char *format, ...) G_GNUC_PRINTF(1, 2);
void virsh_say(VirshCtl *ctl, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* stdout, one line; FALSE where it is NULL */
gboolean virsh_line(const char *text);
/* "yes", "no", or "unknown" for a negative answer */
const char *virsh_yes_no(int answer);
/* stderr, "error: " in front, a newline behind; FALSE */
gboolean virsh_error(VirshCtl *ctl, const char *format, ...) G_GNUC_PRINTF(2, 3);
void virsh_debug(VirshCtl *ctl, int level, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The library's last error of this thread is kept until it is reported or forgotten: a release of
 * an object clears the library's own. */
void virsh_keep_errors(void);
void virsh_report(VirshCtl *ctl);
void virsh_forget(void);
int virsh_error_code(void);
const char *virsh_error_message(void);

/* A table: columns as wide as their widest cell, the title line and dashes unless --quiet. */
typedef struct VirshTable VirshTable;
VirshTable *virsh_table_new(const char *const *titles);
#define VIRSH_TABLE(...) virsh_table_new((const char *const[]){__VA_ARGS__, NULL})
void virsh_table_add(VirshTable *table, const char *const *cells);
#define VIRSH_ROW(table, ...) virsh_table_add(table, (const char *const[]){__VA_ARGS__, NULL})
char *virsh_table_format(const VirshTable *table, gboolean with_title);
void virsh_table_print(VirshCtl *ctl, const VirshTable *table);
void virsh_table_free(VirshTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirshTable, virsh_table_free)

/* complete.c: candidates for the last word of `line`, already quoted; the words are the caller's.
 */
GPtrArray *virsh_complete(VirshCtl *ctl, const char *line);

/* objects.c: what commands share */

typedef enum {
    VIRSH_BY_ID = 1,
    VIRSH_BY_UUID = 2,
    VIRSH_BY_NAME = 4,
    VIRSH_BY_ANY = 7,
} VirshBy;

virDomainPtr virsh_domain_by(VirshCtl *ctl, const char *name, VirshBy by);
virDomainPtr virsh_domain(VirshCtl *ctl, const VirshCmd *cmd);
virNetworkPtr virsh_network(VirshCtl *ctl, const VirshCmd *cmd, VirshBy by);
virStoragePoolPtr virsh_pool(VirshCtl *ctl, const VirshCmd *cmd, VirshBy by);
virStorageVolPtr virsh_volume(VirshCtl *ctl, const VirshCmd *cmd, gboolean with_pool);
virSecretPtr virsh_secret(VirshCtl *ctl, const VirshCmd *cmd);
virNWFilterPtr virsh_nwfilter(VirshCtl *ctl, const VirshCmd *cmd);
virInterfacePtr virsh_iface(VirshCtl *ctl, const VirshCmd *cmd);
virNodeDevicePtr virsh_nodedev(VirshCtl *ctl, const VirshCmd *cmd, const char *option);

const char *virsh_domain_state_name(int state);
const char *virsh_domain_reason_name(int state, int reason);

/* VIR_DOMAIN_AFFECT_* of --live, --config, --current and, where `persistent`, --persistent
 * (live and, if the guest is persistent, config); FALSE with a printed error for a bad mix. */
gboolean virsh_affect(VirshCtl *ctl, const VirshCmd *cmd, unsigned int *flags);
gboolean virsh_affect_device(VirshCtl *ctl, const VirshCmd *cmd, virDomainPtr dom,
                             unsigned int *flags);

/* Documents. NULL with a printed error. */
char *virsh_read_file(VirshCtl *ctl, const char *path);
char *virsh_typed_param(const virTypedParameter *param);
double virsh_human_size(unsigned long long bytes, const char **unit);
/* Prints `xml`, or what the --xpath option of the command selects in it, and frees it. FALSE where
 * it is NULL. */
gboolean virsh_print_xml(VirshCtl *ctl, const VirshCmd *cmd, char *xml);
/* "0-3,7" of a CPU map */
char *virsh_format_cpus(const unsigned char *map, gsize n_cpus);
gboolean virsh_parse_cpus(VirshCtl *ctl, const char *text, unsigned char *map, int n_cpus);

/* edit.c: the text through the user's editor. NULL with a printed error; equal text: unchanged. */
char *virsh_edit_text(VirshCtl *ctl, const char *text);
/* Asks what to do with a refused text: 'y' edit again, 'n' give up, 'f' force … */
int virsh_ask(VirshCtl *ctl, const char *message, const char *choices);
typedef gboolean (*VirshApplyFunc)(VirshCtl *ctl, const char *xml, gboolean relaxed, gpointer data);
/* Lets the user change `xml` until `apply` takes it. `unchanged` is printed when nothing was
 * changed. */
gboolean virsh_edit(VirshCtl *ctl, const char *xml, const char *unchanged, VirshApplyFunc apply,
                    gpointer data);

/* console.c */
gboolean virsh_console(VirshCtl *ctl, virDomainPtr dom, const char *devname, gboolean resume,
                       unsigned int flags);

/* wait.c: an event command waits for callbacks, a timeout or an interrupt */
typedef struct VirshWait VirshWait;
VirshWait *virsh_wait_new(VirshCtl *ctl, int timeout_s, gboolean loop);
void virsh_wait_free(VirshWait *wait);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirshWait, virsh_wait_free)
/* From a callback: prints one line about an event, and ends the wait unless it loops. */
void virsh_wait_event(VirshWait *wait, gboolean timestamp, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* Waits, then prints how many events were received. FALSE on a lost connection. */
gboolean virsh_wait_run(VirshWait *wait);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(virDomain, virDomainFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virNetwork, virNetworkFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virStoragePool, virStoragePoolFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virStorageVol, virStorageVolFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virSecret, virSecretFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virNWFilter, virNWFilterFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virInterface, virInterfaceFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virNodeDevice, virNodeDeviceFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virStream, virStreamFree)
