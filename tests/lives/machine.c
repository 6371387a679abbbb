/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames, caches, barriers and TLBs of tests/lives/machine.h.  It keeps true:
 * 1. seen[] is what caches show, memory[] what stands behind them; only DC and guests without
 *    caches make them differ or agree;
 * 2. a frame's `due` says what has been begun for it and is not complete: a DSB ends DC, an IC
 *    issued behind that, with a DSB behind it, ends what fetches may still find.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/mem/guest_mem.h"
#include "hyp/mem/pool.h"
#include "hyp/vm/geometry.h"
#include "include/bits.h"
#include "include/check.h"
#include "mm/kmalloc.h"
#include "tests/lives/parts.h"
#include "tests/lives/state.h"

struct frames frames;
u8 memory[SIZE];

static u64 dues_from, dues_to; /* no other frame has something due */
static u16 flushing;           /* its TLBI is issued, not complete */
static struct page pages[MACHINE_FRAMES + 2048];
static u64 free_at_first;
static bool is_open; /* by a test that has not come to its end */

u64 machine_ctr_el0, machine_dczid_el0, machine_tpidr_el2, machine_vttbr_el2, machine_daif;
u64 machine_id_aa64mmfr0_el1, machine_id_aa64mmfr1_el1, machine_id_aa64mmfr2_el1,
	machine_id_aa64isar0_el1;
struct mm pool;

/* ---- Frames ---------------------------------------------------------------------------------- */

static void note(u64 frame, u8 what)
{
	frames.due[frame] |= what;
	frames.due[frame] &= (u8)~DUE_IC; /* an instruction cache may fetch it again */
	dues_from = min_u64(dues_from, frame);
	dues_to = max_u64(dues_to, frame + 1);
}

void foul(u64 frame)
{
	memset(&seen[frame * FRAME], MACHINE_FOUL, FRAME);
	memset(&memory[frame * FRAME], MACHINE_STALE, FRAME);
	note(frame, DUE_STORES | DUE_FETCH);
}

static void complete(u8 what)
{
	for (u64 f = dues_from; f < dues_to; f++) {
		if (frames.due[f] & DUE_IC)
			frames.due[f] &= (u8) ~(DUE_IC | DUE_FETCH);
		frames.due[f] &= (u8)~what;
	}
	for (u64 f = 0; flushing && f < MACHINE_FRAMES; f++)
		if (frames.mapped[f] == flushing)
			frames.mapped[f] = 0;
	flushing = 0;
}

/* ---- Instructions ---------------------------------------------------------------------------- */

void isb(void)
{
}

void dsb_sy(void)
{
	complete(DUE_STORES | DUE_CLEAN);
}

/* To the point of coherency others look than the inner shareable domain's. */
void dsb_ish(void)
{
	complete(DUE_STORES);
}

void dsb_ishst(void)
{
}

void daif_mask_irq(void)
{
	machine_daif |= SPSR_I;
}

void daif_unmask_irq(void)
{
	machine_daif &= ~SPSR_I;
}

void dc_cvac(u64 address)
{
	u64 at = align_down(offset_of(address), frames.config.line);

	frames.counts.cvac++;
	CHECK(is_frame(address));
	memcpy(&memory[at], &seen[at], frames.config.line);
	note(at / FRAME, DUE_CLEAN | DUE_FETCH);
}

void dc_civac(u64 address)
{
	dc_cvac(address);
}

void dc_zva(u64 address)
{
	u64 at = align_down(offset_of(address), frames.config.block);

	frames.counts.zva++;
	CHECK(is_frame(address) && frames.config.block);
	CHECK(frames.taken[at / FRAME] && !frames.mapped[at / FRAME]);
	memset(&seen[at], 0, frames.config.block);
	note(at / FRAME, DUE_STORES | DUE_FETCH);
}

void ic_ialluis(void)
{
	frames.counts.ic++;
	for (u64 f = dues_from; f < dues_to; f++)
		if (!(frames.due[f] & (DUE_STORES | DUE_CLEAN)))
			frames.due[f] |= DUE_IC;
}

void tlbi_ipas2e1is(u64 xt)
{
	(void)xt;
}

void tlbi_ipas2le1is(u64 xt)
{
	(void)xt;
}

void tlbi_ripas2e1is(u64 xt)
{
	(void)xt;
}

void tlbi_ripas2le1is(u64 xt)
{
	(void)xt;
}

void tlbi_vmalle1is(void)
{
}

void tlbi_vmalls12e1is(void)
{
	flushing = (u16)get(VTTBR_VMID, machine_vttbr_el2);
	parts_expect_unloaded(flushing);
}

void tlbi_alle1is(void)
{
	CHECK(!"VMIDs begin anew in no test");
}

/* ---- The machine ----------------------------------------------------------------------------- */

