/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-error.h"

#include <string.h>

/* How the detail joins the standard text of a code. */
typedef enum { PLAIN, COLON, BLANK, INSIDE } TextShape;

/* Codes without a row have no text of their own: the detail is the whole message. */
static const struct {
    TextShape shape;
    const char *text;
} code_texts[] = {
    [VIR_ERR_INTERNAL_ERROR] = {COLON, "internal error"},
    [VIR_ERR_NO_MEMORY] = {COLON, "out of memory"},
    [VIR_ERR_NO_SUPPORT] = {COLON, "this function is not supported by the connection driver"},
    [VIR_ERR_UNKNOWN_HOST] = {BLANK, "unknown host"},
    [VIR_ERR_NO_CONNECT] = {BLANK, "no connection driver available for"},
    [VIR_ERR_INVALID_CONN] = {BLANK, "invalid connection pointer in"},
    [VIR_ERR_INVALID_DOMAIN] = {BLANK, "invalid domain pointer in"},
    [VIR_ERR_INVALID_ARG] = {COLON, "invalid argument"},
    [VIR_ERR_OPERATION_FAILED] = {COLON, "operation failed"},
    [VIR_ERR_GET_FAILED] = {COLON, "GET operation failed"},
    [VIR_ERR_POST_FAILED] = {COLON, "POST operation failed"},
    [VIR_ERR_HTTP_ERROR] = {BLANK, "got unknown HTTP error code"},
    [VIR_ERR_SEXPR_SERIAL] = {COLON, "failed to serialize S-Expr"},
    [VIR_ERR_NO_XEN] = {BLANK, "could not use Xen hypervisor entry"},
    [VIR_ERR_XEN_CALL] = {BLANK, "failed Xen syscall"},
    [VIR_ERR_OS_TYPE] = {BLANK, "unknown OS type"},
    [VIR_ERR_NO_KERNEL] = {COLON, "missing kernel information"},
    [VIR_ERR_NO_ROOT] = {BLANK, "missing root device information in"},
    [VIR_ERR_NO_SOURCE] = {BLANK, "missing source information for device"},
    [VIR_ERR_NO_TARGET] = {BLANK, "missing target information for device"},
    [VIR_ERR_NO_NAME] = {BLANK, "missing name information in"},
    [VIR_ERR_NO_OS] = {BLANK, "missing operating system information for"},
    [VIR_ERR_NO_DEVICE] = {BLANK, "missing devices information for"},
    [VIR_ERR_NO_XENSTORE] = {BLANK, "could not connect to Xen Store"},
    [VIR_ERR_DRIVER_FULL] = {BLANK, "too many drivers registered"},
    [VIR_ERR_CALL_FAILED] = {COLON, "library call failed"},
    [VIR_ERR_XML_ERROR] = {COLON, "XML error"},
    [VIR_ERR_DOM_EXIST] = {INSIDE, "domain %s exists already"},
    [VIR_ERR_OPERATION_DENIED] = {COLON, "operation forbidden"},
    [VIR_ERR_OPEN_FAILED] = {BLANK, "failed to open file"},
    [VIR_ERR_READ_FAILED] = {BLANK, "failed to read file"},
    [VIR_ERR_PARSE_FAILED] = {BLANK, "failed to parse file"},
    [VIR_ERR_CONF_SYNTAX] = {COLON, "configuration file syntax error"},
    [VIR_ERR_WRITE_FAILED] = {COLON, "failed to write file"},
    [VIR_ERR_INVALID_NETWORK] = {BLANK, "invalid network pointer in"},
    [VIR_ERR_NETWORK_EXIST] = {INSIDE, "network %s exists already"},
    [VIR_WAR_NO_NETWORK] = {COLON, "Failed to find the network"},
    [VIR_ERR_NO_DOMAIN] = {COLON, "Domain not found"},
    [VIR_ERR_NO_NETWORK] = {COLON, "Network not found"},
    [VIR_ERR_INVALID_MAC] = {COLON, "invalid MAC address"},
    [VIR_ERR_AUTH_FAILED] = {COLON, "authentication failed"},
    [VIR_ERR_INVALID_STORAGE_POOL] = {BLANK, "invalid storage pool pointer in"},
    [VIR_ERR_INVALID_STORAGE_VOL] = {BLANK, "invalid storage volume pointer in"},
    [VIR_WAR_NO_STORAGE] = {COLON, "Failed to find a storage driver"},
    [VIR_ERR_NO_STORAGE_POOL] = {COLON, "Storage pool not found"},
    [VIR_ERR_NO_STORAGE_VOL] = {COLON, "Storage volume not found"},
    [VIR_WAR_NO_NODE] = {COLON, "Failed to find a node driver"},
    [VIR_ERR_INVALID_NODE_DEVICE] = {BLANK, "invalid node device pointer in"},
    [VIR_ERR_NO_NODE_DEVICE] = {COLON, "Node device not found"},
    [VIR_ERR_NO_SECURITY_MODEL] = {COLON, "Security model not found"},
    [VIR_ERR_OPERATION_INVALID] = {COLON, "Requested operation is not valid"},
    [VIR_WAR_NO_INTERFACE] = {COLON, "Failed to find the interface"},
    [VIR_ERR_NO_INTERFACE] = {COLON, "Interface not found"},
    [VIR_ERR_INVALID_INTERFACE] = {BLANK, "invalid interface pointer in"},
    [VIR_ERR_MULTIPLE_INTERFACES] = {COLON, "multiple matching interfaces found"},
    [VIR_WAR_NO_NWFILTER] = {COLON, "Failed to start the nwfilter driver"},
    [VIR_ERR_INVALID_NWFILTER] = {COLON, "Invalid network filter"},
    [VIR_ERR_NO_NWFILTER] = {COLON, "Network filter not found"},
    [VIR_ERR_BUILD_FIREWALL] = {COLON, "Error while building firewall"},
    [VIR_WAR_NO_SECRET] = {COLON, "Failed to find a secret storage driver"},
    [VIR_ERR_INVALID_SECRET] = {COLON, "Invalid secret"},
    [VIR_ERR_NO_SECRET] = {COLON, "Secret not found"},
    [VIR_ERR_CONFIG_UNSUPPORTED] = {COLON, "unsupported configuration"},
    [VIR_ERR_OPERATION_TIMEOUT] = {COLON, "Timed out during operation"},
    [VIR_ERR_MIGRATE_PERSIST_FAILED] = {COLON, "Failed to make domain persistent after migration"},
    [VIR_ERR_HOOK_SCRIPT_FAILED] = {COLON, "Hook script execution failed"},
    [VIR_ERR_INVALID_DOMAIN_SNAPSHOT] = {COLON, "Invalid snapshot"},
    [VIR_ERR_NO_DOMAIN_SNAPSHOT] = {COLON, "Domain snapshot not found"},
    [VIR_ERR_INVALID_STREAM] = {BLANK, "invalid stream pointer in"},
    [VIR_ERR_ARGUMENT_UNSUPPORTED] = {COLON, "argument unsupported"},
    [VIR_ERR_STORAGE_PROBE_FAILED] = {COLON, "Storage pool probe failed"},
    [VIR_ERR_STORAGE_POOL_BUILT] = {COLON, "Storage pool already built"},
    [VIR_ERR_SNAPSHOT_REVERT_RISKY] = {COLON, "revert requires force"},
    [VIR_ERR_OPERATION_ABORTED] = {COLON, "operation aborted"},
    [VIR_ERR_AUTH_CANCELLED] = {COLON, "authentication cancelled"},
    [VIR_ERR_NO_DOMAIN_METADATA] = {COLON, "metadata not found"},
    [VIR_ERR_MIGRATE_UNSAFE] = {COLON, "Unsafe migration"},
    [VIR_ERR_OVERFLOW] = {COLON, "numerical overflow"},
    [VIR_ERR_BLOCK_COPY_ACTIVE] = {COLON, "block copy still active"},
    [VIR_ERR_OPERATION_UNSUPPORTED] = {COLON, "Operation not supported"},
    [VIR_ERR_SSH] = {COLON, "SSH transport error"},
    [VIR_ERR_AGENT_UNRESPONSIVE] = {COLON, "Guest agent is not responding"},
    [VIR_ERR_RESOURCE_BUSY] = {COLON, "resource busy"},
    [VIR_ERR_ACCESS_DENIED] = {COLON, "access denied"},
    [VIR_ERR_DBUS_SERVICE] = {COLON, "error from service"},
    [VIR_ERR_STORAGE_VOL_EXIST] = {INSIDE, "storage volume %s exists already"},
    [VIR_ERR_CPU_INCOMPATIBLE] = {COLON, "the CPU is incompatible with host CPU"},
    [VIR_ERR_XML_INVALID_SCHEMA] = {COLON, "XML document failed to validate against schema"},
    [VIR_ERR_MIGRATE_FINISH_OK] = {COLON, "migration successfully aborted"},
    [VIR_ERR_AUTH_UNAVAILABLE] = {COLON, "authentication unavailable"},
    [VIR_ERR_NO_SERVER] = {COLON, "Server not found"},
    [VIR_ERR_NO_CLIENT] = {COLON, "Client not found"},
    [VIR_ERR_AGENT_UNSYNCED] = {COLON, "guest agent replied with wrong id to guest-sync command"},
    [VIR_ERR_LIBSSH] = {COLON, "libssh transport error"},
    [VIR_ERR_DEVICE_MISSING] = {COLON, "device not found"},
    [VIR_ERR_INVALID_NWFILTER_BINDING] = {COLON, "Invalid network filter binding"},
    [VIR_ERR_NO_NWFILTER_BINDING] = {COLON, "Network filter binding not found"},
    [VIR_ERR_INVALID_DOMAIN_CHECKPOINT] = {COLON, "Invalid checkpoint"},
    [VIR_ERR_NO_DOMAIN_CHECKPOINT] = {COLON, "Domain checkpoint not found"},
    [VIR_ERR_NO_DOMAIN_BACKUP] = {COLON, "Domain backup job id not found"},
    [VIR_ERR_INVALID_NETWORK_PORT] = {COLON, "Invalid network port pointer"},
    [VIR_ERR_NETWORK_PORT_EXIST] = {INSIDE, "network port %s exists already"},
    [VIR_ERR_NO_NETWORK_PORT] = {COLON, "network port not found"},
    [VIR_ERR_NO_HOSTNAME] = {COLON, "no hostname found"},
    [VIR_ERR_CHECKPOINT_INCONSISTENT] = {COLON, "checkpoint inconsistent"},
    [VIR_ERR_MULTIPLE_DOMAINS] = {COLON, "multiple matching domains found"},
    [VIR_ERR_NO_NETWORK_METADATA] = {COLON, "network metadata not found"},
    [VIR_ERR_AGENT_COMMAND_TIMEOUT] = {COLON, "guest agent command timed out"},
    [VIR_ERR_AGENT_COMMAND_FAILED] = {COLON, "guest agent command failed"},
};

