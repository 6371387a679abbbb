/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The emulated GIC: what its registers are for, and what becomes of interrupts between devices,
 * list registers and guests (every offset at every width: t_vgic_regs).  vgic_check() holds
 * after each step.
 */
#include "tests/harness/vgic.h"

/* ---- Registers ------------------------------------------------------------------------------- */

static void what_it_says_of_itself(void)
{
	reset();
	EXPECT_EQ(vgic_dist_read(&g, 0, 4), 1u << 6 | 1u << 4 | 1u << 1);
	for (u64 groups = 0; groups < 4; groups++) {
		vgic_dist_write(&g, 0, 4, ~3UL | groups);
		EXPECT_EQ(vgic_dist_read(&g, 0, 4), 1u << 6 | 1u << 4 | groups);
	}
	EXPECT_EQ(get(BITS(4, 0), vgic_dist_read(&g, 4, 4)), VGIC_INTIDS / 32 - 1);
	EXPECT_EQ(vgic_dist_read(&g, 4, 4) & BIT(17), 0); /* no LPIs */
	EXPECT_EQ(get(BITS(7, 4), vgic_dist_read(&g, 0xffe8, 4)), 3);
	for (u32 cpu = 0; cpu < CPUS; cpu++) {
		u64 typer = vgic_redist_read(&g, cpu, 8, 8);

		EXPECT_EQ(typer >> 32, cpu);
		EXPECT_EQ(get(BITS(23, 8), typer), cpu);
		EXPECT_EQ((typer & BIT(4)) != 0, cpu == CPUS - 1);
		EXPECT_EQ(vgic_redist_read(&g, cpu, 8, 4), typer & BITS(31, 0));
		EXPECT_EQ(vgic_redist_read(&g, cpu, 12, 4), typer >> 32);
	}
	EXPECT_EQ(vgic_redist_read(&g, 1, 0x14, 4), 6);
	vgic_redist_write(&g, 1, 0x14, 4, 0);
	EXPECT_EQ(vgic_redist_read(&g, 1, 0x14, 4), 0);
	EXPECT_EQ(vgic_redist_read(&g, 2, 0x14, 4), 6);
}

static void configuration(void)
{
	reset();
	EXPECT_EQ(vgic_redist_read(&g, 0, SGI + ICFGR, 4), 0xaaaaaaaa);
	vgic_redist_write(&g, 0, SGI + ICFGR, 4, 0);
	EXPECT_EQ(vgic_redist_read(&g, 0, SGI + ICFGR, 4), 0xaaaaaaaa); /* SGIs are edges */
	vgic_redist_write(&g, 0, SGI + ICFGR + 4, 4, ~0u);
	EXPECT_EQ(vgic_redist_read(&g, 0, SGI + ICFGR + 4, 4), 0xaaaaaaaa);
	EXPECT_EQ(vgic_redist_read(&g, 1, SGI + ICFGR + 4, 4), 0);
	vgic_dist_write(&g, ICFGR + 8, 4, ~0u);
	EXPECT_EQ(vgic_dist_read(&g, ICFGR + 8, 4), 2u << 2 * (UART - 32));
	check();
}

/* A guest that sets everything gets only its own. */
static void only_its_own(void)
{
	reset();
	for (u32 at = IGROUPR; at < IPRIORITYR; at += 4)
		if (at < ICENABLER || (at >= ISPENDR && at < ICPENDR))
			vgic_dist_write(&g, at, 4, ~0u);
	check();
	EXPECT_EQ(vgic_dist_read(&g, ISENABLER, 4), 0); /* private ones are not here */
	EXPECT_EQ(vgic_dist_read(&g, ISENABLER + 4, 4), owned[0]);
	EXPECT_EQ(vgic_dist_read(&g, ISPENDR + 4, 4), owned[0]);
	EXPECT_EQ(vgic_dist_read(&g, ISENABLER + 8, 4), 0);
	vgic_dist_write(&g, IROUTER + 8 * STRANGER, 8, 3);
	EXPECT_EQ(vgic_dist_read(&g, IROUTER + 8 * STRANGER, 8), 0);
}

