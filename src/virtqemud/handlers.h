/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain.h"
#include "vir-error.h"

#include <libvirt/libvirt.h>

/** Every procedure that is served; vir_qemu_do_NAME() answers it. What is not here has no support.
 */
#define VIR_QEMU_HANDLERS(OP)                                                                      \
    OP(connect_get_type)                                                                           \
    OP(connect_get_version)                                                                        \
    OP(connect_get_max_vcpus)                                                                      \
    OP(connect_get_hostname)                                                                       \
    OP(connect_get_cpu_model_names)                                                                \
    OP(node_get_info)                                                                              \
    OP(connect_get_capabilities)                                                                   \
    OP(connect_get_domain_capabilities)                                                            \
    OP(connect_domain_xml_to_native)                                                               \
    OP(connect_compare_cpu)                                                                        \
    OP(connect_compare_hypervisor_cpu)                                                             \
    OP(connect_baseline_cpu)                                                                       \
    OP(connect_baseline_hypervisor_cpu)                                                            \
    OP(node_get_cpu_stats)                                                                         \
    OP(node_get_memory_stats)                                                                      \
    OP(node_get_free_memory)                                                                       \
    OP(node_get_cells_free_memory)                                                                 \
    OP(node_get_cpu_map)                                                                           \
    OP(node_get_free_pages)                                                                        \
    OP(connect_is_secure)                                                                          \
    OP(connect_num_of_domains)                                                                     \
    OP(connect_list_domains)                                                                       \
    OP(connect_num_of_defined_domains)                                                             \
    OP(connect_list_defined_domains)                                                               \
    OP(connect_list_all_domains)                                                                   \
    OP(connect_get_all_domain_stats)                                                               \
    OP(domain_lookup_by_id)                                                                        \
    OP(domain_lookup_by_uuid)                                                                      \
    OP(domain_lookup_by_name)                                                                      \
    OP(domain_get_xml_desc)                                                                        \
    OP(domain_get_info)                                                                            \
    OP(domain_get_state)                                                                           \
    OP(domain_get_control_info)                                                                    \
    OP(domain_get_os_type)                                                                         \
    OP(domain_get_max_memory)                                                                      \
    OP(domain_get_max_vcpus)                                                                       \
    OP(domain_get_vcpus_flags)                                                                     \
    OP(domain_get_autostart)                                                                       \
    OP(domain_set_autostart)                                                                       \
    OP(domain_is_active)                                                                           \
    OP(domain_is_persistent)                                                                       \
    OP(domain_is_updated)                                                                          \
    OP(domain_has_managed_save_image)                                                              \
    OP(domain_get_job_info)                                                                        \
    OP(domain_get_job_stats)                                                                       \
    OP(domain_get_metadata)                                                                        \
    OP(domain_set_metadata)                                                                        \
    OP(domain_define_xml)                                                                          \
    OP(domain_define_xml_flags)                                                                    \
    OP(domain_undefine)                                                                            \
    OP(domain_undefine_flags)                                                                      \
    OP(domain_rename)                                                                              \
    OP(domain_create)                                                                              \
    OP(domain_create_with_flags)                                                                   \
    OP(domain_create_xml)                                                                          \
    OP(domain_suspend)                                                                             \
    OP(domain_resume)                                                                              \
    OP(domain_shutdown)                                                                            \
    OP(domain_shutdown_flags)                                                                      \
    OP(domain_reboot)                                                                              \
    OP(domain_reset)                                                                               \
    OP(domain_destroy)                                                                             \
    OP(domain_destroy_flags)                                                                       \
    OP(domain_set_memory)                                                                          \
    OP(domain_set_memory_flags)                                                                    \
    OP(domain_set_max_memory)                                                                      \
    OP(domain_set_vcpus)                                                                           \
    OP(domain_set_vcpus_flags)                                                                     \
    OP(domain_get_vcpus)                                                                           \
    OP(domain_get_cpu_stats)                                                                       \
    OP(domain_memory_stats)                                                                        \
    OP(domain_block_stats)                                                                         \
    OP(domain_block_stats_flags)                                                                   \
    OP(domain_get_block_info)                                                                      \
    OP(domain_interface_stats)                                                                     \
    OP(domain_open_console)                                                                        \
    OP(domain_open_channel)                                                                        \
    OP(domain_screenshot)                                                                          \
    OP(domain_send_key)                                                                            \
    OP(domain_inject_nmi)                                                                          \
    OP(qemu_domain_monitor_command)

/* The prototype of each is that of its member of VirOps. */
#define VIR_QEMU_DECLARE(name) extern __typeof__(*((VirOps *)NULL)->name) vir_qemu_do_##name;
VIR_QEMU_HANDLERS(VIR_QEMU_DECLARE)
#undef VIR_QEMU_DECLARE

/** Begins the definition of a handler, of one without arguments, without an answer. */
#define HANDLER(name)                                                                              \
    gboolean vir_qemu_do_##name(VirCall *call, const remote_##name##_args *args,                   \
                                remote_##name##_ret *ret, GError **error)
#define HANDLER_VOID(name)                                                                         \
    gboolean vir_qemu_do_##name(VirCall *call, const remote_##name##_args *args, void *ret,        \
                                GError **error)
#define HANDLER_PLAIN(name)                                                                        \
    gboolean vir_qemu_do_##name(VirCall *call, const void *args, remote_##name##_ret *ret,         \
                                GError **error)

#define CALL_DOMAIN(call) ((VirQemuDomain *)(call)->object)
#define CALL_DRIVER(call) ((VirQemuDriver *)(call)->driver)

/** The view of the call's domain; NULL with VIR_ERR_NO_DOMAIN where it went meanwhile. */
VirDomainView *vir_qemu_call_view(VirCall *call, GError **error);

/** FALSE with VIR_ERR_INVALID_ARG where @flags has bits beyond @known. */
gboolean vir_qemu_check_flags(VirCall *call, unsigned flags, unsigned known, GError **error);

/**
 * VIR_DOMAIN_AFFECT_* as asked: in *@flags CURRENT becomes LIVE or CONFIG by @active. LIVE needs a
 * running domain, CONFIG a persistent one.
 */
gboolean vir_qemu_check_affect(unsigned *flags, gboolean active, gboolean persistent,
                               GError **error);

/** CPU time of the process of @view in ns, user and system apart (each may be NULL); 0 if none. */
guint64 vir_qemu_cpu_time(const VirDomainView *view, guint64 *user, guint64 *sys);

/** Job: changes the persistent definition with @edit and keeps it. */
typedef gboolean (*VirQemuEdit)(VirDomainDef *def, void *data, GError **error);
gboolean vir_qemu_edit_config(VirQemuDomain *dom, VirQemuEdit edit, void *data, GError **error);

/** Job: asks for the counters of all disks and the balloon; keeps them for readers. */
gboolean vir_qemu_stats_refresh(VirQemuDomain *dom, GError **error);
/** Forgets counters and open questions: the run they are of is over. */
void vir_qemu_stats_forget(VirQemuDomain *dom);
/** The counters kept last, a new reference or NULL. Any thread. */
VirQemuStats *vir_qemu_stats_get(VirQemuDomain *dom);