static const char *const domain_names[] = {
    [VIR_FROM_XEN] = "Xen Driver",
    [VIR_FROM_XEND] = "Xen Daemon",
    [VIR_FROM_XENSTORE] = "Xen Store",
    [VIR_FROM_SEXPR] = "S-Expression",
    [VIR_FROM_XML] = "XML Util",
    [VIR_FROM_DOM] = "Domain",
    [VIR_FROM_RPC] = "XML-RPC",
    [VIR_FROM_PROXY] = "Proxy Daemon",
    [VIR_FROM_CONF] = "Config File",
    [VIR_FROM_QEMU] = "QEMU Driver",
    [VIR_FROM_NET] = "Network",
    [VIR_FROM_TEST] = "Test Driver",
    [VIR_FROM_REMOTE] = "Remote Driver",
    [VIR_FROM_OPENVZ] = "OpenVZ Driver",
    [VIR_FROM_XENXM] = "Xen XM Driver",
    [VIR_FROM_STATS_LINUX] = "Linux Statistics",
    [VIR_FROM_LXC] = "LXC Driver",
    [VIR_FROM_STORAGE] = "Storage Driver",
    [VIR_FROM_NETWORK] = "Network Driver",
    [VIR_FROM_DOMAIN] = "Domain Config",
    [VIR_FROM_UML] = "User Mode Linux Driver",
    [VIR_FROM_NODEDEV] = "Node Device Driver",
    [VIR_FROM_XEN_INOTIFY] = "Xen Inotify Driver",
    [VIR_FROM_SECURITY] = "Security Driver",
    [VIR_FROM_VBOX] = "VirtualBox Driver",
    [VIR_FROM_INTERFACE] = "Network Interface Driver",
    [VIR_FROM_ONE] = "Open Nebula Driver",
    [VIR_FROM_ESX] = "ESX Driver",
    [VIR_FROM_PHYP] = "Power Hypervisor Driver",
    [VIR_FROM_SECRET] = "Secrets Driver",
    [VIR_FROM_CPU] = "CPU Driver",
    [VIR_FROM_XENAPI] = "XenAPI Driver",
    [VIR_FROM_NWFILTER] = "Network Filter Driver",
    [VIR_FROM_HOOK] = "Lifecycle Hook",
    [VIR_FROM_DOMAIN_SNAPSHOT] = "Domain Snapshot",
    [VIR_FROM_AUDIT] = "Audit Utils",
    [VIR_FROM_SYSINFO] = "Sysinfo Utils",
    [VIR_FROM_STREAMS] = "I/O Stream Utils",
    [VIR_FROM_VMWARE] = "VMware Driver",
    [VIR_FROM_EVENT] = "Event Loop",
    [VIR_FROM_LIBXL] = "Xen Light Driver",
    [VIR_FROM_LOCKING] = "Lock Driver",
    [VIR_FROM_HYPERV] = "Hyper-V Driver",
    [VIR_FROM_CAPABILITIES] = "Capabilities Utils",
    [VIR_FROM_URI] = "URI Utils",
    [VIR_FROM_AUTH] = "Authentication Utils",
    [VIR_FROM_DBUS] = "DBus Utils",
    [VIR_FROM_PARALLELS] = "Parallels Cloud Server",
    [VIR_FROM_DEVICE] = "Device Config",
    [VIR_FROM_SSH] = "SSH transport layer",
    [VIR_FROM_LOCKSPACE] = "Lock Space",
    [VIR_FROM_INITCTL] = "Init control",
    [VIR_FROM_IDENTITY] = "Identity",
    [VIR_FROM_CGROUP] = "Cgroup",
    [VIR_FROM_ACCESS] = "Access Manager",
    [VIR_FROM_SYSTEMD] = "Systemd",
    [VIR_FROM_BHYVE] = "Bhyve",
    [VIR_FROM_CRYPTO] = "Crypto",
    [VIR_FROM_FIREWALL] = "Firewall",
    [VIR_FROM_POLKIT] = "Polkit",
    [VIR_FROM_THREAD] = "Thread jobs",
    [VIR_FROM_ADMIN] = "Admin Interface",
    [VIR_FROM_LOGGING] = "Log Manager",
    [VIR_FROM_XENXL] = "Xen XL Config",
    [VIR_FROM_PERF] = "Perf",
    [VIR_FROM_LIBSSH] = "Libssh transport layer",
    [VIR_FROM_RESCTRL] = "Resource control",
    [VIR_FROM_FIREWALLD] = "FirewallD",
    [VIR_FROM_DOMAIN_CHECKPOINT] = "Domain Checkpoint",
    [VIR_FROM_TPM] = "TPM",
    [VIR_FROM_BPF] = "BPF",
    [VIR_FROM_CH] = "Cloud-Hypervisor Driver",
};