static void routes(void)
{
	reset();
	EXPECT_EQ(vgic_target(&g, UART), 0);
	vgic_dist_write(&g, IROUTER + 8 * UART, 8, 3);
	EXPECT_EQ(vgic_target(&g, UART), 3);
	vgic_dist_write(&g, IROUTER + 8 * UART, 4, 2);
	EXPECT_EQ(vgic_target(&g, UART), 2);
	vgic_dist_write(&g, IROUTER + 8 * UART + 4, 4, 1); /* Aff3 */
	EXPECT_EQ(vgic_target(&g, UART), VGIC_NOBODY);
	EXPECT_EQ(vgic_dist_read(&g, IROUTER + 8 * UART, 8), 1UL << 32 | 2);
	enable(0, UART, 0x80);
	vgic_set_line(&g, 0, UART, true);
	for (u32 cpu = 0; cpu < CPUS; cpu++)
		EXPECT(!vgic_wants(&g, cpu));
	vgic_dist_write(&g, IROUTER + 8 * UART, 8, 1);
	for (u32 cpu = 0; cpu < CPUS; cpu++)
		EXPECT_EQ(vgic_wants(&g, cpu), cpu == 1);
	vgic_dist_write(&g, IROUTER + 8 * UART, 8, ~0UL);
	EXPECT_EQ(vgic_target(&g, UART), VGIC_NOBODY);
	check();
}

/* ---- Delivery -------------------------------------------------------------------------------- */

static void an_edge_is_taken_once(void)
{
	struct vgic_slot slot[SLOTS];
	u32 more;

	reset();
	enable(1, 5, 0x80);
	vgic_send_sgi(&g, 0, 5UL << 24 | 2);
	EXPECT(vgic_wants(&g, 1) && !vgic_wants(&g, 0));
	EXPECT_EQ(fill(1, slot, &more), 1);
	EXPECT(slot[0].intid == 5 && slot[0].pending && !slot[0].active && !more);
	EXPECT(!slot[0].watched);
	EXPECT_EQ(slot[0].priority, 0x80);
	EXPECT(!vgic_wants(&g, 1) && !is_bit(1, ISPENDR, 5));
	vgic_send_sgi(&g, 0, 5UL << 24 | 2); /* again while the first is out */
	give_back(1, &slot[0], false, true);
	EXPECT(is_bit(1, ISACTIVER, 5) && is_bit(1, ISPENDR, 5));
	EXPECT(!vgic_wants(&g, 1)); /* not before its end */
	EXPECT_EQ(fill(1, slot, &more), 1);
	EXPECT(slot[0].active && slot[0].pending);
	give_back(1, &slot[0], true, false);
	EXPECT(vgic_wants(&g, 1));
	EXPECT_EQ(fill(1, slot, &more), 1);
	give_back(1, &slot[0], false, false);
	EXPECT(!vgic_wants(&g, 1));
	EXPECT_EQ(fill(1, slot, &more), 0);
}

static void a_level_follows_its_line(void)
{
	struct vgic_slot slot[SLOTS];
	u32 more;

	reset();
	enable(0, UART, 0x80);
	vgic_set_line(&g, 3, UART, true);
	EXPECT(vgic_line(&g, 0, UART) && is_bit(0, ISPENDR, UART) && vgic_wants(&g, 0));
	vgic_set_line(&g, 0, UART, false);
	EXPECT(!vgic_wants(&g, 0) && !is_bit(0, ISPENDR, UART));
	vgic_set_line(&g, 0, UART, true);
	set_bit(0, ICPENDR, UART);
	EXPECT(vgic_wants(&g, 0)); /* clearing the latch does not lower a line */
	EXPECT_EQ(fill(0, slot, &more), 1);
	EXPECT(slot[0].watched && !slot[0].latched);
	vgic_set_line(&g, 0, UART, false);
	give_back(0, &slot[0], true, false); /* not taken: the line has gone meanwhile */
	EXPECT(!vgic_wants(&g, 0));
	vgic_set_line(&g, 0, UART, true);
	EXPECT_EQ(fill(0, slot, &more), 1);
	give_back(0, &slot[0], false, false); /* ended, the line still high */
	EXPECT(vgic_wants(&g, 0));
	vgic_set_line(&g, 0, UART, false);
	set_bit(0, ISPENDR, UART); /* by software, without a line */
	EXPECT_EQ(fill(0, slot, &more), 1);
	EXPECT(slot[0].latched);
	give_back(0, &slot[0], true, false);
	EXPECT(vgic_wants(&g, 0));
}

