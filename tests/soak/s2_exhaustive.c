/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finite domains, whole, against the model's own reading of the manual:
 * - range TLBIs: 1 … 2^21 granules, from every alignment that matters, every granule, with
 *   DS and without;
 * - geometries: every PARange, granule, input size, start level, width, on CPUs with and
 *   without 52 bits;
 * - attributes: every value of every field, in every encoding and security state, there and back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/bits.h"
#include "include/check.h"
#include "s2/desc.h"
#include "s2/tlb.h"
#include "tests/harness/cpus.h"
#include "tests/harness/out.h"
#include "tests/harness/tap.h"
#include "tests/model/model.h"

const struct tap_test tap_tests[1];
const size_t tap_count = 0;

static u64 cases, failures;

static void expect(bool ok, const char *what, u64 a, u64 b, u64 c)
{
	cases++;
	if (ok || failures++ > 8)
		return;
	printf("# %s: 0x%lx 0x%lx 0x%lx\n", what, a, b, c);
}

/* ---- Range TLBIs ---- */

static struct s2_geometry geometry(struct s2_cpu cpu, unsigned int shift, bool wide)
{
	struct s2_want want = s2_want(shift, wide ? 52 : 40);
	struct s2_geometry g;
	const char *why = "";

	want.wide = wide;
	if (s2_geometry_choose(&g, &cpu, &want, &why) != OK)
		check_failed(__FILE__, __LINE__, why);
	return g;
}

/*
 * What s2_tlb_flush() makes of [first, first + n granules): every piece begins where the
 * last ended or
 * below (with DS the base counts 64 KiB), none reaches beyond, one granule at most is left.
 */
static void one_range(const struct s2_geometry *g, const struct model_root *r, u64 start, u64 n)
{
	u64 granule = 1UL << g->granule_shift;
	u64 last = start + n * granule - 1;
	u64 covered = start; /* all below is invalidated */
	u64 first = start;
	unsigned int pieces = 0;

	while (first < last && last - first >= granule) {
		u64 from, to;
		int level;
		u64 xt = s2_tlbi_range_operand(g, &first, last, 3);

		if (!model_tlbi_decode(r, MODEL_RIPAS2E1IS, xt, &from, &to, &level))
			expect(false, "an operand for another granule", xt, start, n);
		expect(from <= covered && to >= covered && to <= last && level == 3, "a bad piece",
		       xt, start, n);
		expect(start - from < 65536 || from >= start, "a piece that begins too early", xt,
		       start, n);
		expect(first == to + 1, "a rest that is not the rest", xt, first, to);
		covered = to + 1;
		if (++pieces > 8)
			break;
	}
	expect(covered > last || last - covered < granule, "something left", start, n, covered);
}

static void ranges(void)
{
	struct s2_cpu cpu = cpu_max();

	model_reset();
	model_machine(cpu.mmfr0, cpu.mmfr1, cpu.mmfr2, cpu.isar0);
	for (unsigned int shift = 12; shift <= 16; shift += 2) {
		for (int wide = 0; wide < 2; wide++) {
			struct s2_geometry g = geometry(cpu, shift, wide);
			struct model_regs regs = { .vtcr = g.vtcr, .hcr = g.hcr };
			struct model_root r = model_root_of(model_machine_now(), &regs);
			u64 granule = 1UL << shift;
			/* The last reaches the last page of the space. */
			const u64 starts[] = { 0, 1, 2, 3, 15, 16, 31, 33, 511 };

			for (u64 n = 1; n <= 1UL << 21; n++) {
				u64 s = starts[n % ARRAY_SIZE(starts)];

				one_range(&g, &r, 0x40000000 + s * granule, n);
				one_range(&g, &r, (1UL << g.ipa_bits) - n * granule, n);
			}
			for (u64 n = 1; n <= 4096; n++)
				for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
					one_range(&g, &r, starts[i] * granule, n);
		}
	}
}

/* ---- Geometries ---- */

