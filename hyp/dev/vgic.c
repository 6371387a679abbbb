/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The emulated GIC's interrupts: what is pending where, and what goes out to list registers.
 * 1. An interrupt's state is either here or out in one vCPU's slot, never in both: vgic_fill()
 *    takes latch and active bit away, vgic_return() gives them back as the guest left them.  An
 *    SPI stays active here too, so that no other vCPU gets it meanwhile, until vgic_end().
 * 2. A level-sensitive interrupt is pending as long as its line is high; its latch is only what
 *    software wrote.
 * 3. What is active stays with the vCPU that has acknowledged it, whose EOI will end it, wherever
 *    the interrupt is routed meanwhile.  It is pending beside that only where it is an edge of that
 *    vCPU's: a level is looked at again at the end.  (The virtual timer's is the hardware's, which
 *    knows no active and pending in a list register that is tied to it.)
 */
#include "hyp/dev/vgic.h"

#include "hyp/dev/vgic_bank.h"
#include "fdt/guest.h"
#include "include/bits.h"
#include "lib/str.h"

enum { BANKS = 1 + VGIC_SPIS / 32 };

#define SGI1R_AFF1 BITS(23, 16)
#define SGI1R_INTID BITS(27, 24)
#define SGI1R_AFF2 BITS(39, 32)
#define SGI1R_IRM BIT(40)
#define SGI1R_RS BITS(47, 44)
#define SGI1R_AFF3 BITS(55, 48)

void vgic_reset(struct vgic *g, u32 cpus, const u32 owned[VGIC_SPIS / 32])
{
	memset(g, 0, sizeof(*g));
	g->cpus = cpus;
	memcpy(g->owned, owned, sizeof(g->owned));
	memset(g->acknowledged, VGIC_NOBODY, sizeof(g->acknowledged));
	for (u32 i = 0; i < cpus; i++) {
		g->cpu[i].affinity = fdt_guest_mpidr(i);
		g->cpu[i].asleep = true;
		g->cpu[i].private.edge = 0xffff;
	}
}

u8 vgic_cpu_at(const struct vgic *g, u64 affinity)
{
	for (u32 i = 0; i < g->cpus; i++)
		if (g->cpu[i].affinity == affinity)
			return (u8)i;
	return VGIC_NOBODY;
}

static struct vgic_bank *bank_of(struct vgic *g, u32 cpu, u32 intid)
{
	return intid < VGIC_PRIVATE ? &g->cpu[cpu].private : &g->spi[intid / 32 - 1];
}

/* Sets the bit in the word, or clears it. */
static void assign(u32 *word, u32 bit, bool on)
{
	*word = on ? *word | bit : *word & ~bit;
}

void vgic_set_line(struct vgic *g, u32 cpu, u32 intid, bool high)
{
	struct vgic_bank *b = bank_of(g, cpu, intid);
	u32 bit = 1u << intid % 32;

	if (high && !(b->line & bit) && (b->edge & bit))
		b->latch |= bit;
	assign(&b->line, bit, high);
}

bool vgic_line(const struct vgic *g, u32 cpu, u32 intid)
{
	const struct vgic_bank *b =
		intid < VGIC_PRIVATE ? &g->cpu[cpu].private : &g->spi[intid / 32 - 1];

	return (b->line & 1u << intid % 32) != 0;
}

u32 vgic_target(const struct vgic *g, u32 intid)
{
	return g->target[intid - VGIC_PRIVATE];
}

/* Whether an SGI to a cluster, given as an affinity, and what of it sgi1r names, goes to a vCPU. */
static always_inline bool sgi_reaches(const struct vgic *g, u32 to, u64 cluster, u64 sgi1r)
{
	u64 a = g->cpu[to].affinity, low = a & 0xff;

	return a - low == cluster && get(SGI1R_RS, sgi1r) == low / 16 && (sgi1r >> low % 16 & 1);
}

