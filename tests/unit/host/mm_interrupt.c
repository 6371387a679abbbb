/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An interrupt after every single instruction: the host's trap flag stops the program behind each
 * one, and the handler allocates and frees like an interrupt handler would, unless the CPU is
 * pinned.
 */
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "include/check.h"
#include "mm/port.h"
#include "tests/harness/mm_world.h"
#include "tests/harness/tap.h"

enum { TRAP_FLAG = 0x100, KEPT = 40 };

static struct page *kept[KEPT];
static u32 kept_count;
static volatile bool stepping;
static u64 interrupts, masked, seed;

static void interrupt(void)
{
	if (kept_count < KEPT && tap_random(&seed) % 2) {
		unsigned int order = (unsigned int)(tap_random(&seed) % 8 / 7 * 2);
		struct page *p = alloc_pages(GFP_ATOMIC, order);

		if (p)
			kept[kept_count++] = p;
	} else if (kept_count > 0) {
		u64 i = tap_random(&seed) % kept_count;
		struct page *p = kept[i];

		kept[i] = kept[--kept_count];
		__free_pages(p, page_order(p));
	}
	interrupts++;
}

static void on_trap(int signal_number, siginfo_t *info, void *context)
{
	ucontext_t *c = context;

	(void)signal_number;
	(void)info;
	if (!stepping)
		c->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
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

static void every_instruction_can_be_interrupted(void)
{
	struct page *taken[30];
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_trap;
	action.sa_flags = SA_SIGINFO;
	CHECK(sigaction(SIGTRAP, &action, NULL) == 0);
	seed = 5;
	world_open(&(struct world_config){ .base = 0x80000, .frames = 4096, .nodes = 1 });
	for (u32 round = 0; round < 12; round++) {
		u32 n = 0;

		pcp_drain(&world_cpu[0]);
		step_on();
		for (; n < 30; n++)
			taken[n] = alloc_pages(round % 3 ? 0 : __GFP_MOVABLE, n % 16 == 0);
		for (u32 i = 0; i < n; i++)
			if (taken[i])
				__free_pages(taken[i], i % 16 == 0);
		step_off();
		world_check();
	}
	while (kept_count > 0) {
		kept_count--;
		__free_pages(kept[kept_count], page_order(kept[kept_count]));
	}
	tap_note("%lu interrupts, %lu kept out", interrupts, masked);
	EXPECT(interrupts > 10000 && masked > 10000);
	EXPECT_EQ(world_free(), 4096);
	world_check();
}

TESTS(T(every_instruction_can_be_interrupted))