/*
 * An active level is not pending as well, wherever it is: what comes after its end is decided then,
 * by its line.  (Of one that is tied to the hardware's, the list register cannot be both.)
 */
static void an_active_level_is_not_pending(void)
{
	static const u32 intids[] = { UART, 27 };
	struct vgic_slot slot[SLOTS];
	u32 more;

	for (size_t i = 0; i < ARRAY_SIZE(intids); i++) {
		reset();
		enable(0, intids[i], 0x80);
		vgic_set_line(&g, 0, intids[i], true);
		EXPECT_EQ(fill(0, slot, &more), 1);
		give_back(0, &slot[0], false, true);
		set_bit(0, ISPENDR, intids[i]);
		EXPECT_EQ(fill(0, slot, &more), 1);
		EXPECT(slot[0].active && !slot[0].pending && slot[0].watched && !more);
		vgic_set_line(&g, 0, intids[i], false);
		give_back(0, &slot[0], false, false);
		EXPECT_EQ(fill(0, slot, &more), 1); /* the latch is as it was */
		EXPECT(slot[0].pending && slot[0].latched && !slot[0].active);
	}
}

/*
 * An SPI that goes to another vCPU while one has it active: that one ends it, then it is the
 * other's.
 */
static void an_active_one_stays_where_it_is(void)
{
	struct vgic_slot slot[SLOTS], other[SLOTS];
	u32 more;

	for (u32 edge = 0; edge < 2; edge++) {
		reset();
		enable(0, UART, 0x80);
		vgic_dist_write(&g, ICFGR + UART / 16 * 4, 4, edge ? 2u << 2 * (UART % 16) : 0);
		vgic_set_line(&g, 0, UART, true);
		EXPECT_EQ(fill(0, slot, &more), 1);
		give_back(0, &slot[0], false, true);
		vgic_dist_write(&g, IROUTER + 8 * UART, 8, 2);
		set_bit(0, ISPENDR, UART);
		EXPECT_EQ(fill(2, slot, &more), 0);
		EXPECT(!vgic_wants(&g, 0) && !vgic_wants(&g, 2));
		EXPECT_EQ(fill(0, slot, &more), 1);
		EXPECT(slot[0].active && !slot[0].pending && slot[0].watched);
		EXPECT(!vgic_wants(&g, 2)); /* nor while it is out */
		EXPECT_EQ(fill(2, other, &more), 0);
		vgic_end(&g, UART);
		EXPECT(!is_bit(0, ISACTIVER, UART) && !vgic_wants(&g, 0) && vgic_wants(&g, 2));
		EXPECT_EQ(fill(0, slot, &more), 0);
		EXPECT_EQ(fill(2, slot, &more), 1);
		EXPECT(slot[0].pending && !slot[0].active);
	}
}

