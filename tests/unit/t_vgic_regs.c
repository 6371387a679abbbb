/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The emulated GIC's registers beside a reference written from the manual (Arm IHI 0069, chapter
 * 12): every offset of distributor and redistributor, at every width, read and written.
 *
 * The reference knows an interrupt by its number and has no banks: a register says how many bits
 * each interrupt has in it, so the first of an access is a division and nothing is a mask.  After a
 * write all of struct vgic is what the reference makes of it: nothing beside it has changed.
 */
#include "hyp/dev/vgic.h"
#include "include/bits.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

enum {
	CPUS = 5,
	CPU = 2, /* whose redistributor is tried; neither the first nor the last */
	GICD_BYTES = 0x10000,
	GICR_BYTES = 0x20000,
	STEP = 64, /* offsets between two looks at everything, where no register is */
};

/* What exists of the SPIs, with both ends of both banks. */
static const u32 owned[VGIC_SPIS / 32] = { 1u << 31 | 1u << 16 | 1u << 1 | 1u, 1u << 31 | 1u << 5 };
static const u32 widths[] = { 1, 2, 4, 8 };

static struct vgic g, want;
static u64 seed = 101;

/* ---- The reference --------------------------------------------------------------------------- */

enum kind {
	NOTHING,
	GROUP,
	ENABLED,
	PENDING,
	ACTIVE,
	PRIORITY,
	CONFIG,
	ROUTE,
	FIXED,
};

/* A group of registers: where, how wide an access may be, how many bits each interrupt has. */
struct reg {
	enum kind kind;
	u32 from, to, bits, width, other_width;
	bool clears;
};

static const struct reg regs[] = {
	{ GROUP, 0x080, 0x100, 1, 4, 4, false },  { ENABLED, 0x100, 0x180, 1, 4, 4, false },
	{ ENABLED, 0x180, 0x200, 1, 4, 4, true }, { PENDING, 0x200, 0x280, 1, 4, 4, false },
	{ PENDING, 0x280, 0x300, 1, 4, 4, true }, { ACTIVE, 0x300, 0x380, 1, 4, 4, false },
	{ ACTIVE, 0x380, 0x400, 1, 4, 4, true },  { PRIORITY, 0x400, 0x800, 8, 4, 1, false },
	{ CONFIG, 0xc00, 0xd00, 2, 4, 4, false }, { ROUTE, 0x6000, 0x8000, 64, 8, 4, false },
};

/* A frame: the distributor, or what a vCPU has for itself behind its SGI_base. */
struct frame {
	bool private;
	u32 first, count; /* the interrupts it has */
};

static const struct frame dist = { false, VGIC_PRIVATE, VGIC_SPIS };
static const struct frame sgis = { true, 0, VGIC_PRIVATE };

static const struct reg *find(const struct frame *f, u32 offset, u32 width)
{
	for (size_t i = 0; i < ARRAY_SIZE(regs); i++) {
		const struct reg *r = &regs[i];

		if (offset < r->from || offset >= r->to || (f->private && r->kind == ROUTE))
			continue;
		if ((width != r->width && width != r->other_width) || offset % width)
			return NULL;
		return r;
	}
	return NULL;
}

static bool exists(const struct frame *f, u32 intid)
{
	if (intid < f->first || intid >= f->first + f->count)
		return false;
	return f->private || (owned[intid / 32 - 1] >> intid % 32 & 1);
}

static struct vgic_bank *bank(struct vgic *of, u32 intid)
{
	return intid < VGIC_PRIVATE ? &of->cpu[CPU].private : &of->spi[intid / 32 - 1];
}

static u32 *word(struct vgic_bank *b, enum kind kind)
{
	switch (kind) {
	case GROUP: return &b->group;
	case ENABLED: return &b->enabled;
	case PENDING: return &b->latch;
	case ACTIVE: return &b->active;
	case CONFIG: return &b->edge;
	case NOTHING:
	case PRIORITY:
	case ROUTE:
	case FIXED: break;
	}
	return NULL;
}