static void set_registers(void)
{
	u64 line = log2_down(frames.config.line) - 2,
	    block = frames.config.block ? log2_down(frames.config.block) : 6;

	machine_ctr_el0 = put(CTR_DMINLINE, line) | put(CTR_IMINLINE, line ^ 1);
	machine_ctr_el0 |= frames.config.no_ic ? CTR_DIC : 0;
	machine_dczid_el0 = frames.config.block ? put(DCZID_BS, block - 2) : DCZID_DZP;
	machine_vttbr_el2 = 0;
	machine_daif = SPSR_I;
	machine_id_aa64mmfr0_el1 = put(MMFR0_PARANGE, 5) | put(MMFR0_TGRAN16, 1);
	machine_id_aa64mmfr1_el1 = 0;
	machine_id_aa64mmfr2_el1 = put(MMFR2_FWB, frames.config.fwb);
	machine_id_aa64isar0_el1 = 0;
}

static void open_pool(void)
{
	static struct mm_cpu cpu;
	static struct kmalloc generic;
	u64 first = LOW / FRAME;
	struct mm_config c = { .nodes = 1, .no_watermarks = true };

	memset(pages, 0, sizeof(pages));
	c.map = (struct page *)((uintptr_t)pages - first * sizeof(struct page));
	CHECK(mm_init(&pool, &c) == OK);
	CHECK(mm_add(&pool, 0, first, MACHINE_FRAMES) == OK);
	CHECK(mm_give(&pool, first, MACHINE_FRAMES) == OK);
	mm_cpu_init(&cpu, &pool, 0);
	parts_open(&cpu);
	mm_ready(&pool);
	CHECK(kmalloc_init(&generic, &pool, 64) == OK);
}

/* A failed CHECK leaves EL2 anyhow, locks held among others: nothing after it means anything. */
static no_return void bail(void)
{
	puts("Bail out! the last test did not close its machine");
	exit(1);
}

void machine_open(const struct machine_config *c)
{
	static bool there;

	if (!there)
		CHECK(mmap(seen, SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == seen);
	there = true;
	if (is_open)
		bail();
	is_open = true;
	frames = (struct frames){ .config = *c };
	flushing = 0;
	set_registers();
	for (u64 f = 0; f < MACHINE_FRAMES; f++)
		foul(f);
	open_pool();
	guest_mem_init();
	CHECK(geometry_init() == NULL);
	free_at_first = 0;
}

void machine_mark(void)
{
	free_at_first = machine_free();
}

void machine_close(void)
{
	pa_t where;

	CHECK(mm_check(&pool, &where) == NULL);
	CHECK(frames.taken_count == 0);
	CHECK(frames.vmids_out == 0);
	CHECK(machine_free() == free_at_first);
	parts_expect_at_rest();
	is_open = false;
}

u64 machine_free(void)
{
	return mm_free(&pool) + mm_cached(&pool);
}

u64 machine_taken(void)
{
	return frames.taken_count;
}

void machine_fail_takes(u64 n)
{
	frames.fail_takes = n;
}

struct machine_counts machine_counts(void)
{
	return frames.counts;
}

/* ---- A guest's accesses ---------------------------------------------------------------------- */

/* Where a byte of the guest's stands; SIZE where nothing is mapped. */
static u64 place(struct vm *vm, u64 ipa)
{
	struct s2_leaf leaf;

	if (s2_lookup(&vm->s2, mk_ipa(ipa), &leaf) != OK)
		return SIZE;
	return offset_of(leaf.pa.v + (ipa - leaf.ipa.v));
}

/* FEAT_S2FWB makes every access a cached one. */
void machine_store(struct vm *vm, u64 ipa, u8 value, bool cached)
{
	u64 at = place(vm, ipa);

	CHECK(at < SIZE);
	if (cached || frames.config.fwb)
		seen[at] = value;
	else
		memory[at] = value;
}

u8 machine_load(struct vm *vm, u64 ipa, bool cached)
{
	u64 at = place(vm, ipa);

	CHECK(at < SIZE);
	return cached || frames.config.fwb ? seen[at] : memory[at];
}

bool machine_shows(struct vm *vm, u64 ipa, const void *bytes, u64 n)
{
	const u8 *want = bytes;

	for (u64 i = 0; i < n; i++) {
		u64 at = place(vm, ipa + i);
		u8 left = at < SIZE ? frames.due[at / FRAME] : DUE_STORES;

		if (left & (DUE_STORES | DUE_CLEAN) || (!frames.config.no_ic && left & DUE_FETCH))
			return false;
		if (seen[at] != want[i] || (!frames.config.fwb && memory[at] != want[i]))
			return false;
	}
	return true;
}

bool machine_holds(u64 frame, u8 value, u64 n)
{
	u8 row[FRAME];

	CHECK(n <= sizeof(row));
	memset(row, value, n);
	return memmem(seen + frame * FRAME, FRAME, row, n) != NULL;
}

u64 machine_find(u8 value, u64 n)
{
	u64 found = 0;

	for (u64 f = 0; f < MACHINE_FRAMES; f++)
		found += machine_holds(f, value, n);
	return found;
}
