/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An interrupt after every single instruction of caches and kmalloc(), as mm_interrupt.c has it for
 * pages: its handler takes and gives objects of the very caches it interrupts, unless the CPU is
 * pinned.
 */
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "include/check.h"
#include "mm/slab.h"
#include "tests/harness/objects.h"
#include "tests/harness/tap.h"

enum { TRAP_FLAG = 0x100, KEPT = 100, TAKEN = 70 };

static struct cache c;
static u8 *kept[KEPT];
static u32 kept_count;
static volatile bool stepping;
static u64 interrupts, masked, seed;

static u8 *take(u64 n)
{
	u8 *object = n % 2 ? cache_alloc(&c, GFP_ATOMIC) : kmalloc(100, GFP_ATOMIC);

	CHECK(object != NULL);
	memset(object, 0x40, 64);
	return object;
}

static void give(u8 *object)
{
	for (u32 i = 0; i < 64; i++)
		CHECK(object[i] == 0x40);
	object[0] = 0;
	kfree(object);
}

static void interrupt(void)
{
	if (kept_count < KEPT && tap_random(&seed) % 2)
		kept[kept_count++] = take(tap_random(&seed));
	else if (kept_count > 0)
		give(kept[--kept_count]);
	interrupts++;
}

static void on_trap(int signal_number, siginfo_t *info, void *context)
{
	ucontext_t *at = context;

	(void)signal_number;
	(void)info;
	if (!stepping)
		at->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
	else if (mm_port_pins == 0)
		interrupt();
	else
		masked++;
}

static void step_on(void)
{
	stepping = true;
	__asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" : : : "memory", "cc");
}

/* The next trap clears the flag. */
static void step_off(void)
{
	stepping = false;
	__asm__ volatile("nop" : : : "memory");
}

static void one_round(u32 round)
{
	u8 *taken[TAKEN];

	step_on();
	for (u32 n = 0; n < TAKEN; n++)
		taken[n] = take(n + round);
	for (u32 n = 0; n < TAKEN; n++)
		give(taken[n]);
	if (round == 1)
		cache_shrink(&c);
	step_off();
	objects_expect_sound();
}

static void every_instruction_can_be_interrupted(void)
{
	const struct cache_config config = { .name = "c", .size = 64 };
	struct cache_stats stats;
	struct sigaction action;
	u64 before;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_trap;
	action.sa_flags = SA_SIGINFO;
	CHECK(sigaction(SIGTRAP, &action, NULL) == 0);
	seed = 5;
	objects_open(&(struct objects_machine){ .frames = 0 });
	before = objects_free();
	CHECK(cache_init(&c, &objects_mm, &config) == OK);
	for (u32 round = 0; round < 2; round++)
		one_round(round);
	while (kept_count > 0)
		give(kept[--kept_count]);
	tap_note("%lu interrupts, %lu kept out", interrupts, masked);
	EXPECT(interrupts > 10000 && masked > 5000);
	cache_stats(&c, &stats);
	EXPECT_EQ(stats.in_use, 0);
	EXPECT_EQ(cache_destroy(&c), OK);
	objects_shrink();
	EXPECT_EQ(objects_free(), before);
	objects_expect_sound();
}

TESTS(T(every_instruction_can_be_interrupted))
