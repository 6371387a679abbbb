/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random sequences of all operations on two VMs of random geometry, on the model, against the
 * flat reference.  Every step: the result is the one foretold, nothing is stale, and the
 * addresses around the range translate as they should; now and then every address is compared
 * and every invariant checked.  Failing steps print what reproduces them.
 */
#include "include/bits.h"
#include "s2/fault.h"
#include "tests/harness/machine.h"
#include "tests/harness/s2_ref.h"
#include "tests/harness/tap.h"
#include "tests/model/model.h"

enum { EPISODES = 400, STEPS = 500, VMS = 2, COMPARE_EVERY = 96 };

struct vm {
	struct s2 s2;
	struct ref ref;
};

static struct vm vms[VMS];
static u64 seed;
static bool wrong; /* ends the run: what follows a wrong step says nothing */

static u64 below(u64 n)
{
	return tap_random(&seed) % n;
}

static void fail(const char *what, u64 ipa)
{
	tap_note("%s at ipa 0x%lx", what, ipa);
	wrong = true;
}

/* ---- Choosing arguments: near the places where levels, roots and the space end ---- */

static u64 random_ipa(const struct s2 *s2)
{
	u64 space = 1UL << s2->geo.ipa_bits;
	u64 root = s2_level_size(&s2->geo, s2->geo.start_level) * 512;
	const u64 anchors[] = { 0,
				SIZE_1G,
				2 * SIZE_1G,
				SIZE_1G + SIZE_2M,
				root % space,
				space - SIZE_2M,
				space - SIZE_4K,
				space / 2 };
	u64 ipa = anchors[below(ARRAY_SIZE(anchors))];

	switch (below(4)) {
	case 0: break;
	case 1: ipa += (below(8) - 4) * SIZE_4K; break;
	case 2: ipa += (below(8) - 4) * SIZE_2M; break;
	default: ipa += below(1024) * SIZE_4K; break;
	}
	/* Wrapped below 0 or beyond the end: mostly brought back, sometimes left for the error. */
	return below(32) ? ipa & (space - 1) & ~0xfffUL : ipa + below(2);
}

static u64 random_size(void)
{
	switch (below(8)) {
	case 0: return SIZE_4K;
	case 1: return SIZE_2M;
	case 2: return SIZE_1G;
	case 3: return below(4) * SIZE_2M + below(3) * SIZE_4K;
	case 4: return SIZE_1G + below(4) * SIZE_2M - below(3) * SIZE_4K;
	case 5: return below(16) ? below(8) * SIZE_1G : ~0UL - 0xfff * below(2);
	default: return (below(40) + 1) * SIZE_4K;
	}
}

static u64 random_pa(const struct s2 *s2, u64 ipa)
{
	u64 pa = 0;

	switch (below(4)) {
	case 0: pa = ipa + below(8) * SIZE_1G; break;
	case 1: pa = ipa + below(8) * SIZE_2M; break;
	case 2: pa = ipa + below(8) * SIZE_4K; break;
	default: pa = below(1UL << 20) * SIZE_4K; break;
	}
	return below(64) ? pa & ((1UL << s2->geo.pa_bits) - 1) : pa;
}

static struct s2_attr random_attr(void)
{
	static const u8 mem[] = { 0, 1, 2, 3, 5, 10, 15 };
	static const u8 sh[] = { 0, 2, 3 };

	return (struct s2_attr){
		.mem = mem[below(ARRAY_SIZE(mem))],
		.sh = sh[below(ARRAY_SIZE(sh))],
		.perm = (u8)below(8),
		.sw = (u8)below(16),
		.accessed = below(4) != 0,
	};
}

/* ---- What should come of it ---- */

static enum err range_error(const struct s2 *s2, u64 ipa, u64 size)
{
	u64 space = 1UL << s2->geo.ipa_bits;

	if (size == 0)
		return ERR_INVALID;
	if (ipa % SIZE_4K || size % SIZE_4K)
		return ERR_ALIGN;
	return ipa < space && size <= space - ipa ? OK : ERR_RANGE;
}

static enum err map_error(const struct vm *vm, u64 ipa, u64 size, u64 pa)
{
	enum err e = range_error(&vm->s2, ipa, size);
	u64 space = 1UL << vm->s2.geo.pa_bits;

	if (e != OK)
		return e;
	if (pa % SIZE_4K)
		return ERR_ALIGN;
	if (pa >= space || size > space - pa)
		return ERR_RANGE;
	return ref_find(&vm->ref, ipa, ipa + size - 1) ? ERR_EXISTS : OK;
}