/* The same where it is in no list register: the EOI of who has it counts. */
static void an_end_is_who_has_it(void)
{
	struct vgic_slot slot[SLOTS];
	u32 more;

	reset();
	enable(1, UART, 0x80);
	vgic_dist_write(&g, IROUTER + 8 * UART, 8, 1);
	vgic_set_line(&g, 0, UART, true);
	EXPECT_EQ(fill(1, slot, &more), 1);
	give_back(1, &slot[0], false, true);
	vgic_dist_write(&g, IROUTER + 8 * UART, 8, 3);
	EXPECT_EQ(end_one(3), VGIC_INTIDS);
	EXPECT(is_bit(0, ISACTIVER, UART));
	EXPECT_EQ(end_one(1), UART);
	EXPECT(!is_bit(0, ISACTIVER, UART) && vgic_wants(&g, 3));
	set_bit(0, ISACTIVER, UART); /* by hand it is whose it will be */
	EXPECT_EQ(end_one(1), VGIC_INTIDS);
	vgic_dist_write(&g, IROUTER + 8 * UART, 8, 2);
	set_bit(0, ISACTIVER, UART); /* is active: nothing new */
	EXPECT_EQ(end_one(2), UART);
	vgic_dist_write(&g, IROUTER + 8 * UART, 8, 9);
	set_bit(0, ISACTIVER, UART); /* nobody's */
	for (u32 cpu = 0; cpu < CPUS; cpu++)
		EXPECT_EQ(end_one(cpu), VGIC_INTIDS);
}

static void an_edge_of_a_line_is_latched(void)
{
	reset();
	enable(0, DISK, 0x80);
	vgic_dist_write(&g, ICFGR + DISK / 16 * 4, 4, 2u << 2 * (DISK % 16));
	vgic_set_line(&g, 0, DISK, true);
	vgic_set_line(&g, 0, DISK, false);
	EXPECT(vgic_wants(&g, 0));
	set_bit(0, ICPENDR, DISK);
	EXPECT(!vgic_wants(&g, 0));
	vgic_set_line(&g, 0, DISK, true);
	set_bit(0, ICPENDR, DISK);
	vgic_set_line(&g, 0, DISK, true); /* high already: no edge */
	EXPECT(!vgic_wants(&g, 0));
}

/* What each of the gates holds back: enable, group, forwarding, active. */
static void gates(void)
{
	reset();
	set_bit(0, ISPENDR, 20);
	EXPECT(is_held_back(0));
	enable(0, 20, 0x80);
	EXPECT(vgic_wants(&g, 0));
	set_bit(0, ICENABLER, 20);
	EXPECT(is_held_back(0) && is_bit(0, ISPENDR, 20));
	set_bit(0, ISENABLER, 20);
	vgic_redist_write(&g, 0, SGI + IGROUPR, 4, 0); /* group 0 is not forwarded */
	EXPECT(is_held_back(0));
	vgic_redist_write(&g, 0, SGI + IGROUPR, 4, 1u << 20);
	vgic_dist_write(&g, 0, 4, 0);
	EXPECT(is_held_back(0));
	vgic_dist_write(&g, 0, 4, 2);
	set_bit(0, ISACTIVER, 20);
	EXPECT(!vgic_wants(&g, 0)); /* but it is out there, active */
	set_bit(0, ICACTIVER, 20);
	EXPECT(vgic_wants(&g, 0));
}

/* More than there are list registers: the best of them, lowest INTID among equals. */
static void overflow_by_priority(void)
{
	struct vgic_slot slot[SLOTS];
	static const u16 order[] = { 9, 3, 4, 20, 1, 2 };
	u32 more;

	reset();
	enable(0, 1, 0xa0);
	enable(0, 2, 0xa7); /* five bits: as 0xa0 */
	enable(0, 3, 0x50);
	enable(0, 4, 0x50);
	enable(0, 9, 0);
	enable(0, 20, 0x80);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		set_bit(0, ISPENDR, order[i]);
	EXPECT_EQ(fill(0, slot, &more), SLOTS);
	EXPECT(more);
	for (u32 i = 0; i < SLOTS; i++)
		EXPECT_EQ(slot[i].intid, order[i]);
	for (u32 i = 0; i < SLOTS; i++)
		give_back(0, &slot[i], false, i < 2);
	EXPECT_EQ(fill(0, slot, &more), SLOTS); /* the active ones first */
	EXPECT(!more);
	EXPECT(slot[0].intid == 9 && slot[0].active && slot[1].intid == 3 && slot[1].active);
	EXPECT(slot[2].intid == 1 && slot[3].intid == 2);
	for (u32 i = 0; i < SLOTS; i++)
		give_back(0, &slot[i], false, i < 2);
	end_one(0);
	EXPECT(!is_bit(0, ISACTIVER, 9) && is_bit(0, ISACTIVER, 3));
	end_one(0);
	EXPECT(!is_bit(0, ISACTIVER, 3));
	end_one(0); /* there is nothing to end */
	check();
}

