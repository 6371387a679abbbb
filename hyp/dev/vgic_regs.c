/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of the emulated distributor and redistributors.
 * 1. Every access ends in a bank of 32 interrupts, with a mask of those that exist; the bits of
 *    others read as zero and ignore writes.
 * 2. No offset, width or value does anything else: what is not named here is RAZ/WI.
 * 3. A write that changes groups, enables or what is forwarded leaves each bank's `open` right.
 */
#include "hyp/dev/vgic.h"
#include "hyp/dev/vgic_bank.h"
#include "include/bits.h"

enum {
	GICD_CTLR = 0x0000,
	GICD_TYPER = 0x0004,
	GICD_IIDR = 0x0008,
	GICD_IROUTER = 0x6000,
	GICD_PIDR2 = 0xffe8,
	GICR_IIDR = 0x0004,
	GICR_TYPER = 0x0008,
	GICR_WAKER = 0x0014,
	GICR_PIDR2 = 0xffe8,
	GICR_SGI_BASE = 0x10000,
	/* Groups of registers that both have, each 0x80 bytes of bits but the last three. */
	IGROUPR = 0x080,
	ISENABLER = 0x100,
	ICENABLER = 0x180,
	ISPENDR = 0x200,
	ICPENDR = 0x280,
	ISACTIVER = 0x300,
	ICACTIVER = 0x380,
	IPRIORITYR = 0x400,
	ITARGETSR = 0x800,
	ICFGR = 0xc00,
	ICFGR_END = 0xd00,
};

#define CTLR_ENABLE_GRPS BITS(1, 0)
#define CTLR_ARE BIT(4)
#define CTLR_DS BIT(6)
#define TYPER_LINES BITS(4, 0)
#define TYPER_ID_BITS BITS(23, 19)
#define TYPER_A3V BIT(24)
#define TYPER_NO_1_OF_N BIT(25)
#define IIDR_VALUE 0x0054043bUL /* product 0, revision 5, Arm's implementer code */
#define PIDR2_GICV3 0x3bUL
#define WAKER_SLEEP BIT(1)
#define WAKER_CHILDREN_ASLEEP BIT(2)
#define GICR_TYPER_LAST BIT(4)
#define GICR_TYPER_NUMBER BITS(23, 8)
#define ROUTER_AFFINITY (BITS(39, 32) | BITS(23, 0))

/* A bank and what of it exists. */
struct view {
	const struct vgic_bank *bank;
	u32 exists;
	bool private;
};

/* ICFGR: two bits an interrupt, the upper one says edge. */
static u32 read_config(const struct view *v, u32 half)
{
	u32 value = 0;

	for (u32 i = 0; i < 16; i++)
		if (v->bank->edge & v->exists & 1u << (half * 16 + i))
			value |= 2u << (2 * i);
	return value;
}

static u32 read_bits(const struct view *v, u32 group)
{
	const struct vgic_bank *b = v->bank;

	switch (group) {
	case IGROUPR: return b->group & v->exists;
	case ISENABLER:
	case ICENABLER: return b->enabled & v->exists;
	case ISPENDR:
	case ICPENDR: return vgic_bank_pending(b) & v->exists;
	case ISACTIVER:
	case ICACTIVER: return b->active & v->exists;
	default: return 0;
	}
}

static u64 read_priority(const struct view *v, u32 first, u32 size)
{
	u64 value = 0;

	for (u32 i = 0; i < size; i++)
		if (v->exists & 1u << (first + i))
			value |= (u64)v->bank->priority[first + i] << (8 * i);
	return value;
}

static void write_config(struct vgic_bank *b, u32 exists, u32 half, u32 value)
{
	for (u32 i = 0; i < 16; i++) {
		u32 bit = 1u << (half * 16 + i);

		if (!(exists & bit))
			continue;
		if (value & 2u << (2 * i))
			b->edge |= bit;
		else
			b->edge &= ~bit;
	}
}

static void write_bits(struct vgic_bank *b, u32 exists, u32 group, u32 value)
{
	u32 bits = value & exists;

	switch (group) {
	case IGROUPR: b->group = (b->group & ~exists) | bits; break;
	case ISENABLER: b->enabled |= bits; break;
	case ICENABLER: b->enabled &= ~bits; break;
	case ISPENDR: b->latch |= bits; break;
	case ICPENDR: b->latch &= ~bits; break;
	case ISACTIVER: b->active |= bits; break;
	case ICACTIVER: b->active &= ~bits; break;
	default: break;
	}
}

