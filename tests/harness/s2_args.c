/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments for random operations: geometries, addresses, sizes, attributes, right and wrong ones.
 */
#include "include/bits.h"
#include "tests/harness/cpus.h"
#include "tests/harness/s2_now.h"

static const struct s2_geometry *geo(void)
{
	return &steps_vm->s2.geo;
}

static u64 table_span(void)
{
	return s2_level_size(geo(), 2);
}

u64 steps_ipa(void)
{
	u64 space = 1UL << geo()->ipa_bits;
	u64 root = s2_level_size(geo(), geo()->start_level) * (granule() / 8);
	const u64 anchors[] = { 0,
				table_span(),
				s2_level_size(geo(), 1),
				root,
				space / 2,
				space - table_span(),
				space - granule(),
				granule() * s2_contiguous(geo(), 3) };
	u64 ipa = anchors[steps_below(ARRAY_SIZE(anchors))];

	switch (steps_below(5)) {
	case 0: break;
	case 1: ipa += (steps_below(8) - 4) * granule(); break;
	case 2: ipa += (steps_below(8) - 4) * table_span(); break;
	case 3: ipa += (steps_below(4) - 2) * granule() * s2_contiguous(geo(), 3); break;
	default: ipa += steps_below(512) * granule(); break;
	}
	/* Wrapped below 0 or beyond the end: mostly brought back, sometimes left for the error. */
	return steps_below(40) ? ipa & (space - 1) & ~(granule() - 1) : ipa + steps_below(2);
}

/* Sizes whose leaves, of `leaf_most` at most (0: any), are not too many to compare. */
u64 steps_size(u64 ipa, u64 leaf_most)
{
	u64 size;

	switch (steps_below(10)) {
	case 0: size = granule(); break;
	case 9: size = s2_level_size(geo(), geo()->top_block_level - (int)steps_below(2)); break;
	case 1: size = table_span(); break;
	case 2: size = s2_level_size(geo(), 1); break;
	case 3: size = steps_below(4) * table_span() + steps_below(3) * granule(); break;
	case 4: size = s2_level_size(geo(), 1) + steps_below(4) * table_span(); break;
	case 5:
		size = steps_below(16) ? steps_below(8) * s2_level_size(geo(), 1)
				       : ~0UL - 0xfff * steps_below(2);
		break;
	case 6: size = granule() * s2_contiguous(geo(), 3) * (1 + steps_below(3)); break;
	default: size = (steps_below(40) + 1) * granule(); break;
	}
	(void)ipa;
	if (leaf_most && size < 1UL << 60)
		size %= leaf_most * (steps_below(16) ? 64 : 600);
	return size;
}

u64 steps_pa(u64 ipa)
{
	u64 pa;

	switch (steps_below(4)) {
	case 0: pa = ipa + steps_below(8) * s2_level_size(geo(), 1); break;
	case 1: pa = ipa + steps_below(8) * table_span(); break;
	case 2: pa = ipa + steps_below(8) * granule(); break;
	default: pa = steps_below(1UL << 20) * granule(); break;
	}
	return steps_below(64) ? pa & ((1UL << geo()->pa_bits) - 1) : pa;
}

u64 steps_largest(void)
{
	switch (steps_below(6)) {
	case 0: return s2_level_size(geo(), 1);
	case 1: return table_span();
	case 2: return granule();
	case 3: return steps_below(4) ? 0 : granule() / 2;
	default: return 0;
	}
}

u8 steps_perm(void)
{
	static const u8 x[] = { 0, S2_X, S2_X, S2_X_EL1, S2_X_EL0 };

	if (steps_below(24) == 0)
		return (u8)steps_below(256);
	return (u8)(steps_below(4) | x[steps_below(geo()->features & S2_XNX ? 5 : 3)]);
}

struct s2_attr steps_attr(void)
{
	static const u8 mem[] = { 0, 1, 2, 3, 5, 15, 15, 10, 16 };
	static const u8 sh[] = { 3, 3, 0, 2 };
	bool fwb = (geo()->features & S2_FWB) != 0;
	bool odd = steps_below(24) == 0;
	struct s2_attr a = {
		.mem = mem[steps_below(odd ? 9 : 7)],
		.sh = sh[odd || !(geo()->wide && geo()->granule_shift < 16) ? steps_below(4) : 0],
		.perm = steps_perm(),
		.sw = (u8)(steps_below(16) & (geo()->state == S2_REALM && !odd ? 14 : 15)),
		.accessed = steps_below(4) != 0,
		.dbm = steps_below(6) == 0,
		.contiguous = steps_below(3) == 0,
		.output = geo()->output,
	};

