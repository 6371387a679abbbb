/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small scope, complete: every sequence of up to three of twenty-four operations at the places
 * where things break, each sequence with every allocation of its last operation failing once.
 * All on the model, against the flat reference.
 */
#include "include/bits.h"
#include "s2/fault.h"
#include "tests/harness/machine.h"
#include "tests/harness/s2_ref.h"
#include "tests/harness/tap.h"
#include "tests/model/model.h"

enum kind { MAP, UNMAP, PROTECT, ACCESS };

struct op {
	enum kind kind;
	u64 ipa, size;
	u64 arg; /* MAP: pa; PROTECT: perm */
	u64 largest;
};

#define LAST (1UL << 40)
#define ROOT (512 * SIZE_1G) /* where the second of the two roots begins */

static const struct op ops[] = {
	{ MAP, 0, SIZE_4K, 0x5000, 0 },
	{ MAP, 0, SIZE_2M, SIZE_2M, 0 },
	{ MAP, 0, SIZE_1G, SIZE_1G, 0 },
	{ MAP, SIZE_4K, SIZE_2M, SIZE_4K, 0 },
	{ MAP, SIZE_2M - SIZE_4K, 2 * SIZE_4K, 0, 0 },
	{ MAP, 0, 2 * SIZE_2M, SIZE_4K, 0 },
	{ MAP, ROOT - SIZE_2M, 2 * SIZE_2M, 0, SIZE_4K },
	{ MAP, ROOT - SIZE_1G, 2 * SIZE_1G, 0, 0 },
	{ MAP, LAST - SIZE_4K, SIZE_4K, 0, 0 },
	{ MAP, LAST - SIZE_1G, SIZE_1G, 0, SIZE_2M },
	{ UNMAP, 0, SIZE_4K, 0, 0 },
	{ UNMAP, SIZE_4K, SIZE_4K, 0, 0 },
	{ UNMAP, SIZE_2M - SIZE_4K, 2 * SIZE_4K, 0, 0 },
	{ UNMAP, 0, SIZE_2M, 0, 0 },
	{ UNMAP, SIZE_4K, SIZE_1G, 0, 0 },
	{ UNMAP, ROOT - SIZE_4K, 2 * SIZE_4K, 0, 0 },
	{ UNMAP, LAST - SIZE_4K, SIZE_4K, 0, 0 },
	{ UNMAP, 0, LAST, 0, 0 },
	{ PROTECT, 0, SIZE_4K, S2_R, 0 },
	{ PROTECT, SIZE_2M - SIZE_4K, 2 * SIZE_4K, S2_R, 0 },
	{ PROTECT, ROOT - SIZE_4K, SIZE_2M, 0, 0 },
	{ PROTECT, LAST - SIZE_2M, SIZE_2M, S2_R | S2_X, 0 },
	{ PROTECT, 0, LAST, S2_R | S2_W | S2_X, 0 },
	{ ACCESS, SIZE_4K, 0, 0, 0 },
};

static struct s2 s2;
static struct ref ref;

static struct s2_attr fresh(void)
{
	struct s2_attr a = ram();

	a.accessed = false;
	a.sw = 5;
	return a;
}

static enum err perform(const struct op *o)
{
	enum err e = ERR_INVALID;

	switch (o->kind) {
	case MAP:
		e = s2_map(&s2, mk_ipa(o->ipa), o->size, mk_pa(o->arg), fresh(), o->largest);
		break;
	case UNMAP: e = s2_unmap(&s2, mk_ipa(o->ipa), o->size); break;
	case PROTECT: e = s2_protect(&s2, mk_ipa(o->ipa), o->size, (u8)o->arg); break;
	case ACCESS: e = s2_mark_accessed(&s2, mk_ipa(o->ipa)); break;
	}
	machine_settled();
	return e;
}

/* The same to the reference; returns what s2 should answer when nothing is short. */
static enum err foretell(const struct op *o, const struct s2_leaf *leaf)
{
	u64 last = o->ipa + o->size - 1;

	switch (o->kind) {
	case MAP:
		if (ref_find(&ref, o->ipa, last))
			return ERR_EXISTS;
		ref_map(&ref, o->ipa, last, o->arg, fresh());
		return OK;
	case UNMAP: ref_unmap(&ref, o->ipa, last); return OK;
	case PROTECT: ref_protect(&ref, o->ipa, last, (u8)o->arg, false); return OK;
	case ACCESS:
		if (!ref_find(&ref, o->ipa, o->ipa))
			return ERR_NOENT;
		ref_mark_accessed(&ref, leaf->ipa.v, leaf->ipa.v + leaf->size - 1, true);
		return OK;
	}
	return ERR_INVALID;
}

/* Nothing a caller can read differs from before. */
static void expect_unchanged(const struct s2 *before, u64 pages)
{
	u64 where;

	EXPECT_EQ(s2.tables, before->tables);
	EXPECT_EQ(s2.splits, before->splits);
	EXPECT_EQ(s2.tlbis, before->tlbis);
	EXPECT_EQ(model_pages(), pages);
	EXPECT_STR(ref_compare(&ref, &s2, &where), "same");
}

/* With the first allocation failing, then the second, … until the operation needs no more. */
static enum err perform_failing(const struct op *o)
{
	struct s2 before = s2;
	u64 pages = model_pages();

	for (u64 k = 1;; k++) {
		u64 asked = model_allocations();
		enum err e;

		model_fail_alloc(k);
		e = perform(o);
		if (model_allocations() - asked < k) {
			model_fail_alloc(0);
			return e;
		}
		EXPECT_EQ(e, ERR_NOMEM);
		expect_unchanged(&before, pages);
	}
}