static void write_priority(struct vgic_bank *b, u32 exists, u32 first, u32 size, u64 value)
{
	for (u32 i = 0; i < size; i++)
		if (exists & 1u << (first + i))
			b->priority[first + i] = (u8)(value >> (8 * i)) & VGIC_PRIORITY_MASK;
}

/* The bank that an offset at or above IGROUPR and below ICFGR_END speaks of, and where in it. */
struct place {
	u32 group; /* IGROUPR … ICACTIVER, IPRIORITYR, ICFGR; 0: nothing is there */
	u32 bank;
	u32 first; /* priority: the interrupt within the bank; configuration: which half */
};

static struct place find_place(u32 offset, u32 size)
{
	if (offset >= IGROUPR && offset < IPRIORITYR && size == 4 && is_aligned(offset, 4))
		return (struct place){ offset & ~0x7fu, (offset & 0x7f) / 4, 0 };
	if (offset >= IPRIORITYR && offset < ITARGETSR && (size == 1 || size == 4) &&
	    is_aligned(offset, size))
		return (struct place){ IPRIORITYR, (offset - IPRIORITYR) / 32,
				       (offset - IPRIORITYR) % 32 };
	if (offset >= ICFGR && offset < ICFGR_END && size == 4 && is_aligned(offset, 4))
		return (struct place){ ICFGR, (offset - ICFGR) / 8, (offset - ICFGR) / 4 % 2 };
	return (struct place){ 0, 0, 0 };
}

static u64 read_place(const struct view *v, const struct place *p, u32 size)
{
	if (p->group == IPRIORITYR)
		return read_priority(v, p->first, size);
	if (p->group == ICFGR)
		return read_config(v, p->first);
	return read_bits(v, p->group);
}

static void write_place(struct vgic_bank *b, u32 exists, const struct place *p, u32 size, u64 value,
			u32 forward)
{
	if (p->group == IPRIORITYR)
		write_priority(b, exists, p->first, size, value);
	else if (p->group == ICFGR)
		write_config(b, exists, p->first, (u32)value);
	else
		write_bits(b, exists, p->group, (u32)value);
	b->open = vgic_bank_open(b, forward);
}

static void write_forward(struct vgic *g, u32 groups)
{
	g->forward = groups;
	for (u32 i = 0; i < g->cpus; i++)
		g->cpu[i].private.open = vgic_bank_open(&g->cpu[i].private, groups);
	for (u32 i = 0; i < VGIC_SPIS / 32; i++)
		g->spi[i].open = vgic_bank_open(&g->spi[i], groups);
}

/* IROUTERn: which SPI, and which half a 32-bit access means; false where none is there. */
static bool find_router(const struct vgic *g, u32 offset, u32 size, u32 *spi)
{
	u32 intid = (offset - GICD_IROUTER) / 8;

	if (offset < GICD_IROUTER || intid < VGIC_PRIVATE || intid >= VGIC_INTIDS)
		return false;
	if ((size != 4 && size != 8) || !is_aligned(offset, size))
		return false;
	*spi = intid - VGIC_PRIVATE;
	return (g->owned[*spi / 32] & 1u << *spi % 32) != 0;
}

static void write_router(struct vgic *g, u32 spi, u32 offset, u32 size, u64 value)
{
	u64 mask = size == 8 ? ~0UL : BITS(31, 0) << (offset & 4 ? 32 : 0);
	u64 v = size == 8 ? value : value << (offset & 4 ? 32 : 0);

	g->route[spi] = ((g->route[spi] & ~mask) | (v & mask)) & ROUTER_AFFINITY;
	g->target[spi] = vgic_cpu_at(g, g->route[spi]);
}

static u64 dist_fixed(const struct vgic *g, u32 offset)
{
	switch (offset) {
	case GICD_CTLR: return CTLR_ARE | CTLR_DS | put(CTLR_ENABLE_GRPS, g->forward);
	case GICD_TYPER:
		return put(TYPER_LINES, VGIC_INTIDS / 32 - 1) | put(TYPER_ID_BITS, 9) | TYPER_A3V |
		       TYPER_NO_1_OF_N;
	case GICD_IIDR: return IIDR_VALUE;
	case GICD_PIDR2: return PIDR2_GICV3;
	default: return 0;
	}
}