/* VTCR_EL2 for a shape, put together here from the manual; false where no field can say it. */
static bool vtcr_of(const struct s2_want *w, u64 parange, u64 *vtcr)
{
	bool ds = w->granule_shift < 16 && (w->wide || w->ipa_bits > 48);
	u64 tg = w->granule_shift == 12 ? 0 : w->granule_shift == 14 ? 2 : 1;
	bool wide = w->wide || w->ipa_bits > 48;
	u64 sl2 = w->granule_shift == 12 && w->start_level < 0;
	int sl0 = w->granule_shift == 12 ? (sl2 ? 0 : 2 - w->start_level) : 3 - w->start_level;

	if (sl0 < 0 || sl0 > 3 || w->start_level < (w->granule_shift == 12 ? -1 : 0))
		return false;
	*vtcr = 1UL << 31 | (64UL - w->ipa_bits) | (u64)sl0 << 6 | 5UL << 8 | 3UL << 12 | tg << 14 |
		(wide || parange < 6 ? parange : 5) << 16 | (u64)ds << 32 | sl2 << 33 | 1UL << 19;
	return true;
}

static void one_geometry(struct s2_cpu cpu, const struct s2_want *w)
{
	struct s2_geometry g;
	struct model_root r;
	struct model_regs regs = { 0 };
	const char *why = NULL;
	enum err e = s2_geometry_choose(&g, &cpu, w, &why);
	u64 vtcr;

	expect((e == OK) == (why == NULL), "a refusal without a reason", w->ipa_bits, 0, 0);
	if (e == OK) {
		regs.vtcr = g.vtcr;
		regs.hcr = g.hcr;
		r = model_root_of(model_machine_now(), &regs);
		expect(r.valid && r.level == g.start_level && r.tables == g.root_pages &&
			       r.ipa_bits == g.ipa_bits && r.pa_bits == g.pa_bits &&
			       r.grain == g.granule_shift && r.wide == g.wide,
		       "registers that say something else", g.vtcr, cpu.mmfr0, w->ipa_bits);
		return;
	}
	/* Refused: the manual refuses it too, or s2/geometry.h says that it is not offered. */
	if (w->ipa_bits < 32 || (w->granule_shift == 12 && w->start_level == 3))
		return;
	if (!vtcr_of(w, cpu.mmfr0 & 15, &vtcr))
		return;
	regs.vtcr = vtcr;
	r = model_root_of(model_machine_now(), &regs);
	expect(!r.valid || (w->wide && !r.wide), "refused, and the manual has it", vtcr, cpu.mmfr0,
	       w->ipa_bits);
}

static void geometries(void)
{
	const u64 granules[] = { 1UL << 20,
				 CPU_LPA2 | 1UL << 20,
				 15UL << 28,
				 15UL << 24 | 2UL << 20,
				 1UL << 40 | 1UL << 32 | 1UL << 36,
				 2UL << 40 | 2UL << 32 | 2UL << 36 };

	for (u64 parange = 0; parange < 16; parange++)
		for (size_t i = 0; i < 2 * ARRAY_SIZE(granules); i++) {
			struct s2_cpu cpu = { .mmfr0 = parange | granules[i / 2],
					      .mmfr1 = CPU_VMID16 | CPU_XNX | CPU_HAFDBS,
					      .mmfr2 = i & 1 ? CPU_TTST | CPU_FWB : 0 };

			model_machine(cpu.mmfr0, cpu.mmfr1, cpu.mmfr2, 0);
			for (unsigned int shift = 12; shift <= 16; shift += 2)
				for (unsigned int ipa = 25; ipa <= 53; ipa++)
					for (int level = -2; level <= 4; level++)
						for (int wide = 0; wide < 2; wide++) {
							struct s2_want w = s2_want(shift, ipa);

							w.start_level =
								(s8)(level == 4 ? S2_START_BEST
										: level);
							w.wide = wide;
							if (level == 4)
								w.ipa_bits = (u8)ipa;
							if (level < 4 || ipa <= 52)
								one_geometry(cpu, &w);
						}
		}
}

/* ---- Attributes ---- */

static enum err attr_should(const struct s2_geometry *g, const struct s2_attr *a)
{
	static const u64 plain = 0x842f; /* types 0 … 3, 5, 10, 15 */
	static const u64 fwb = 0x1802f;  /* 0 … 3, 5, 15, 16 */
	u8 x = a->perm & (u8) ~(S2_R | S2_W);
	bool ds = g->wide && g->granule_shift < 16;