static void
vir_error_private_init(VirErrorDetail *detail)
{
    detail->level = VIR_ERR_ERROR;
    detail->int1 = -1;
    detail->int2 = -1;
}

static void
vir_error_private_copy(const VirErrorDetail *src, VirErrorDetail *dst)
{
    *dst = *src;
    dst->str1 = g_strdup(src->str1);
    dst->str2 = g_strdup(src->str2);
    dst->str3 = g_strdup(src->str3);
}

static void
vir_error_private_clear(VirErrorDetail *detail)
{
    g_free(detail->str1);
    g_free(detail->str2);
    g_free(detail->str3);
}

typedef VirErrorDetail VirErrorPrivate;
static VirErrorDetail *vir_error_get_private(const GError *error);
G_DEFINE_EXTENDED_ERROR(VirError, vir_error)

/* Before any thread: GLib's macro keeps the quark in a plain variable. */
static void __attribute__((constructor)) register_domain(void)
{
    vir_error_quark();
}

VirErrorDetail *
vir_error_detail(const GError *error)
{
    if (!error || error->domain != VIR_ERROR)
        return NULL;
    return vir_error_get_private(error);
}

gboolean
vir_error_set(GError **error, int code, const char *fmt, ...)
{
    va_list ap;

    if (!error)
        return FALSE;
    va_start(ap, fmt);
    *error = g_error_new_valist(VIR_ERROR, code, fmt, ap);
    va_end(ap);
    return FALSE;
}