/* What a register says of one interrupt. */
static u64 said(struct vgic *of, enum kind kind, u32 intid)
{
	struct vgic_bank *b = bank(of, intid);
	u32 bit = 1u << intid % 32;

	switch (kind) {
	case PRIORITY: return b->priority[intid % 32];
	case ROUTE: return of->route[intid - VGIC_PRIVATE];
	case CONFIG: return b->edge & bit ? 2 : 0;
	case PENDING: return (b->latch & bit) || ((b->line & bit) && !(b->edge & bit));
	case GROUP:
	case ENABLED:
	case ACTIVE: return (*word(b, kind) & bit) != 0;
	case NOTHING:
	case FIXED: break;
	}
	return 0;
}

static void set_route(struct vgic *of, u32 spi, u64 value, u64 mask)
{
	u64 route = (of->route[spi] & ~mask) | (value & mask & 0xff00ffffffUL);

	of->route[spi] = route;
	of->target[spi] = route < CPUS ? (u8)route : VGIC_NOBODY;
}

static void set(struct vgic *of, const struct reg *r, u32 intid, u64 value)
{
	struct vgic_bank *b = bank(of, intid);
	u32 bit = 1u << intid % 32;
	bool two_way = r->kind == GROUP || r->kind == CONFIG;
	bool one = r->kind == CONFIG ? (value & 2) != 0 : (value & 1) != 0;

	if (r->kind == PRIORITY)
		b->priority[intid % 32] = value & 0xf8;
	else if (r->kind == CONFIG && intid < 16)
		return; /* SGIs are edges */
	else if (one && !r->clears)
		*word(b, r->kind) |= bit;
	else if (one || two_way)
		*word(b, r->kind) &= ~bit;
}

static u64 low_bits(u32 n)
{
	return n == 64 ? ~0UL : (1UL << n) - 1;
}

static u64 ref_read(const struct frame *f, const struct reg *r, u32 offset, u32 width)
{
	u32 at = (offset - r->from) * 8, n = width * 8 / r->bits ? width * 8 / r->bits : 1;
	u64 value = 0;

	for (u32 i = 0; i < n; i++) {
		u32 intid = at / r->bits + i;

		if (exists(f, intid))
			value |= said(&want, r->kind, intid) >> at % r->bits << i * r->bits % 64;
	}
	return value & low_bits(width * 8);
}

static void ref_write(const struct frame *f, const struct reg *r, u32 offset, u32 width, u64 value)
{
	u32 at = (offset - r->from) * 8, n = width * 8 / r->bits;

	if (r->kind == ROUTE) {
		if (exists(f, at / 64))
			set_route(&want, at / 64 - VGIC_PRIVATE, value << at % 64,
				  low_bits(width * 8) << at % 64);
		return;
	}
	for (u32 i = 0; i < n; i++)
		if (exists(f, at / r->bits + i))
			set(&want, r, at / r->bits + i, value >> i * r->bits);
}

/* ---- Both beside each other ------------------------------------------------------------------ */

static void random_bank(struct vgic_bank *b, u32 is)
{
	b->group = (u32)tap_random(&seed) & is;
	b->enabled = (u32)tap_random(&seed) & is;
	b->latch = (u32)tap_random(&seed) & is;
	b->line = (u32)tap_random(&seed) & is;
	b->active = (u32)tap_random(&seed) & is;
	b->edge = (u32)tap_random(&seed) & is;
	for (u32 i = 0; i < 32; i++)
		b->priority[i] = is >> i & 1 ? tap_random(&seed) & 0xf8 : 0;
}

/* What each write must leave: an interrupt is let through if it is enabled and its group is. */
static void open_up(struct vgic *of)
{
	for (u32 intid = 0; intid < VGIC_INTIDS; intid++)
		for (u32 cpu = 0; cpu < (intid < VGIC_PRIVATE ? CPUS : 1); cpu++) {
			struct vgic_bank *b = intid < VGIC_PRIVATE ? &of->cpu[cpu].private
								   : &of->spi[intid / 32 - 1];
			u32 bit = 1u << intid % 32, group = b->group >> intid % 32 & 1;

			b->open &= ~bit;
			if ((b->enabled & bit) && (of->forward >> group & 1))
				b->open |= bit;
		}
}