static void compare_around(const struct vm *vm, u64 ipa, u64 size)
{
	u64 space = 1UL << vm->s2.geo.ipa_bits;
	const u64 at[] = { ipa,         ipa - 1,        ipa + size - 1,
			   ipa + size,  ipa + size / 2, ipa + below(size | 1),
			   below(space) };

	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		const char *same;

		if (at[i] >= space)
			continue;
		same = ref_compare_at(&vm->ref, &vm->s2, at[i]);
		if (same[0] != 's')
			fail(same, at[i]);
	}
}

/* The largest leaf that may stand at ipa after mapping [first, last] with that output. */
static u64 best_leaf(const struct s2_geometry *g, u64 ipa, u64 first, u64 last, u64 delta,
		     u64 largest)
{
	const u64 sizes[] = { SIZE_1G, SIZE_2M };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 base = align_down(ipa, sizes[i]);

		if (g->start_level <= (int)i + 1 && (largest == 0 || largest >= sizes[i]) &&
		    delta % sizes[i] == 0 && base >= first && base + (sizes[i] - 1) <= last)
			return sizes[i];
	}
	return SIZE_4K;
}

static void check_leaves(const struct vm *vm, u64 ipa, u64 size, u64 pa, u64 largest)
{
	const u64 at[] = { ipa, ipa + size - 1, ipa + below(size), ipa + below(size) };

	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		struct model_walk w = model_translate(s2_vttbr(&vm->s2), vm->s2.geo.vtcr, at[i]);

		if (w.size != best_leaf(&vm->s2.geo, at[i], ipa, ipa + size - 1, pa - ipa, largest))
			fail("not the largest leaf", at[i]);
	}
}

/* ---- The operations ---- */

/* An allocation was made to fail, or the quota is small: NOMEM may be right. */
static bool nomem_is_right(const struct s2 *s2, u64 fail_at, u64 asked)
{
	return (fail_at && model_allocations() - asked >= fail_at) || s2->quota != MACHINE_QUOTA;
}

static void judge(struct vm *vm, const struct s2 *before, u64 pages, enum err e, enum err expected,
		  bool nomem)
{
	if (e == ERR_NOMEM && expected == OK && nomem)
		expected = ERR_NOMEM;
	if (e != expected)
		fail(err_text(e), 0);
	if (e != OK && (vm->s2.tables != before->tables || vm->s2.splits != before->splits ||
			vm->s2.tlbis != before->tlbis || model_pages() != pages))
		fail("an error that changed something", 0);
}

static void step_map(struct vm *vm, u64 fail_at)
{
	static const u64 caps[] = { 0, 0, SIZE_1G, SIZE_2M, SIZE_4K };
	struct s2 before = vm->s2;
	u64 pages = model_pages();
	u64 asked = model_allocations();
	u64 ipa = random_ipa(&vm->s2);
	u64 size = random_size();
	u64 pa = random_pa(&vm->s2, ipa);
	u64 largest = caps[below(ARRAY_SIZE(caps))];
	struct s2_attr attr = random_attr();
	enum err expected;
	enum err e;

	/* Many small leaves take long to compare and show nothing that a few do not. */
	if ((largest == SIZE_4K || (pa - ipa) % SIZE_2M) && size < 1UL << 60)
		size %= 4 * SIZE_2M;
	expected = map_error(vm, ipa, size, pa);
	e = s2_map(&vm->s2, mk_ipa(ipa), size, mk_pa(pa), attr, largest);
	machine_settled();
	judge(vm, &before, pages, e, expected, nomem_is_right(&vm->s2, fail_at, asked));
	if (e == OK) {
		ref_map(&vm->ref, ipa, ipa + size - 1, pa, attr);
		check_leaves(vm, ipa, size, pa, largest);
	}
	compare_around(vm, ipa, size);
}

static void step_unmap(struct vm *vm, u64 fail_at)
{
	struct s2 before = vm->s2;
	u64 pages = model_pages();
	u64 asked = model_allocations();
	u64 ipa = random_ipa(&vm->s2);
	u64 size = random_size();
	enum err expected = range_error(&vm->s2, ipa, size);
	enum err e = s2_unmap(&vm->s2, mk_ipa(ipa), size);

	machine_settled();
	judge(vm, &before, pages, e, expected, nomem_is_right(&vm->s2, fail_at, asked));
	if (e == OK)
		ref_unmap(&vm->ref, ipa, ipa + size - 1);
	compare_around(vm, ipa, size);
}