static void one(const struct op *o, bool failing)
{
	struct s2_leaf leaf = { 0 };
	enum err e;

	(void)!s2_lookup(&s2, mk_ipa(o->ipa), &leaf);
	e = failing ? perform_failing(o) : perform(o);
	EXPECT_EQ(e, foretell(o, &leaf));
}

static void sequence(const size_t *index, size_t n)
{
	u64 where = 0;
	const char *same;

	ref.n = 0;
	EXPECT_EQ(machine_vm(&s2, 40, 7), OK);
	for (size_t i = 0; i < n; i++)
		one(&ops[index[i]], i == n - 1);
	same = ref_compare(&ref, &s2, &where);
	if (same[0] != 's' || same[1] != 'a')
		tap_note("%s at 0x%lx after %zu %zu %zu", same, where, index[0], index[1],
			 index[2]);
	EXPECT_STR(same, "same");
	EXPECT_STR(soundness(&s2), "sound");
	s2_destroy(&s2);
	machine_settled();
	EXPECT_EQ(model_pages(), 0);
}

static void every_sequence_of_up_to_three(void)
{
	size_t n = ARRAY_SIZE(ops);

	machine_reset();
	for (size_t i = 0; i < n; i++) {
		size_t index[3] = { i, 0, 0 };

		sequence(index, 1);
		for (index[1] = 0; index[1] < n; index[1]++) {
			sequence(index, 2);
			for (index[2] = 0; index[2] < n; index[2]++)
				sequence(index, 3);
		}
	}
}

/* Quotas instead of failures: every operation after every operation, with every quota. */
static void every_quota_of_every_pair(void)
{
	size_t n = ARRAY_SIZE(ops);

	machine_reset();
	for (size_t i = 0; i < n * n; i++) {
		struct s2 before;
		u64 pages;
		enum err e = ERR_NOMEM;

		ref.n = 0;
		EXPECT_EQ(machine_vm(&s2, 40, 7), OK);
		one(&ops[i / n], false);
		s2.quota = s2.tables;
		before = s2;
		pages = model_pages();
		for (; (e = perform(&ops[i % n])) == ERR_NOMEM; s2.quota++)
			expect_unchanged(&before, pages);
		/* What s2_map() allocates it keeps; splits may be followed by tables that go. */
		EXPECT(s2.tables <= s2.quota);
		if (e == OK && ops[i % n].kind == MAP)
			EXPECT_EQ(s2.tables, s2.quota);
		s2_destroy(&s2);
	}
}

/* The rule of a fault handler: what is mapped by now is tried again, and so is ERR_EXISTS. */
static void handle_fault(u64 ipa, u64 frame)
{
	struct s2_leaf leaf;
	enum err e;

	if (s2_lookup(&s2, mk_ipa(ipa), &leaf) == OK)
		return;
	e = s2_map(&s2, mk_ipa(align_down(ipa, SIZE_4K)), SIZE_4K, mk_pa(frame), ram(), 0);
	EXPECT_EQ(e, OK);
	machine_settled();
}

/*
 * Two CPUs run the VM and fault on one page before either is served.  Whoever is served first,
 * both end with its frame; a handler that had looked before the other mapped gets ERR_EXISTS,
 * which changes nothing and costs no TLB maintenance.
 */
static void two_cpus_fault_on_one_page(void)
{
	u64 ipa = SIZE_2M + 0x3008;

	for (unsigned int first = 0; first < 2; first++) {
		u64 frame = 0x100000 * (first + 1);

		machine_reset();
		EXPECT_EQ(machine_vm(&s2, 40, 7), OK);
		for (unsigned int cpu = 0; cpu < 2; cpu++) {
			model_cpu(cpu);
			machine_load(&s2);
			EXPECT_EQ(machine_write(&s2, ipa).fault, FAULT_TRANSLATION | 1);
		}
		model_cpu(first);
		handle_fault(ipa, frame);
		model_cpu(1 - first);
		handle_fault(ipa, 0x900000);
		EXPECT_EQ(s2_map(&s2, mk_ipa(ipa & ~0xfffUL), SIZE_4K, mk_pa(0x900000), ram(), 0),
			  ERR_EXISTS);
		machine_settled();
		EXPECT_EQ(s2.tlbis, 0);
		for (unsigned int cpu = 0; cpu < 2; cpu++) {
			model_cpu(cpu);
			EXPECT_EQ(machine_write(&s2, ipa).pa, frame + 8);
			machine_load(NULL);
		}
		s2_destroy(&s2);
		machine_settled();
	}
}

/* The geometry of every CPU and input size is what the model's reading of VTCR_EL2 says. */
static void geometry_as_the_manual_reads_it(void)
{
	for (u64 parange = 0; parange < 7; parange++) {
		for (unsigned int ipa = 32; ipa <= 48; ipa++) {
			struct s2_cpu cpu = { .mmfr0 = parange, .mmfr1 = 2UL << 4 };
			struct s2_geometry g;
			struct model_root root;
			const char *why;

			if (s2_geometry_init(&g, &cpu, 12, ipa, &why) != OK)
				continue;
			model_machine(cpu.mmfr0, cpu.mmfr1, 0, 0);
			root = model_root_of(model_machine_now(),
					     &(struct model_regs){ .vttbr = 0xabcd000000000000UL,
								   .vtcr = g.vtcr });
			EXPECT(root.valid);
			EXPECT_EQ(root.level, g.start_level);
			EXPECT_EQ(root.tables, g.root_pages);
			EXPECT_EQ(root.ipa_bits, ipa);
			EXPECT_EQ(root.pa_bits, g.pa_bits);
		}
	}
}

TESTS(T(every_sequence_of_up_to_three), T(every_quota_of_every_pair), T(two_cpus_fault_on_one_page),
      T(geometry_as_the_manual_reads_it))
