/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands around the sources that are tested on registers in memory: the rest of the hypervisor
 * and its assembly, as far as it is called.
 */
#include <stdlib.h>

#include "hyp/boot/boot.h"
#include "hyp/boot/panic.h"
#include "hyp/console/console.h"
#include "hyp/dev/print.h"
#include "hyp/mem/guest_mem.h"
#include "hyp/mem/pool.h"
#include "hyp/vm/firmware.h"
#include "hyp/vm/sched.h"
#include "tests/harness/regs/regs.h"

char stacks[1], secondary_entry[1];
struct boot_info boot_info;
struct lock print_lock = LOCK_INIT(RANK_CONSOLE);
bool console_asked;
struct vm vms[VM_MAX];
u32 vm_count;

void fp_save(struct fp *fp);
void fp_restore(const struct fp *fp);
no_return void guest_first_enter(struct vcpu *v);

void fp_save(struct fp *fp)
{
	fp->v[0] = regs_fp[regs_cpu()];
}

void fp_restore(const struct fp *fp)
{
	regs_fp[regs_cpu()] = fp->v[0];
}

void guest_first_enter(struct vcpu *v)
{
	(void)v;
	abort();
}

/* There is none: no other CPU is started this way. */
s64 firmware_call(u64 function, u64 a1, u64 a2, u64 a3)
{
	(void)function, (void)a1, (void)a2, (void)a3;
	return -1;
}

void firmware_init_cpu(void)
{
}

void panic(const char *format, ...)
{
	(void)format;
	abort();
}

void log_line(const char *format, ...)
{
	(void)format;
	regs_log_lines++;
}

bool regs_console_busy;

bool console_attend_to(void)
{
	regs_yield();
	return regs_console_busy;
}

u64 console_deadline(void)
{
	return ~0UL;
}

void console_interrupt(void)
{
}

u64 guest_mem_clean(struct vm *vm, u64 from, u64 limit)
{
	(void)vm, (void)from, (void)limit;
	return 0;
}

void pool_add_cpu(u32 cpu, u32 node)
{
	(void)cpu, (void)node;
}