static void random_state(void)
{
	vgic_reset(&g, CPUS, owned);
	g.forward = tap_random(&seed) & 3;
	for (u32 i = 0; i < CPUS; i++) {
		random_bank(&g.cpu[i].private, ~0u);
		g.cpu[i].private.edge |= 0xffff;
		g.cpu[i].asleep = tap_random(&seed) & 1;
	}
	for (u32 i = 0; i < VGIC_SPIS / 32; i++)
		random_bank(&g.spi[i], owned[i]);
	open_up(&g);
	want = g;
}

/* The first difference is told once, not at each offset behind it. */
static bool differs(u32 offset, u32 width)
{
	open_up(&want);
	if (memcmp(&g, &want, sizeof(g)) == 0)
		return false;
	tap_note("at or before offset 0x%x, width %u", offset, width);
	EXPECT(!"what a write leaves is what the reference makes of it");
	return true;
}

/* Reads and writes one offset; false where the two differ. */
static bool try_dist(u32 offset, u32 width, u64 fixed)
{
	const struct reg *r = find(&dist, offset, width);
	u64 value = tap_random(&seed), is = r ? ref_read(&dist, r, offset, width) : fixed;

	if (vgic_dist_read(&g, offset, width) != is) {
		tap_note("offset 0x%x, width %u", offset, width);
		EXPECT_EQ(vgic_dist_read(&g, offset, width), is);
		return false;
	}
	vgic_dist_write(&g, offset, width, value);
	if (r)
		ref_write(&dist, r, offset, width, value);
	if (offset == 0 && width == 4)
		want.forward = value & 3;
	return (!r && offset % STEP) || !differs(offset, width);
}

static u64 dist_fixed(u32 offset)
{
	switch (offset) {
	case 0: return 0x50 | g.forward;
	case 4: return 0x03480002; /* No1N, A3V, ten bits of INTID, 96 of them */
	case 8: return 0x0054043b;
	case 0xffe8: return 0x3b;
	default: return 0;
	}
}

static void every_offset_of_the_distributor(void)
{
	for (size_t w = 0; w < ARRAY_SIZE(widths); w++) {
		random_state();
		for (u32 at = 0; at < GICD_BYTES; at++)
			if (!try_dist(at, widths[w], widths[w] == 4 ? dist_fixed(at) : 0))
				return;
		if (differs(GICD_BYTES, widths[w]))
			return;
	}
}

static u64 redist_fixed(u32 offset, u32 width)
{
	u64 typer = (u64)CPU << 32 | CPU << 8;

	if (offset == 8 && width == 8)
		return typer;
	if (width != 4)
		return 0;
	switch (offset) {
	case 4: return 0x0054043b;
	case 8: return typer & 0xffffffff;
	case 12: return typer >> 32;
	case 0x14: return g.cpu[CPU].asleep ? 6 : 0;
	case 0xffe8: return 0x3b;
	default: return 0;
	}
}

static bool try_redist(u32 offset, u32 width)
{
	bool behind = offset >= VGIC_SGI_BASE;
	const struct reg *r = behind ? find(&sgis, offset - VGIC_SGI_BASE, width) : NULL;
	u64 value = tap_random(&seed), is = behind ? 0 : redist_fixed(offset, width);

	if (r)
		is = ref_read(&sgis, r, offset - VGIC_SGI_BASE, width);
	if (vgic_redist_read(&g, CPU, offset, width) != is) {
		tap_note("offset 0x%x, width %u", offset, width);
		EXPECT_EQ(vgic_redist_read(&g, CPU, offset, width), is);
		return false;
	}
	vgic_redist_write(&g, CPU, offset, width, value);
	if (r)
		ref_write(&sgis, r, offset - VGIC_SGI_BASE, width, value);
	if (offset == 0x14 && width == 4)
		want.cpu[CPU].asleep = (value & 2) != 0;
	return (!r && offset % STEP) || !differs(offset, width);
}

static void every_offset_of_a_redistributor(void)
{
	for (size_t w = 0; w < ARRAY_SIZE(widths); w++) {
		random_state();
		for (u32 at = 0; at < GICR_BYTES; at++)
			if (!try_redist(at, widths[w]))
				return;
		if (differs(GICR_BYTES, widths[w]))
			return;
	}
}