/* While it is out nothing of it is here; who returns nothing has seen its end. */
static void what_is_out_is_not_here(void)
{
	struct vgic_slot slot[SLOTS];
	u32 more;

	reset();
	enable(0, 7, 0x80);
	set_bit(0, ISPENDR, 7);
	set_bit(0, ISACTIVER, 7);
	EXPECT_EQ(fill(0, slot, &more), 1);
	EXPECT(slot[0].active && slot[0].pending);
	EXPECT(!is_bit(0, ISACTIVER, 7) && !is_bit(0, ISPENDR, 7));
	EXPECT(is_held_back(0));
}

/* The last SPI there is, routed to the last vCPU: nobody else has it. */
static void the_last_spi(void)
{
	static const u32 last_owned[VGIC_SPIS / 32] = { 1u << 31, 1u << 31 };
	const u32 last = VGIC_INTIDS - 1;
	struct vgic_slot slot[SLOTS];
	u32 more;

	vgic_reset(&g, CPUS, last_owned);
	vgic_dist_write(&g, 0, 4, 1u << 1);
	enable(0, last, 0x80);
	vgic_dist_write(&g, IROUTER + 8 * last, 8, CPUS - 1);
	vgic_set_line(&g, 0, last, true);
	for (u32 cpu = 0; cpu < CPUS; cpu++) {
		EXPECT_EQ(vgic_wants(&g, cpu), cpu == CPUS - 1);
		EXPECT_EQ(fill(cpu, slot, &more), cpu == CPUS - 1);
	}
	EXPECT_EQ(slot[0].intid, last);
	give_back(CPUS - 1, &slot[0], false, true);
	EXPECT_EQ(fill(0, slot, &more), 0);
}

/* Random devices, guests and CPUs; no interrupt is both here and out, and none is lost. */
static void anything_at_random(void)
{
	u64 state = 5, sent = 0, taken = 0;

	reset();
	for (u32 cpu = 0; cpu < CPUS; cpu++)
		for (u32 i = 0; i < 16; i++)
			enable(cpu, i, (u8)tap_random(&state));
	for (u32 step = 0; step < 20000; step++) {
		u64 r = tap_random(&state);
		u32 cpu = r % CPUS, intid = r >> 8 & 15;
		struct vgic_slot slot[SLOTS];
		u32 more;
		u32 n;

		if (!is_bit(cpu, ISPENDR, intid)) {
			vgic_send_sgi(&g, cpu, (u64)intid << 24 | 1u << cpu);
			sent++;
		}
		cpu = r >> 16 & 3;
		n = fill(cpu, slot, &more);
		for (u32 i = 0; i < n; i++) {
			bool take = slot[i].pending && !slot[i].active && (r >> (20 + i) & 1);

			taken += take;
			give_back(cpu, &slot[i], slot[i].pending && !take,
				  take || (slot[i].active && (r >> (30 + i) & 1)));
		}
	}
	for (u32 cpu = 0; cpu < CPUS; cpu++)
		for (u32 intid = 0; intid < 16; intid++)
			taken += is_bit(cpu, ISPENDR, intid);
	EXPECT_EQ(taken, sent);
	EXPECT(sent > 1000);
}

TESTS(T(what_it_says_of_itself), T(configuration), T(only_its_own), T(routes),
      T(an_edge_is_taken_once), T(a_level_follows_its_line), T(an_active_level_is_not_pending),
      T(an_active_one_stays_where_it_is), T(an_end_is_who_has_it), T(an_edge_of_a_line_is_latched),
      T(gates), T(overflow_by_priority), T(what_is_out_is_not_here), T(the_last_spi),
      T(anything_at_random))
