/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions: demand paging, fixups, and the report of what nobody expected.  Invariants:
 * 1. ESR and FAR are read once, by the vectors, into the frame: a nested fault cannot change
 *    what is decided on;
 * 2. what follows an exception is a resumption or a panic; a panic powers off.
 */
#include "guest/kernel/trap.h"

#include "arch/esr.h"
#include "arch/sysreg.h"
#include "guest/boot/image.h"
#include "guest/kernel/console.h"
#include "guest/kernel/panic.h"
#include "guest/vm/demand.h"
#include "lib/fields.h"
#include "lib/fmt.h"

_Static_assert(sizeof(struct frame) == 288, "guest/boot/vectors.S has the same number");
_Static_assert(offsetof(struct frame, sp) == 248 && offsetof(struct frame, esr) == 272,
	       "guest/boot/vectors.S has the same numbers");

enum { VECTOR_SYNC_SAME_EL = 4 };

static const char *const kind_names[] = { "synchronous", "IRQ", "FIQ", "SError" };
static const char *const source_names[] = { "EL1 with SP_EL0", "EL1", "EL0", "EL0 in AArch32" };

static struct fault last_fault;
static u64 fault_count;

const struct fault *trap_last_fault(void)
{
	return &last_fault;
}

u64 trap_fault_count(void)
{
	return fault_count;
}

static unsigned int class_of(u64 esr)
{
	return (unsigned int)get(ESR_EC, esr);
}

static bool is_abort(u64 esr)
{
	return class_of(esr) == EC_DABT_CUR || class_of(esr) == EC_IABT_CUR;
}

bool trap_has_address(u64 esr)
{
	if (is_abort(esr))
		return get(ISS_FSC, esr) != FSC_EXTERNAL || !(esr & ISS_FNV);
	return class_of(esr) == EC_PC_ALIGN;
}

size_t trap_describe(char *buf, size_t size, u64 esr)
{
	unsigned int fsc = (unsigned int)get(ISS_FSC, esr);
	const char *access = "execute";
	int level = esr_fsc_level(fsc);
	char at[16] = "";

	if (!is_abort(esr))
		return fmt(buf, size, "%s", esr_ec_name(class_of(esr)));
	if (class_of(esr) == EC_DABT_CUR)
		access = esr & ISS_WNR ? "write" : "read";
	if (level != FSC_NO_LEVEL)
		fmt(at, sizeof(at), ", level %d", level);
	return fmt(buf, size, "%s: %s%s, %s", esr_ec_name(class_of(esr)), esr_fsc_name(fsc), at,
		   access);
}

static bool is_translation_fault(u64 esr)
{
	return class_of(esr) == EC_DABT_CUR && (get(ISS_FSC, esr) & ~3UL) == FSC_TRANSLATION_L0;
}

static const struct fixup *find_fixup(u64 pc)
{
	const struct fixup *x;

	for (x = fixups_start; x < fixups_end; x++)
		if ((u64)((s64)&x->pc + x->pc) == pc)
			return x;
	return NULL;
}

/*
 * A fault on the way to a branch's target stands at the target; the branch that led there is
 * the instruction before the link register's.
 */
static const struct fixup *fixup_of(const struct frame *f)
{
	const struct fixup *x = find_fixup(f->elr);
	unsigned int ec = class_of(f->esr);

	if (!x && (ec == EC_IABT_CUR || ec == EC_PC_ALIGN || ec == EC_UNKNOWN))
		x = find_fixup(f->x[30] - 4);
	return x;
}

static bool resume_at_fixup(struct frame *f)
{
	const struct fixup *x = fixup_of(f);

	if (!x)
		return false;
	last_fault = (struct fault){ f->esr, f->far, f->elr };
	fault_count++;
	f->elr = (u64)((s64)&x->go_on + x->go_on);
	return true;
}

static void print_frame(const struct frame *f, u64 vector)
{
	char text[256];
	unsigned int i;

	print("guest: %s exception from %s (vector %lu)\n", kind_names[vector % 4],
	      source_names[vector / 4 % 4], vector);
	trap_describe(text, sizeof(text), f->esr);
	print("guest:   %s\n", text);
	fields_print(text, sizeof(text), esr_iss_fields(class_of(f->esr)), f->esr);
	print("guest:   ESR 0x%08lx  %s\n", f->esr, text);
	print("guest:   FAR 0x%016lx  ELR 0x%016lx  SPSR 0x%08lx\n", f->far, f->elr, f->spsr);
	for (i = 0; i < 30; i += 3)
		print("guest:   x%-2u 0x%016lx  x%-2u 0x%016lx  x%-2u 0x%016lx\n", i, f->x[i],
		      i + 1, f->x[i + 1], i + 2, f->x[i + 2]);
	print("guest:   x30 0x%016lx  sp  0x%016lx\n", f->x[30], f->sp);
	panic_backtrace(f->elr, f->x[29]);
}

void trap(struct frame *f, u64 vector)
{
	char text[128];

	if (vector == VECTOR_SYNC_SAME_EL) {
		if (is_translation_fault(f->esr) && demand_fault(f->far) == OK)
			return;
		if (resume_at_fixup(f))
			return;
	}
	print_frame(f, vector);
	trap_describe(text, sizeof(text), f->esr);
	if (vector % 4 != 0)
		panic("%s at 0x%lx", kind_names[vector % 4], f->elr);
	if (!trap_has_address(f->esr))
		panic("%s at 0x%lx", text, f->elr);
	panic("%s of 0x%lx at 0x%lx", text, f->far, f->elr);
}