gboolean
vir_error_set_in(GError **error, int domain, int code, const char *fmt, ...)
{
    va_list ap;

    if (!error)
        return FALSE;
    va_start(ap, fmt);
    *error = g_error_new_valist(VIR_ERROR, code, fmt, ap);
    va_end(ap);
    vir_error_detail(*error)->domain = domain;
    return FALSE;
}

gboolean
vir_error_set_errno(GError **error, int errnum, const char *fmt, ...)
{
    g_autofree char *what = NULL;
    va_list ap;

    if (!error)
        return FALSE;
    va_start(ap, fmt);
    what = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    *error = g_error_new(VIR_ERROR, VIR_ERR_SYSTEM_ERROR, "%s: %s", what, g_strerror(errnum));
    vir_error_detail(*error)->int1 = errnum;
    return FALSE;
}

int
vir_error_code(const GError *error)
{
    return error->domain == VIR_ERROR ? error->code : VIR_ERR_OPERATION_FAILED;
}

char *
vir_error_format(int code, const char *detail)
{
    const char *text = NULL;
    TextShape shape = PLAIN;

    if (code >= 0 && code < (int)G_N_ELEMENTS(code_texts)) {
        text = code_texts[code].text;
        shape = code_texts[code].shape;
    }
    if (detail && !*detail)
        detail = NULL;

    if (!text)
        return g_strdup(detail ? detail : "unknown error");
    if (shape == INSIDE) {
        const char *mark = strstr(text, "%s");

        return g_strdup_printf("%.*s%s%s", (int)(mark - text), text,
                               detail ? detail : "of that name", mark + 2);
    }
    if (!detail)
        return g_strdup(text);
    return g_strconcat(text, shape == COLON ? ": " : " ", detail, NULL);
}

char *
vir_error_text(const GError *error)
{
    const VirErrorDetail *detail = vir_error_detail(error);

    if (detail && detail->whole)
        return g_strdup(error->message);
    return vir_error_format(vir_error_code(error), error->message);
}

const char *
vir_error_domain_name(int domain)
{
    if (domain < 0 || domain >= (int)G_N_ELEMENTS(domain_names))
        return NULL;
    return domain_names[domain];
}
