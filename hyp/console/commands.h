/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of the command table, by the file they stand in.
 */
#ifndef HYP_CONSOLE_COMMANDS_H
#define HYP_CONSOLE_COMMANDS_H

#include "hyp/console/command.h"

/* cmd_help.c */
enum command_result cmd_help(const struct args *a);

/* cmd_info.c */
enum command_result cmd_info(const struct args *a);
enum command_result cmd_mem(const struct args *a);
enum command_result cmd_mem_slab(const struct args *a);

/* cmd_scan.c */
enum command_result cmd_mem_scan(const struct args *a);

/* cmd_info.c, cmd_sysreg.c */
enum command_result cmd_esr(const struct args *a);
enum command_result cmd_sysreg(const struct args *a);

/* cmd_vm.c */
enum command_result cmd_vm_list(const struct args *a);
enum command_result cmd_vm_pause(const struct args *a);
enum command_result cmd_vm_resume(const struct args *a);
enum command_result cmd_vm_stop(const struct args *a);
enum command_result cmd_vm_start(const struct args *a);
enum command_result cmd_vm_reset(const struct args *a);

/* cmd_show.c */
enum command_result cmd_vm_show(const struct args *a);

/* cmd_s2.c */
enum command_result cmd_s2_map(const struct args *a);
enum command_result cmd_s2_walk(const struct args *a);
enum command_result cmd_s2_stat(const struct args *a);
enum command_result cmd_s2_check(const struct args *a);
enum command_result cmd_x(const struct args *a);

/* cmd_log.c */
enum command_result cmd_s2_log(const struct args *a);
enum command_result cmd_s2_age(const struct args *a);
enum command_result cmd_s2_protect(const struct args *a);

/* cmd_walk.c and walk_check.c */
enum command_result cmd_walk(const struct args *a);
enum command_result cmd_walk_check(const struct args *a);

/* console.c */
enum command_result cmd_con(const struct args *a);
enum command_result cmd_wait(const struct args *a);
enum command_result cmd_send(const struct args *a);
enum command_result cmd_exit(const struct args *a);

#endif