u64 vgic_dist_read(const struct vgic *g, u32 offset, u32 size)
{
	struct place p;
	u32 spi;

	if (offset < IGROUPR)
		return size == 4 ? dist_fixed(g, offset) : 0;
	p = find_place(offset, size);
	if (p.group && p.bank >= 1 && p.bank <= VGIC_SPIS / 32) {
		struct view v = { &g->spi[p.bank - 1], g->owned[p.bank - 1], false };

		return read_place(&v, &p, size);
	}
	if (find_router(g, offset, size, &spi))
		return size == 8 ? g->route[spi]
				 : g->route[spi] >> (offset & 4 ? 32 : 0) & BITS(31, 0);
	return size == 4 ? dist_fixed(g, offset) : 0;
}

/* What becomes active by hand has been acknowledged by nobody. */
static void forget_who(struct vgic *g, u32 bank, u32 bits)
{
	for (u32 rest = bits & ~g->spi[bank].active; rest; rest &= rest - 1)
		g->acknowledged[bank * 32 + (u32)__builtin_ctz(rest)] = VGIC_NOBODY;
}

void vgic_dist_write(struct vgic *g, u32 offset, u32 size, u64 value)
{
	struct place p = find_place(offset, size);
	bool is_spi = p.group && p.bank >= 1 && p.bank <= VGIC_SPIS / 32;
	u32 spi;

	if (is_spi && p.group == ISACTIVER)
		forget_who(g, p.bank - 1, (u32)value);
	if (is_spi)
		write_place(&g->spi[p.bank - 1], g->owned[p.bank - 1], &p, size, value, g->forward);
	else if (find_router(g, offset, size, &spi))
		write_router(g, spi, offset, size, value);
	else if (offset == GICD_CTLR && size == 4)
		write_forward(g, (u32)get(CTLR_ENABLE_GRPS, value));
}

static u64 redist_typer(const struct vgic *g, u32 cpu)
{
	u64 a = g->cpu[cpu].affinity;
	u64 packed = get(BITS(39, 32), a) << 24 | get(BITS(23, 0), a);

	return packed << 32 | put(GICR_TYPER_NUMBER, cpu) |
	       (cpu + 1 == g->cpus ? GICR_TYPER_LAST : 0);
}

static u64 redist_fixed(const struct vgic *g, u32 cpu, u32 offset, u32 size)
{
	if (offset == GICR_TYPER && size == 8)
		return redist_typer(g, cpu);
	if (size != 4)
		return 0;
	switch (offset) {
	case GICR_IIDR: return IIDR_VALUE;
	case GICR_TYPER: return redist_typer(g, cpu) & BITS(31, 0);
	case GICR_TYPER + 4: return redist_typer(g, cpu) >> 32;
	case GICR_WAKER: return g->cpu[cpu].asleep ? WAKER_SLEEP | WAKER_CHILDREN_ASLEEP : 0;
	case GICR_PIDR2: return PIDR2_GICV3;
	default: return 0;
	}
}

u64 vgic_redist_read(const struct vgic *g, u32 cpu, u32 offset, u32 size)
{
	const struct view v = { &g->cpu[cpu].private, ~0u, true };
	struct place p;

	if (offset < GICR_SGI_BASE)
		return redist_fixed(g, cpu, offset, size);
	p = find_place(offset - GICR_SGI_BASE, size);
	return p.group && p.bank == 0 ? read_place(&v, &p, size) : 0;
}

void vgic_redist_write(struct vgic *g, u32 cpu, u32 offset, u32 size, u64 value)
{
	struct vgic_cpu *c = &g->cpu[cpu];
	struct place p;

	if (offset == GICR_WAKER && size == 4)
		c->asleep = (value & WAKER_SLEEP) != 0;
	if (offset < GICR_SGI_BASE)
		return;
	p = find_place(offset - GICR_SGI_BASE, size);
	if (!p.group || p.bank != 0 || (p.group == ICFGR && p.first == 0))
		return; /* SGIs are edges for good */
	write_place(&c->private, ~0u, &p, size, value, g->forward);
}