	if (fwb && !odd && a.mem == 10)
		a.mem = 16;
	if (odd && steps_below(4) == 0)
		a.output = (u8)steps_below(4);
	if (geo()->state == S2_REALM && steps_below(2))
		a.output = S2_NONSECURE;
	return a;
}

enum err steps_perm_error(const struct s2_geometry *g, u8 perm)
{
	switch (perm & ~(S2_R | S2_W)) {
	case 0:
	case S2_X: return OK;
	case S2_X_EL1:
	case S2_X_EL0: return g->features & S2_XNX ? OK : ERR_INVALID;
	default: return ERR_INVALID;
	}
}

enum err steps_attr_error(const struct s2_geometry *g, struct s2_attr a)
{
	bool fwb = (g->features & S2_FWB) != 0;
	bool ds = g->wide && g->granule_shift < 16;

	if ((a.mem == S2_MEM_NORMAL_WT && fwb) || (a.mem == S2_MEM_STAGE1 && !fwb))
		return ERR_INVALID;
	if (steps_perm_error(g, a.perm) != OK || (ds && a.sh != S2_SH_INNER))
		return ERR_INVALID;
	if (g->state != S2_REALM)
		return a.output == g->output ? OK : ERR_PERM;
	if (a.sw & 1)
		return ERR_INVALID;
	return a.output == S2_REALM || a.output == S2_NONSECURE ? OK : ERR_PERM;
}

enum err steps_range_error(u64 ipa, u64 size)
{
	u64 space = 1UL << geo()->ipa_bits;

	steps_about(ipa, size);
	if (size == 0)
		return ERR_INVALID;
	if (ipa % granule() || size % granule())
		return ERR_ALIGN;
	return ipa < space && size <= space - ipa ? OK : ERR_RANGE;
}

/* A CPU with everything but what chance takes away; all VMs of a run share it. */
static struct s2_cpu random_cpu(enum steps_kind kind)
{
	struct s2_cpu cpu = cpu_max();

	if (kind == STEPS_4K)
		return steps_below(2) ? cpu_n1() : cpu_plain();
	switch (steps_below(4)) {
	case 0: return cpu_plain();
	case 1: return cpu_n1();
	case 2: return cpu;
	default: break;
	}
	cpu.mmfr2 &= ~CPU_BBM(15);
	cpu.mmfr2 |= CPU_BBM(steps_below(3));
	if (steps_below(2))
		cpu.mmfr2 &= ~CPU_TTL;
	if (steps_below(2))
		cpu.isar0 = 0;
	if (steps_below(2))
		cpu.mmfr1 = (cpu.mmfr1 & ~15UL) | steps_below(3);
	return cpu;
}

static struct s2_cpu cpu;

static struct s2_want random_want(enum steps_kind kind)
{
	struct s2_want w = s2_want(kind == STEPS_4K ? 12 : (unsigned int)(12 + 2 * steps_below(3)),
				   (unsigned int)(kind == STEPS_4K ? 32 + steps_below(9)
								   : 32 + steps_below(21)));

	w.wide = kind == STEPS_ALL && steps_below(3) == 0;
	if (steps_below(3) == 0)
		w.start_level = (s8)(steps_below(5) - 1);
	if (steps_below(3) == 0)
		w.features = (u32)steps_below(256);
	if (kind == STEPS_4K || steps_below(8))
		return w;
	w.state = (u8)(1 + steps_below(2));
	w.ipa_space = w.state == S2_REALM ? S2_REALM : (u8)steps_below(2);
	w.output = w.state == S2_REALM ? S2_REALM : (u8)steps_below(2);
	return w;
}

bool steps_geometry(struct s2_geometry *g, enum steps_kind kind)
{
	for (int i = 0; i < 64; i++) {
		struct s2_want want = random_want(kind);
		const char *why;

		if (s2_geometry_choose(g, &cpu, &want, &why) == OK)
			return true;
	}
	return false;
}

struct s2_geometry steps_other_controls(void)
{
	const u32 controls = S2_HW_AF | S2_HW_DIRTY | S2_FWB;
	struct s2_geometry g = *geo();
	struct s2_want want = {
		.granule_shift = g.granule_shift,
		.ipa_bits = g.ipa_bits,
		.wide = g.wide,
		.start_level = g.start_level,
		.state = g.state,
		.ipa_space = g.ipa_space,
		.output = g.output,
		.features = (g.features & ~controls) | ((u32)steps_below(256) & controls),
	};
	const char *why;

	if (s2_geometry_choose(&g, &cpu, &want, &why) != OK)
		steps_fail(why, 0);
	return g;
}

void steps_machine(enum steps_kind kind)
{
	cpu = random_cpu(kind);
	model_reset();
	model_machine(cpu.mmfr0, cpu.mmfr1, cpu.mmfr2, cpu.isar0);
}