/* Every value of GICD_CTLR's two enables, from each to each. */
static void every_set_of_groups(void)
{
	for (u32 from = 0; from < 4; from++)
		for (u32 to = 0; to < 4; to++) {
			random_state();
			vgic_dist_write(&g, 0, 4, from);
			vgic_dist_write(&g, 0, 4, to);
			want.forward = to;
			if (differs(0, 4))
				return;
		}
}

/* Ones and zeros in every register of both frames, so that no value is left to chance. */
static void ones_and_zeros(void)
{
	for (u32 round = 0; round < 4; round++)
		for (size_t i = 0; i < ARRAY_SIZE(regs); i++)
			for (u32 at = regs[i].from; at < regs[i].to; at += 4) {
				u64 value = round % 2 ? ~0UL : 0;
				const struct frame *f = round < 2 ? &dist : &sgis;
				const struct reg *r = find(f, at, 4);

				if (at % 0x80 == 0)
					random_state();
				if (f->private)
					vgic_redist_write(&g, CPU, VGIC_SGI_BASE + at, 4, value);
				else
					vgic_dist_write(&g, at, 4, value);
				if (r)
					ref_write(f, r, at, 4, value);
				if (differs(at, 4))
					return;
			}
}

#define SGI1R_RESERVED (BITS(63, 56) | BITS(43, 41) | BITS(31, 28))

/* Every value of each field of ICC_SGI1R, one field at a time, the others as they should be. */
static void every_field_of_an_sgi(void)
{
	const u64 all = (1u << CPUS) - 1, plain = 5UL << 24 | all;

	for (u32 from = 0; from < CPUS; from++) {
		random_state();
		EXPECT_EQ(vgic_send_sgi(&g, from, plain), all);
		for (u64 x = 1; x < 256; x++) {
			EXPECT_EQ(vgic_send_sgi(&g, from, plain | x << 16), 0);
			EXPECT_EQ(vgic_send_sgi(&g, from, plain | x << 32), 0);
			EXPECT_EQ(vgic_send_sgi(&g, from, plain | x << 48), 0);
		}
		for (u64 rs = 1; rs < 16; rs++)
			EXPECT_EQ(vgic_send_sgi(&g, from, plain | rs << 44), 0);
		for (u32 bit = 0; bit < 64; bit++)
			if (SGI1R_RESERVED >> bit & 1)
				EXPECT_EQ(vgic_send_sgi(&g, from, plain | 1UL << bit), all);
		/* To all others: whatever else is named, and not to oneself. */
		EXPECT_EQ(vgic_send_sgi(&g, from, BIT(40) | 0xff00ffUL << 16 | all),
			  all & ~(1u << from));
		EXPECT(vgic_check(&g) == NULL);
	}
	for (u32 intid = 0; intid < 16; intid++) {
		vgic_reset(&g, CPUS, owned);
		want = g;
		vgic_send_sgi(&g, 0, (u64)intid << 24 | 1u << CPU);
		want.cpu[CPU].private.latch = 1u << intid;
		EXPECT(memcmp(&g, &want, sizeof(g)) == 0);
		want.cpu[CPU].private.latch = g.cpu[CPU].private.latch = 0;
		want.cpu[CPU].private.group = g.cpu[CPU].private.group = 1u << intid;
		EXPECT_EQ(vgic_send_sgi0(&g, 0, (u64)intid << 24 | 1u << CPU), 0);
		EXPECT(memcmp(&g, &want, sizeof(g)) == 0);
		EXPECT_EQ(vgic_send_sgi0(&g, 0, (u64)(intid ^ 1) << 24 | 1u << CPU), 1u << CPU);
		want.cpu[CPU].private.latch = 1u << (intid ^ 1);
		EXPECT(memcmp(&g, &want, sizeof(g)) == 0);
	}
}

TESTS(T(every_offset_of_the_distributor), T(every_offset_of_a_redistributor),
      T(every_set_of_groups), T(ones_and_zeros), T(every_field_of_an_sgi))