	if (!((g->features & S2_FWB ? fwb : plain) >> a->mem & 1))
		return ERR_INVALID;
	if (x && x != S2_X && !((x == S2_X_EL1 || x == S2_X_EL0) && g->features & S2_XNX))
		return ERR_INVALID;
	if (a->sh == 1 || a->sh > 3 || (ds && a->sh != 3) || a->sw > 15)
		return ERR_INVALID;
	if (g->state != S2_REALM)
		return a->output == g->output ? OK : ERR_PERM;
	if (a->sw & 1)
		return ERR_INVALID;
	return a->output == S2_REALM || a->output == S2_NONSECURE ? OK : ERR_PERM;
}

static void one_attr(const struct s2_geometry *g, const struct model_root *r, struct s2_attr a)
{
	u64 bits = 0;
	enum err e = s2_attr_encode(g, a, &bits);
	u64 desc = bits | 3;
	struct model_walk w;
	struct s2_attr back;
	u8 x;

	expect(e == attr_should(g, &a), "another verdict on an attribute", a.mem, a.perm, a.sw);
	if (e != OK)
		return;
	expect(model_malformed(r, desc, 3) == NULL, "a malformed leaf", desc, a.mem, a.perm);
	w = model_leaf(r, desc, 3, 0);
	x = (u8)(w.x1 && w.x0 ? S2_X : w.x1 ? S2_X_EL1 : w.x0 ? S2_X_EL0 : 0);
	expect(w.pa == 0 && w.type == a.mem && w.sh == a.sh && w.output == a.output &&
		       a.perm == ((w.r ? S2_R : 0) | (w.w ? S2_W : 0) | x) && w.dbm == a.dbm &&
		       (w.fault == MODEL_ACCESS_FLAG) == !a.accessed && !w.contiguous,
	       "a leaf that says something else", desc, a.mem, a.perm);
	expect((desc >> 55 & (g->state == S2_REALM ? 14 : 15)) == a.sw, "software bits", desc, a.sw,
	       0);
	back = s2_attr_decode(g, desc);
	expect(memcmp(&back, &a, sizeof(a)) == 0, "decoded to something else", desc, a.mem, a.perm);
}

static void attributes_of(const struct s2_geometry *g, const struct model_root *r)
{
	for (u32 i = 0; i < 1U << 20; i++) {
		struct s2_attr a = {
			.mem = (u8)(i & 31),
			.sh = (u8)(i >> 5 & 3),
			.perm = (u8)(i >> 7 & 31),
			.sw = (u8)(i >> 12 & 15),
			.accessed = i >> 16 & 1,
			.dbm = i >> 17 & 1,
			.output = (u8)(i >> 18 & 3),
		};

		one_attr(g, r, a);
	}
	one_attr(g, r, (struct s2_attr){ .mem = 15, .sh = 3, .sw = 16 });
	one_attr(g, r, (struct s2_attr){ .mem = 15, .sh = 3, .perm = 32 });
}

static void attributes(void)
{
	struct s2_cpu cpu = cpu_max();

	model_machine(cpu.mmfr0, cpu.mmfr1, cpu.mmfr2, cpu.isar0);
	for (u32 i = 0; i < 24; i++) {
		struct s2_want want = s2_want(12, 40);
		struct s2_geometry g;
		struct model_regs regs;
		struct model_root r;
		const char *why;

		want.wide = i & 1;
		want.features = (i & 2 ? S2_FWB : 0) | (i & 4 ? S2_XNX : 0);
		want.state = want.ipa_space = want.output = (u8)(i / 8);
		CHECK(s2_geometry_choose(&g, &cpu, &want, &why) == OK);
		regs = (struct model_regs){
			.vtcr = g.vtcr, .vstcr = g.vstcr, .hcr = g.hcr, .state = g.state
		};
		r = model_root_of(model_machine_now(), &regs);
		CHECK(r.valid);
		attributes_of(&g, &r);
	}
}

static void report(unsigned int number, const char *name, void (*run)(void))
{
	cases = 0;
	failures = 0;
	run();
	printf("%sok %u - %s: %lu cases\n", failures ? "not " : "", number, name, cases);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..3\n");
	report(1, "range TLBIs", ranges);
	report(2, "geometries", geometries);
	report(3, "attributes", attributes);
	return 0;
}

void tap_out(const char *text, size_t n)
{
	fwrite(text, 1, n, stdout);
}

void tap_die(const char *file, int line, const char *what)
{
	printf("not ok - %s:%d: %s\n", file, line, what);
	exit(1);
}