static u32 sgi_targets(const struct vgic *g, u32 from, u64 sgi1r)
{
	u64 cluster = get(SGI1R_AFF3, sgi1r) << 32 | get(SGI1R_AFF2, sgi1r) << 16 |
		      get(SGI1R_AFF1, sgi1r) << 8;
	u32 targets = 0;

	if (sgi1r & SGI1R_IRM)
		return ((1u << g->cpus) - 1) & ~(1u << from);
	for (u32 to = 0; to < g->cpus; to++)
		if (sgi_reaches(g, to, cluster, sgi1r))
			targets |= 1u << to;
	return targets;
}

u32 vgic_send_sgi(struct vgic *g, u32 from, u64 sgi1r)
{
	u32 sgi = 1u << get(SGI1R_INTID, sgi1r), targets = sgi_targets(g, from, sgi1r);

	for (u32 rest = targets; rest; rest &= rest - 1)
		g->cpu[__builtin_ctz(rest)].private.latch |= sgi;
	return targets;
}

u32 vgic_send_sgi0(struct vgic *g, u32 from, u64 sgi0r)
{
	u32 sgi = 1u << get(SGI1R_INTID, sgi0r), targets = sgi_targets(g, from, sgi0r);

	for (u32 to = 0; to < g->cpus; to++) {
		struct vgic_bank *b = &g->cpu[to].private;

		if (b->group & sgi)
			targets &= ~(1u << to);
		else if (targets & 1u << to)
			b->latch |= sgi;
	}
	return targets;
}

/* The SPIs of a bank that are routed to a vCPU. */
static u32 routed(const struct vgic *g, u32 bank, u32 cpu, u32 candidates)
{
	u32 mine = 0;

	for (u32 rest = candidates; rest; rest &= rest - 1) {
		u32 i = (u32)__builtin_ctz(rest);

		if (g->target[bank * 32 + i] == cpu)
			mine |= 1u << i;
	}
	return mine;
}

/* The active SPIs of a bank that a vCPU has: by its acknowledgement, or by hand and their route. */
static u32 active_with(const struct vgic *g, u32 bank, u32 cpu)
{
	u32 mine = 0;

	for (u32 rest = g->spi[bank].active; rest; rest &= rest - 1) {
		u32 i = (u32)__builtin_ctz(rest), by = g->acknowledged[bank * 32 + i];

		if ((by == VGIC_NOBODY ? g->target[bank * 32 + i] : by) == cpu)
			mine |= 1u << i;
	}
	return mine;
}

bool vgic_wants(const struct vgic *g, u32 cpu)
{
	if (vgic_bank_deliverable(&g->cpu[cpu].private))
		return true;
	for (u32 i = 0; i < VGIC_SPIS / 32; i++)
		if (routed(g, i, cpu, vgic_bank_deliverable(&g->spi[i])))
			return true;
	return false;
}

/* The candidates that fill looks at, a word a bank. */
struct candidates {
	u32 word[BANKS];
};

static struct candidates active_ones(const struct vgic *g, u32 cpu)
{
	struct candidates c = { { g->cpu[cpu].private.active } };

	for (u32 i = 0; i < VGIC_SPIS / 32; i++)
		c.word[i + 1] = active_with(g, i, cpu);
	return c;
}

static struct candidates deliverable_ones(const struct vgic *g, u32 cpu)
{
	struct candidates c = { { vgic_bank_deliverable(&g->cpu[cpu].private) } };

	for (u32 i = 0; i < VGIC_SPIS / 32; i++)
		c.word[i + 1] = routed(g, i, cpu, vgic_bank_deliverable(&g->spi[i]));
	return c;
}

/* The candidates that are of these groups. */
static struct candidates of_groups(struct vgic *g, u32 cpu, const struct candidates *c, u32 groups)
{
	struct candidates of = *c;