static void step_protect(struct vm *vm, u64 fail_at)
{
	struct s2 before = vm->s2;
	u64 pages = model_pages();
	u64 asked = model_allocations();
	u64 ipa = random_ipa(&vm->s2);
	u64 size = random_size();
	u8 perm = (u8)below(below(16) ? 8 : 256);
	enum err expected = range_error(&vm->s2, ipa, size);
	enum err e = s2_protect(&vm->s2, mk_ipa(ipa), size, perm);

	machine_settled();
	if (expected == OK && perm > 7)
		expected = ERR_INVALID;
	judge(vm, &before, pages, e, expected, nomem_is_right(&vm->s2, fail_at, asked));
	if (e == OK)
		ref_protect(&vm->ref, ipa, ipa + size - 1, perm);
	compare_around(vm, ipa, size);
}

static void step_access(struct vm *vm)
{
	u64 ipa = random_ipa(&vm->s2);
	struct s2_leaf leaf;
	enum err expected = s2_lookup(&vm->s2, mk_ipa(ipa), &leaf);
	u64 tlbis = vm->s2.tlbis;

	if (s2_mark_accessed(&vm->s2, mk_ipa(ipa)) != expected || vm->s2.tlbis != tlbis)
		fail("marking an access", ipa);
	machine_settled();
	if (expected == OK)
		ref_mark_accessed(&vm->ref, leaf.ipa.v, leaf.ipa.v + leaf.size - 1);
	compare_around(vm, ipa & ~0xfffUL, SIZE_4K);
}

static void compare_all(void)
{
	u64 pages = 0;

	for (int i = 0; i < VMS; i++) {
		u64 where;
		const char *same = ref_compare(&vms[i].ref, &vms[i].s2, &where);
		const char *sound = soundness(&vms[i].s2);

		if (same[0] != 's' || same[1] != 'a')
			fail(same, where);
		if (sound[0] != 's')
			fail(sound, 0);
		pages += vms[i].s2.tables + vms[i].s2.geo.root_pages;
	}
	if (pages != model_pages())
		fail("pages that nobody counts", 0);
}

static void one_step(u64 step)
{
	struct vm *vm = &vms[below(VMS)];
	u64 fail_at = below(8) ? 0 : below(6) + 1;
	u64 loaded = below(3);

	model_cpu((unsigned int)below(MODEL_CPUS));
	machine_load(loaded == 2 ? NULL : &vms[loaded].s2);
	machine_fail_alloc(fail_at);
	switch (below(8)) {
	case 0:
	case 1:
	case 2: step_map(vm, fail_at); break;
	case 3:
	case 4: step_unmap(vm, fail_at); break;
	case 5:
	case 6: step_protect(vm, fail_at); break;
	default: step_access(vm); break;
	}
	machine_fail_alloc(0);
	machine_load(NULL);
	if (step % COMPARE_EVERY == 0)
		compare_all();
}

static void start_vm(struct vm *vm, u16 vmid)
{
	struct s2_cpu cpu = machine_cpu();
	struct s2_geometry g;
	const char *why;

	vm->ref.n = 0;
	EXPECT_EQ(s2_geometry_init(&g, &cpu, 12, (unsigned int)(32 + below(17)), &why), OK);
	EXPECT_EQ(s2_init(&vm->s2, &g, vmid, below(4) ? MACHINE_QUOTA : (u32)below(12)), OK);
	machine_add(&vm->s2);
}

static void two_hundred_thousand_steps(void)
{
	for (u64 episode = 0; episode < EPISODES && !wrong; episode++) {
		u64 step;

		seed = episode * 0x9e3779b97f4a7c15UL + 1;
		machine_reset();
		for (int i = 0; i < VMS; i++)
			start_vm(&vms[i], (u16)(i * 300 + 1));
		for (step = 1; step <= STEPS && !wrong; step++)
			one_step(step);
		if (wrong)
			tap_note("episode %lu, step %lu", episode, step - 1);
		EXPECT(!wrong);
		compare_all();
		for (int i = 0; i < VMS; i++)
			s2_destroy(&vms[i].s2);
		machine_settled();
		EXPECT_EQ(machine_pages(), 0);
	}
}

TESTS(T(two_hundred_thousand_steps))
