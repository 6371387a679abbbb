/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Panics.  A report uses nothing but the UART and the stack it runs on:
 * 1. it trusts no pointer: a frame is read only where EL2's tables map it;
 * 2. a second panic says so in one line and ends the machine.
 */
#include "hyp/boot/panic.h"

#include "arch/esr.h"
#include "arch/insn.h"
#include "hyp/boot/boot.h"
#include "hyp/boot/percpu.h"
#include "hyp/boot/symbols.h"
#include "hyp/dev/print.h"
#include "hyp/dev/uart.h"
#include "hyp/mem/el2_map.h"
#include "lib/fields.h"
#include "lib/fmt.h"

enum { STATUS_PANIC = 2, MAX_FRAMES = 32 };

static bool panicking;

static const char *const vector_names[16] = {
	"synchronous, EL2 on SP_EL0",
	"IRQ, EL2 on SP_EL0",
	"FIQ, EL2 on SP_EL0",
	"SError, EL2 on SP_EL0",
	"synchronous, EL2",
	"IRQ, EL2",
	"FIQ, EL2",
	"SError, EL2",
	"synchronous, AArch64 guest",
	"IRQ, AArch64 guest",
	"FIQ, AArch64 guest",
	"SError, AArch64 guest",
	"synchronous, AArch32 guest",
	"IRQ, AArch32 guest",
	"FIQ, AArch32 guest",
	"SError, AArch32 guest",
};

static void begin(void)
{
	if (panicking) {
		print("\npanic inside a panic\n");
		machine_exit(STATUS_PANIC);
	}
	panicking = true;
	print_set_hooks(NULL);
	uart_panic();
	print("\n");
}

static void print_place(const char *what, u64 pc)
{
	u64 start = 0;
	const char *name = symbol_find(pc - (u64)image_start, &start);

	if (name)
		print("  %s 0x%016lx  %s+0x%lx\n", what, pc, name, pc - (u64)image_start - start);
	else
		print("  %s 0x%016lx\n", what, pc);
}

/* Frame records are pairs (caller's fp, return address), each at a higher address. */
static void print_backtrace(u64 fp)
{
	for (int i = 0; i < MAX_FRAMES; i++) {
		const u64 *frame = (const u64 *)fp;

		if (!is_aligned(fp, 16) || !el2_is_mapped(fp, 16))
			return;
		if (frame[1] == 0)
			return;
		print_place("from", frame[1] - 4);
		if (frame[0] <= fp)
			return;
		fp = frame[0];
	}
}

static void print_syndrome(u64 esr)
{
	char words[256];
	unsigned int ec = (unsigned int)get(ESR_EC, esr);

	fields_print(words, sizeof(words), esr_iss_fields(ec), get(ESR_ISS, esr));
	print("  ESR 0x%08lx: %s; %s\n", esr, esr_ec_name(ec), words);
}

static void print_registers(const struct exception *e)
{
	for (u32 i = 0; i < 31; i++)
		print("%sx%-2u 0x%016lx", i % 3 ? "  " : "\n  ", i, e->x[i]);
	print("\n  sp  0x%016lx  spsr 0x%lx  far 0x%lx  hpfar 0x%lx\n", e->sp, e->spsr, e->far,
	      e->hpfar);
}

void panic(const char *format, ...)
{
	va_list args;
	char text[256];

	va_start(args, format);
	fmt_v(text, sizeof(text), format, args);
	va_end(args);
	begin();
	print("twofold panic: %s\n", text);
	print_backtrace((u64)__builtin_frame_address(0));
	machine_exit(STATUS_PANIC);
}

void panic_exception(const struct exception *e, u32 vector)
{
	begin();
	print("twofold panic: unexpected exception: %s\n", vector_names[vector & 15]);
	print_syndrome(e->esr);
	print_place("at  ", e->pc);
	print_place("lr  ", e->x[30] - 4); /* the caller, where a leaf has no frame */
	print_backtrace(e->x[29]);
	print_registers(e);
	machine_exit(STATUS_PANIC);
}