	for (u32 bank = 0; bank < BANKS; bank++) {
		u32 group1 = bank_of(g, cpu, bank * 32)->group;

		of.word[bank] &=
			(groups & VGIC_GROUP0 ? ~group1 : 0) | (groups & VGIC_GROUP1 ? group1 : 0);
	}
	return of;
}

static bool is_any(const struct candidates *c)
{
	u32 any = 0;

	for (u32 bank = 0; bank < BANKS; bank++)
		any |= c->word[bank];
	return any != 0;
}

/* Every bit of a priority counts, in either group. */
static const u8 whole[2] = { 0xff, 0xff };

/*
 * The candidate of best (lowest) priority, lowest INTID among equals; VGIC_INTIDS for none.  Of a
 * priority only the bits of its group's mask count.
 */
static u32 best(struct vgic *g, u32 cpu, const struct candidates *c, const u8 mask[2])
{
	u32 found = VGIC_INTIDS, priority = 0x100;

	for (u32 bank = 0; bank < BANKS; bank++)
		for (u32 rest = c->word[bank]; rest; rest &= rest - 1) {
			u32 i = (u32)__builtin_ctz(rest);
			const struct vgic_bank *b = bank_of(g, cpu, bank * 32);
			u32 counts = b->priority[i] & mask[b->group >> i & 1];

			if (counts < priority) {
				priority = counts;
				found = bank * 32 + i;
			}
		}
	return found;
}

/*
 * Puts an interrupt of b into a slot, where those of `ready` may be pending, those of `active` are;
 * takes its latch.
 */
static always_inline void take(struct vgic_bank *b, u32 intid, u32 ready, u32 active,
			       struct vgic_slot *slot)
{
	u32 i = intid % 32, bit = 1u << i, pending = ready & bit & (b->edge | ~active);

	slot->intid = (u16)intid;
	slot->priority = b->priority[i];
	slot->group1 = (b->group & bit) != 0;
	slot->pending = pending != 0;
	slot->active = (active & bit) != 0;
	slot->watched = !(b->edge & bit);
	slot->latched = (b->latch & pending) != 0;
	b->latch &= ~pending;
}

/* Whether an interrupt goes to another vCPU than this one. */
static bool goes_elsewhere(const struct vgic *g, u32 cpu, u32 intid)
{
	return intid >= VGIC_PRIVATE && vgic_target(g, intid) != cpu;
}

static u32 take_all(struct vgic *g, u32 cpu, struct candidates *c, struct vgic_slot *slot, u32 n,
		    u32 max)
{
	while (n < max) {
		u32 intid = best(g, cpu, c, whole);
		struct vgic_bank *b;
		bool elsewhere;

		if (intid == VGIC_INTIDS)
			break;
		c->word[intid / 32] &= ~(1u << intid % 32);
		b = bank_of(g, cpu, intid);
		elsewhere = goes_elsewhere(g, cpu, intid);
		take(b, intid, elsewhere ? 0 : vgic_bank_ready(b), b->active, &slot[n]);
		slot[n++].watched |= elsewhere;
		if (intid < VGIC_PRIVATE)
			b->active &= ~(1u << intid);
	}
	return n;
}

no_inline u32 vgic_fill_for(struct vgic *g, u32 cpu, u32 groups, struct vgic_slot *slot, u32 max,
			    u32 *more)
{
	struct candidates active = active_ones(g, cpu), pending = deliverable_ones(g, cpu);
	struct candidates first = pending, last = { { 0 } };
	u32 n = take_all(g, cpu, &active, slot, 0, max && is_any(&pending) ? max - 1 : max);

	if (groups != VGIC_GROUPS) {
		first = of_groups(g, cpu, &pending, groups);
		last = of_groups(g, cpu, &pending, VGIC_GROUPS & ~groups);
	}
	n = take_all(g, cpu, &first, slot, n, max);
	n = take_all(g, cpu, &last, slot, n, max);
	*more = (is_any(&first) || is_any(&last) ? VGIC_MORE_PENDING : 0) |
		(is_any(&active) ? VGIC_MORE_ACTIVE : 0);
	return n;
}

