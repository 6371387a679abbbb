/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What raw test guests share: lines onto the guest's UART, TAP, exceptions that are wanted, and
 * the guest's own tree.
 *
 *	void guest(void)
 *	{
 *		TRY(mmio_read32(0x50000000));
 *		IS(taken.esr >> 26, EC_DABT_CUR, "a read of nothing is a data abort");
 *	}
 *
 * A guest's TAP comes with its plan last, then `# nonce WORD` with the word that the boot
 * argument nonce= gave, then `# end`; after that it waits for ever.
 */
#ifndef TESTS_TARGET_GUESTS_RT_H
#define TESTS_TARGET_GUESTS_RT_H

#define FRAME_ELR 248
#define FRAME_ESR 264
#define FRAME_SIZE 288

#ifndef __ASSEMBLER__

#include "include/types.h"

#define RAM_BASE 0x40000000UL
#define UART_BASE 0x09000000UL
#define GICD_BASE 0x08000000UL
#define GICR_BASE 0x080a0000UL

/* Each guest's own part. */
void guest(void);

/* ---- Output ---- */

void say(const char *format, ...) printf_like(1, 2);
void rt_ok(bool ok, const char *name);
void rt_is(u64 have, u64 want, const char *name);

#define OK_IF(cond, name) rt_ok((cond), name)
#define IS(have, want, name) rt_is((u64)(have), (u64)(want), name)

/* The plan, the nonce and `# end`; guest() returning does it as well. */
no_return void rt_end(void);

/* SYSTEM_OFF, SYSTEM_RESET. */
no_return void rt_off(void);
no_return void rt_reset(void);

/* The next key; other guests run meanwhile. */
char rt_key(void);

/* ---- Exceptions ---- */

struct taken {
	u64 count; /* of exceptions taken while armed; the rest tells of the last one */
	u64 vector, esr, far, elr, spsr;
};

extern struct taken taken;

/* Between the two an exception is recorded and the instruction skipped; else it is the end. */
void rt_arm(void);
void rt_disarm(void);

/*
 * The ESR of each exception from now on is noted in log[], by the instruction: n of them from `at`
 * on; n = 0 ends it.
 */
void rt_log(u64 at, u64 *log, u64 n);

/* From now on every exception of any CPU is counted and skipped, however many there are. */
void rt_arm_for_ever(void);

#define TRY(...)                                                                                   \
	do {                                                                                       \
		rt_arm();                                                                          \
		__VA_ARGS__;                                                                       \
		rt_disarm();                                                                       \
	} while (0)

/*
 * SErrors, where they are wanted: the CPU takes each while PSTATE.A is clear, notes it and goes on
 * where it was.
 */
struct serrors {
	volatile bool wanted;
	volatile u64 count, esr, elr;
};

extern struct serrors serrors;
void rt_serrors(bool on);

/* Goes there; the first exception brings it back. */
void rt_jump(u64 address);
void rt_el0(u64 pc, u64 arg);
u64 rt_el0_as(u64 pc, u64 arg, u64 spsr);
void el0_read(void);
void el0_write(void);
void el0_fetch(void);
void rt_call(u64 regs[31], u64 smc);
u64 rt_run(u64 insn_page, u64 x0_value);
extern const u32 rt_stub_tail[3];

/* ---- Other CPUs, interrupts ---- */

/*
 * CPU_ON of the vCPU with Aff0 = n, on a stack of its own: run(n) there, then CPU_OFF.  PSCI's
 * answer.  Only CPU 0 speaks and takes exceptions: the others tell by what they store.
 */
s64 rt_start_cpu(u32 n, void (*run)(u32 n));

/* The context argument that CPU_ON at rt_secondary wants for it. */
u64 rt_start_context(u32 n, void (*run)(u32 n));
extern char rt_secondary[];

/*
 * PSCI's CPU_SUSPEND, or SYSTEM_SUSPEND where power_state is ~0: 1 when this CPU has begun anew, as
 * after a reset but for its vectors, else PSCI's answer.  Stage 1 is off.
 */
s64 rt_suspend(u64 function, u64 power_state);

enum { RT_CPUS = 8, RT_SPURIOUS = 1023, RT_PATIENCE_MS = 5000 };

/* Group 1 on, at the distributor and this CPU's interface, with every priority let pass. */
void rt_gic_on(void);
enum { RT_GIC_ON_MMIO = 2, RT_GIC_ENABLE_MMIO = 4 }; /* accesses to the GIC that it takes */

/* This CPU's redistributor. */
u64 rt_gicr(void);

/* One of this CPU's SGIs and PPIs: group 1, enabled, with a priority. */
void rt_gic_enable(u32 intid, u8 priority);

/*
 * What rt_irq() does with an interrupt that comes while PSTATE.I is clear: by default it is taken,
 * noted in irqs[this CPU], a timer's source is switched off, and it is ended.
 */
struct irqs {
	volatile u32 count, last; /* of interrupts; the last INTID */
	volatile u32 of[32];
	volatile u32 running; /* ICC_RPR_EL1 while the last was taken */
};

extern struct irqs irqs[RT_CPUS];

/* The same of group 0, by FIQ, while PSTATE.F is clear. */
extern struct irqs fiqs[RT_CPUS];

u32 rt_cpu(void);
void rt_irqs(bool on);
void rt_fiqs(bool on);

/* What the vectors do with them. */
void rt_take_irq(void);
void rt_take_fiq(void);

/* ---- What the guest was given ---- */

/* At entry: x0 … x3, x4 to x30 or-ed, DAIF, SCTLR_EL1, SPSel, where `start` stood, CNTPCT_EL0. */
extern u64 rt_entry[10];
enum { ENTRY_OTHERS = 4, ENTRY_DAIF, ENTRY_SCTLR, ENTRY_SPSEL, ENTRY_START, ENTRY_TIME };

/* A property of the first node whose name begins so; NULL and 0 where there is none. */
const void *rt_prop(const char *node, const char *name, u32 *size);
u64 rt_ram_size(void);

/* The value of key= among the guest's boot arguments as a number; `otherwise` without it. */
u64 rt_arg(const char *key, u64 otherwise);

extern char image_end[], rt_vectors[];

/* ---- Stage 1 ---- */

/*
 * MMU and caches on: VA = IPA for the first 512 GiB as 1 GiB blocks, device memory in the first
 * GiB, normal memory above.  The upper half's table is at ttbr1.
 */
void rt_mmu_on(u64 ttbr1);

/* The MMU as it is, with another table for the upper half (39 bits, 4 KiB granule). */
void rt_set_upper(u64 ttbr1);

/* What makes the first GiB normal memory, too. */
void rt_devices_as_memory(void);

u64 rt_random(void);

/* What the virtual counter begins with: VTIMER_BEGIN of hyp/dev/vtimer.h. */
#define RT_TIME_BEGIN (1UL << 53)

/* By the virtual counter, which is this guest's own; to be compared with one another. */
u64 rt_time_ms(void);

/*
 * How far the machine's counter, by which guests find a common time, is ahead of this guest's,
 * modulo 2^64: never too much, and by a few instructions too little at most.
 */
u64 rt_machine_ahead(void);

/* WFI until rt_time_ms() has come to that, by the virtual timer's interrupt, which is taken. */
void rt_sleep_until(u64 ms);

/* Whether a word becomes value soon: within RT_PATIENCE_MS. */
bool rt_comes(const volatile u32 *word, u32 value);

#endif /* __ASSEMBLER__ */
#endif
