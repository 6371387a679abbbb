/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An EL2 image that does one thing the hypervisor never may, by tf.panic=KIND, each from within
 * a function of its name: what is printed then is panic.t's to judge.
 */
#include "arch/insn.h"
#include "hyp/boot/boot.h"
#include "hyp/boot/panic.h"
#include "hyp/vm/vcpu.h"
#include "include/check.h"
#include "lib/str.h"

/* The vectors lead here from a guest; there is none. */
struct vcpu *trap_sync(struct vcpu *v);
struct vcpu *trap_interrupt(struct vcpu *v);
struct vcpu *trap_serror(struct vcpu *v);
void trap_serror_seen(struct vcpu *v);

struct vcpu *trap_sync(struct vcpu *v)
{
	return v;
}

struct vcpu *trap_interrupt(struct vcpu *v)
{
	return v;
}

struct vcpu *trap_serror(struct vcpu *v)
{
	return v;
}

void trap_serror_seen(struct vcpu *v)
{
	(void)v;
}

typedef void kind_fn(void);

#define KIND static __attribute__((noinline)) void

static volatile u64 data[4] = { 0xd503201f, 0xd65f03c0 }; /* nop, ret */
static volatile u64 zero;

KIND k_undefined(void)
{
	__asm__ volatile(".inst 0");
}

KIND k_breakpoint(void)
{
	__asm__ volatile("brk #0x42");
}

KIND k_check(void)
{
	CHECK(zero == 1);
}

KIND k_write_text(void)
{
	*(volatile u64 *)image_start = 0;
}

KIND k_write_rodata(void)
{
	*(volatile u64 *)image_text_end = 0;
}

KIND k_execute_data(void)
{
	__asm__ volatile("mov x9, %0\n\tblr x9" : : "r"(data) : "x9", "x30");
}

KIND k_read_null(void)
{
	mmio_read64(8 * zero);
}

/* No pool is mapped in this image: RAM without an owner is not there. */
KIND k_read_wild(void)
{
	mmio_read64(0x7fffffffff8 + zero);
}

static u64 deeper(u64 n)
{
	volatile u64 room[64];

	for (u64 i = 0; i < ARRAY_SIZE(room); i++)
		room[i] = n;
	return (n ? deeper(n - 1) : 0) + room[n % ARRAY_SIZE(room)];
}

KIND k_overflow(void)
{
	zero = deeper(1UL << 40);
}

/* The frame pointer is no pointer: the backtrace may not follow it. */
KIND k_bad_frame(void)
{
	__asm__ volatile("mov x29, #0x3330\n\t.inst 0");
}

/* Nor may it run in circles. */
KIND k_frame_circle(void)
{
	__asm__ volatile("sub sp, sp, #16\n\tmov x29, sp\n\tstp x29, x30, [sp]\n\t.inst 0");
}

KIND k_bad_stack(void)
{
	__asm__ volatile("mov x9, #0x10\n\tmov sp, x9\n\t.inst 0");
}

KIND k_svc(void)
{
	__asm__ volatile("svc #7");
}

static const struct {
	const char *name;
	kind_fn *run;
} kinds[] = {
#define ROW(k)                                                                                     \
	{                                                                                          \
#k, k_##k                                                                          \
	}
	ROW(undefined),    ROW(breakpoint), ROW(check),     ROW(write_text), ROW(write_rodata),
	ROW(execute_data), ROW(read_null),  ROW(read_wild), ROW(overflow),   ROW(bad_frame),
	ROW(frame_circle), ROW(bad_stack),  ROW(svc),
#undef ROW
};

static void __attribute__((noinline)) run(const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strncmp(kind, kinds[i].name, strlen(kinds[i].name)) == 0)
			kinds[i].run();
}

void hyp_main(void)
{
	const char *kind = strstr(boot_info.machine.args, "tf.panic=");

	if (kind)
		run(kind + strlen("tf.panic="));
	machine_exit(1); /* it should not come back */
}