/* At most one of the vCPU's own, and no sign of any SPI, is the usual case, and has no order. */
u32 vgic_fill(struct vgic *g, u32 cpu, struct vgic_slot *slot, u32 max, u32 *more)
{
	struct vgic_bank *b = &g->cpu[cpu].private;
	u32 ready = vgic_bank_ready(b), bits = b->active | ready, spis = 0;

	for (u32 i = 0; i < VGIC_SPIS / 32; i++)
		spis |= g->spi[i].active | g->spi[i].latch | g->spi[i].line;
	if (unlikely(spis || (bits & (bits - 1)) || !max))
		return vgic_fill_for(g, cpu, VGIC_GROUPS, slot, max, more);
	*more = 0;
	if (!bits)
		return 0;
	if (likely(!b->active)) {
		take(b, (u32)__builtin_ctz(bits), ~0u, 0, slot);
	} else {
		take(b, (u32)__builtin_ctz(bits), ready, b->active, slot);
		b->active = 0;
	}
	return 1;
}

void vgic_return(struct vgic *g, u32 cpu, const struct vgic_slot *slot)
{
	struct vgic_bank *b = bank_of(g, cpu, slot->intid);
	u32 bit = 1u << slot->intid % 32;

	assign(&b->active, bit, slot->active);
	if (slot->intid >= VGIC_PRIVATE && slot->active)
		g->acknowledged[slot->intid - VGIC_PRIVATE] = (u8)cpu;
	if (slot->pending && (slot->latched || (b->edge & bit)))
		b->latch |= bit;
}

void vgic_end(struct vgic *g, u32 intid)
{
	g->spi[intid / 32 - 1].active &= ~(1u << intid % 32);
}

u32 vgic_end_one(struct vgic *g, u32 cpu, const struct vgic_slot *out, u32 n, const u8 mask[2])
{
	struct candidates active = active_ones(g, cpu);
	u32 intid;

	for (u32 i = 0; i < n; i++)
		active.word[out[i].intid / 32] &= ~(1u << out[i].intid % 32);
	intid = best(g, cpu, &active, mask);
	if (intid != VGIC_INTIDS)
		bank_of(g, cpu, intid)->active &= ~(1u << intid % 32);
	return intid;
}

bool vgic_deactivate(struct vgic *g, u32 cpu, u32 intid)
{
	u32 bit = 1u << intid % 32;
	struct vgic_bank *b;

	if (intid >= VGIC_INTIDS)
		return false;
	b = bank_of(g, cpu, intid);
	if (!(b->active & bit))
		return false;
	b->active &= ~bit;
	return true;
}

const char *vgic_check(const struct vgic *g)
{
	if (g->cpus == 0 || g->cpus > VGIC_MAX_CPUS)
		return "the number of its vCPUs is out of range";
	for (u32 i = 0; i < VGIC_SPIS / 32; i++) {
		const struct vgic_bank *b = &g->spi[i];

		if ((b->enabled | b->latch | b->active | b->group) & ~g->owned[i])
			return "an interrupt that does not exist has state";
		if (b->open != vgic_bank_open(b, g->forward))
			return "an SPI is let through by other rules than its group and enable";
	}
	for (u32 i = 0; i < g->cpus; i++)
		if (g->cpu[i].private.open != vgic_bank_open(&g->cpu[i].private, g->forward))
			return "a private interrupt is let through by other rules";
	for (u32 i = 0; i < VGIC_SPIS; i++)
		if (g->target[i] != VGIC_NOBODY && g->target[i] >= g->cpus)
			return "an SPI goes to a vCPU that does not exist";
	for (u32 i = 0; i < VGIC_SPIS; i++)
		if (g->acknowledged[i] != VGIC_NOBODY && g->acknowledged[i] >= g->cpus)
			return "an SPI is active for a vCPU that does not exist";
	return NULL;
}
