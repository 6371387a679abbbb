/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's actions.  The fault action maps the page it is asked for into a window of its
 * own, as Normal memory where it may lie in RAM or is to be executed and as Device memory
 * elsewhere, so that no address has two kinds of mapping.
 */
#include "guest/kernel/actions.h"

#include "arch/esr.h"
#include "arch/insn.h"
#include "guest/kernel/console.h"
#include "guest/kernel/pages.h"
#include "guest/kernel/panic.h"
#include "guest/kernel/probe.h"
#include "guest/kernel/trap.h"
#include "guest/vm/demand.h"
#include "guest/vm/layout.h"
#include "guest/vm/space.h"
#include "lib/fmt.h"

enum { TOUCH_REGION_PAGES = 1 << 24 };

static const char *const access_names[] = { "read", "write", "exec" };

void action_mem(void)
{
	const char *why;
	pa_t where = mk_pa(0);
	u64 va = 0;

	pages_print("");
	print("tables: %lu pages\n", space_table_count());
	print("faults: %lu caught\n", trap_fault_count());
	why = pages_check(&where);
	print("zones: %s", why ? why : "check ok\n");
	if (why)
		print(" at 0x%lx\n", where.v);
	why = space_check(&va);
	print("tables: %s", why ? why : "check ok\n");
	if (why)
		print(" at 0x%lx\n", va);
}

static void print_prot(const struct s1_walk *w)
{
	print("-> pa 0x%lx r%c%c %s\n", w->pa.v, w->prot & S1_WRITE ? 'w' : '-',
	      w->prot & S1_EXEC ? 'x' : '-', w->prot & S1_DEVICE ? "device" : "normal");
}

static void print_at(u64 va)
{
	u64 par;

	at_s1e1r(va);
	isb();
	par = read_sysreg(par_el1);
	if (par & PAR_F)
		print("AT S1E1R: %s (0x%02lx)\n", esr_fsc_name((unsigned int)get(PAR_FST, par)),
		      get(PAR_FST, par));
	else
		print("AT S1E1R: pa 0x%lx attr 0x%02lx\n", (par & PAR_PA) | va % PAGE_SIZE,
		      get(PAR_ATTR, par));
}

void action_map(u64 va)
{
	struct s1_walk w;
	int level;

	if (space_walk(va, &w) != OK) {
		print("0x%lx: not in the TTBR1 half, nothing is mapped there\n", va);
		print_at(va);
		return;
	}
	for (level = 0; level <= w.level; level++)
		print("level %d table 0x%lx index %3lu desc 0x%016lx\n", level, w.table[level].v,
		      va >> (39 - 9 * level) & 511, w.desc[level]);
	if (w.mapped)
		print_prot(&w);
	else
		print("-> not mapped, the walk ends at level %d\n", w.level);
	print_at(va);
}

void action_touch(u64 n)
{
	static struct demand *d;
	static u64 touched;
	u64 i;

	if (!d && demand_create((u64)TOUCH_REGION_PAGES * PAGE_SIZE, &d) != OK) {
		print("touch: no region\n");
		return;
	}
	for (i = 0; i < n && touched < TOUCH_REGION_PAGES; i++, touched++)
		if (!probe_write64(d->base + touched * PAGE_SIZE, touched))
			break;
	print("touch: %lu pages, %lu in all, %lu faults, %lu free\n", i, touched, d->faults,
	      pages_free_count());
}

static bool probe(enum access how, u64 va, u64 *value)
{
	switch (how) {
	case ACCESS_READ: return probe_read8(va, value);
	case ACCESS_WRITE: return probe_write8(va, 0xa5);
	case ACCESS_EXEC: return probe_exec(va);
	}
	return false;
}

static void report(enum access how, const char *space, u64 address, bool passed, u64 value)
{
	const struct fault *f = trap_last_fault();
	char text[128];

	if (passed && how == ACCESS_READ)
		print("fault: read of %s 0x%lx: no fault, value 0x%02lx\n", space, address, value);
	else if (passed)
		print("fault: %s of %s 0x%lx: no fault\n", access_names[how], space, address);
	if (passed)
		return;
	trap_describe(text, sizeof(text), f->esr);
	print("fault: %s of %s 0x%lx: %s; ESR 0x%08lx", access_names[how], space, address, text,
	      f->esr);
	if (trap_has_address(f->esr))
		print(", FAR 0x%lx", f->far);
	print("\n");
}

static bool is_ram(u64 ipa)
{
	struct s1_walk w;

	return ipa < LINEAR_SIZE && space_walk(LINEAR_BASE + ipa, &w) == OK && w.mapped;
}

static void fault_ipa(enum access how, u64 ipa)
{
	unsigned int prot = how == ACCESS_EXEC ? S1_EXEC : how == ACCESS_WRITE ? S1_WRITE : 0u;
	u64 page = align_down(ipa, PAGE_SIZE);
	u64 value = 0;
	enum err e;
	bool passed;

	if (how != ACCESS_EXEC && !is_ram(ipa))
		prot |= S1_DEVICE;
	e = space_map(WINDOW_BASE, mk_pa(page), PAGE_SIZE, prot);
	if (e != OK) {
		print("fault: 0x%lx: %s\n", ipa, err_text(e));
		return;
	}
	passed = probe(how, WINDOW_BASE + ipa % PAGE_SIZE, &value);
	report(how, "IPA", ipa, passed, value);
	e = space_unmap(WINDOW_BASE, PAGE_SIZE);
	if (e != OK)
		print("fault: the window stays: %s\n", err_text(e));
}

void action_fault(enum access how, u64 address)
{
	u64 value = 0;
	bool passed;

	if (address < BIT(VA_BITS)) {
		fault_ipa(how, address);
		return;
	}
	passed = probe(how, address, &value);
	report(how, "VA", address, passed, value);
}

void action_crash(enum crash how)
{
	print("crash: %s\n", how == CRASH_STACK ? "stack" : "read");
	if (how == CRASH_READ)
		(void)*(const volatile u64 *)WINDOW_BASE;
	else
		probe_overflow();
	panic("nobody stopped a crash");
}

void action_spin(void)
{
	print("spin: DAIF masked, for ever\n");
	daif_mask_all();
	for (;;)
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
}
