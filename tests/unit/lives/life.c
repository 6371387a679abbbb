/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM's life from its creation: what it takes it gives back, whatever it did meanwhile and
 * wherever its start failed; what it was is in nothing that comes after.
 */
#include "arch/esr.h"
#include "hyp/dev/vdisk.h"
#include "hyp/mem/dirty.h"
#include "hyp/mem/guest_mem.h"
#include "hyp/mem/pool.h"
#include "hyp/vm/geometry.h"
#include "include/bits.h"
#include "lib/str.h"
#include "mm/gfp.h"
#include "s2/fault.h"
#include "tests/harness/tap.h"
#include "tests/lives/machine.h"
#include "tests/lives/parts.h"

enum { PAGE = 4096, RAM = 4 << 20, BLOCK = 2 << 20, MARK = MACHINE_SECRET };

static char why[VM_WHY];
static const struct machine_config usual = { .line = 64, .block = 64 };

static struct vm *open(const char *args)
{
	machine_open(&usual);
	return machine_guest(args);
}

static void touch(struct vm *vm, u64 offset)
{
	EXPECT_EQ(guest_mem_fault_in(vm, mk_ipa(VM_RAM_BASE + offset)), OK);
}

/* A word's worth of bytes in the middle of each page that is mapped. */
static void mark(struct vm *vm)
{
	struct s2_visit v = s2_visit_begin(&vm->s2, mk_ipa(VM_RAM_BASE), RAM);

	while (s2_visit_next(&v))
		for (u64 at = v.leaf.ipa.v; at < v.leaf.ipa.v + v.leaf.size; at += PAGE)
			for (u64 i = 0; i < 8; i++)
				machine_store(vm, at + 0x800 + i, MARK, true);
}

static void stop(struct vm *vm)
{
	u16 vmid = vm->s2.vmid;

	EXPECT(vmid != 0);
	vm_stop(vm, VM_END_CONSOLE);
	EXPECT_EQ(vm->state, VM_STOPPED);
	EXPECT_EQ(machine_find(MARK, 8), 0);
	machine_close();
}

/* ---- What comes back ------------------------------------------------------------------------- */

static void pages_and_spares(void)
{
	struct vm *vm = open("tf.mem=4M tf.leaf=4k");

	for (u64 n = 0; n < 20; n++) {
		EXPECT_EQ(vm_start(vm, why), OK);
		for (u64 i = 0; i < n; i++)
			EXPECT_EQ(guest_mem_fault(vm, mk_ipa(VM_RAM_BASE + 0x200000 + i * PAGE)),
				  OK);
		mark(vm);
		EXPECT(vm_check(vm) == NULL);
		EXPECT(machine_find(MARK, 8) >= n);
		stop(vm);
	}
}

/* Two vCPUs fault on one page: the second finds it mapped, and holds nothing for it. */
static void two_faults_on_one_page(void)
{
	static const char *const args[] = { "tf.mem=4M tf.leaf=4k", "tf.mem=4M tf.leaf=2m",
					    "tf.mem=4M tf.granule=64k tf.leaf=64k" };

	for (size_t i = 0; i < ARRAY_SIZE(args); i++) {
		struct vm *vm = open(args[i]);
		u64 held;

		EXPECT_EQ(vm_start(vm, why), OK);
		EXPECT_EQ(guest_mem_fault(vm, mk_ipa(VM_RAM_BASE + RAM - PAGE)), OK);
		held = vm->taken + vm->spares;
		EXPECT_EQ(guest_mem_fault(vm, mk_ipa(VM_RAM_BASE + RAM - 1)), OK);
		EXPECT_EQ(vm->taken + vm->spares, held - (vm->config.leaf == PAGE));
		EXPECT(vm_check(vm) == NULL);
		mark(vm);
		stop(vm);
	}
}

static void all_of_it(void)
{
	static const char *const args[] = {
		"tf.mem=4M tf.leaf=4k tf.populate=eager",
		"tf.mem=4M tf.leaf=2m tf.populate=eager",
		"tf.mem=4M tf.granule=16k tf.leaf=2m tf.populate=eager",
		"tf.mem=4M tf.granule=64k tf.leaf=64k tf.populate=eager",
	};

	for (size_t i = 0; i < ARRAY_SIZE(args); i++) {
		struct vm *vm = open(args[i]);

		EXPECT_EQ(vm_start(vm, why), OK);
		EXPECT(vm->taken >= RAM / PAGE && vm->taken <= vm->reserved);
		mark(vm);
		EXPECT_EQ(machine_find(MARK, 8), RAM / PAGE);
		stop(vm);
	}
}

/* Leaves that are part of a block, after a log by pages: each block goes back once, and whole. */
static void blocks_in_pieces(void)
{
	struct vm *vm = open("tf.mem=4M tf.leaf=2m tf.populate=eager");
	u64 count;

	for (u32 round = 0; round < 2; round++) {
		EXPECT_EQ(vm_start(vm, why), OK);
		EXPECT_EQ(dirty_start(vm, S2_GRAIN_PAGE), OK);
		for (u64 i = 0; i < 9; i++)
			EXPECT_EQ(dirty_write(vm, mk_ipa(VM_RAM_BASE + i * 0x33000)), OK);
		EXPECT_EQ(dirty_harvest(vm, &count), OK);
		EXPECT_EQ(count, 9);
		EXPECT(vm_check(vm) == NULL);
		mark(vm);
		if (round == 0) {
			EXPECT_EQ(dirty_stop(vm), OK);
			machine_mark(); /* with what kmalloc() keeps of the bitmaps */
			vm_stop(vm, VM_END_CONSOLE);
			machine_mark();
		} else {
			stop(vm); /* and the log with it */
			EXPECT(vm->dirty.bits == NULL && vm->dirty.found == NULL);
		}
	}
}

/* All that was written to a disk is gone with the VM, and is not in the pool. */
static void a_disk(void)
{
	struct vm *vm = open("tf.mem=4M tf.leaf=4k tf.disk=1M");
	u8 sector[512];

	memset(sector, MARK, sizeof(sector));
	for (u32 round = 0; round < 3; round++) {
		u64 before = machine_taken();

		EXPECT_EQ(vm_start(vm, why), OK);
		for (u64 at = 0; at < 1 << 20; at += 65536 - 512)
			EXPECT(vdisk_write(&vm->disk.disk, at, sector, 512) == 512);
		EXPECT(machine_taken() > before + 16);
		EXPECT(machine_find(MARK, 512) >= 16);
		stop(vm);
		EXPECT(vdisk_read(&vm->disk.disk, 0, sector + 8, 8) == 8 && sector[8] == 0);
		sector[8] = MARK;
		memset(sector, MARK, sizeof(sector));
	}
}

/* ---- Where a start fails --------------------------------------------------------------------- */

/*
 * The first takes of several frames fail in turn, and some of the others; whatever was begun is
 * undone, and the next works.
 */
static void takes_that_fail(void)
{
	static const char *const args[] = {
		"tf.mem=4M tf.granule=16k tf.leaf=2m tf.populate=eager",
		"tf.mem=4M tf.granule=64k tf.leaf=64k tf.populate=eager",
		"tf.mem=4M tf.granule=16k tf.leaf=16k",
	};

	for (size_t i = 0; i < ARRAY_SIZE(args); i++) {
		struct vm *vm = open(args[i]);
		enum err e = ERR_NOMEM;
		u64 k;

		for (k = 1; e != OK && k < 2000; k += k < 9 ? 1 : 11) {
			machine_fail_takes(k);
			e = vm_start(vm, why);
			if (e == OK)
				break;
			EXPECT_EQ(vm->state, VM_STOPPED);
			EXPECT(strstr(why, vm->config.name) == why);
			machine_close();
		}
		EXPECT(k > 2);
		machine_fail_takes(0);
		stop(vm);
		EXPECT_EQ(vm_start(vm, why), OK);
		stop(vm);
	}
}

/* A fault that finds no frames in a row: nothing is held for it. */
static void a_fault_that_fails(void)
{
	struct vm *vm = open("tf.mem=4M tf.granule=64k tf.leaf=64k");
	u64 taken;

	EXPECT_EQ(vm_start(vm, why), OK);
	for (u64 k = 1; k < 3; k++) {
		taken = machine_taken();
		machine_fail_takes(1);
		EXPECT_EQ(guest_mem_fault_in(vm, mk_ipa(VM_RAM_BASE + RAM - PAGE)), ERR_NOMEM);
		EXPECT_EQ(machine_taken(), taken);
		EXPECT(vm_check(vm) == NULL);
	}
	machine_fail_takes(0);
	touch(vm, RAM - PAGE);
	stop(vm);
}

/* As many VMs as there are VMIDs run; who comes too late holds nothing. */
static void no_vmid(void)
{
	struct vm *vm = open("tf.mem=4M tf.leaf=4k");
	u16 vmid = 0;

	while (s2_vmid_take(&vmids, &vmid) == OK)
		;
	EXPECT_EQ(vmid, 255);
	EXPECT(vm_start(vm, why) != OK);
	EXPECT_EQ(vm->state, VM_STOPPED);
	EXPECT_EQ(machine_taken(), 0);
	s2_vmid_put(&vmids, 7);
	EXPECT_EQ(vm_start(vm, why), OK);
	EXPECT_EQ(vm->s2.vmid, 7);
	vm_stop(vm, VM_END_CONSOLE);
	for (vmid = 1; vmid < 256; vmid++)
		if (vmid != 7)
			s2_vmid_put(&vmids, vmid);
	machine_close();
}

/* The pool, used up by others when it comes to start: what it was promised is there. */
static void a_promise_holds(void)
{
	struct vm *vm = open("tf.mem=4M tf.leaf=2m");
	struct page *head = NULL, *p;
	u64 gone = 0;

	while ((p = alloc_page(GFP_KERNEL))) {
		*(struct page **)page_address(p) = head;
		head = p;
		gone++;
	}
	EXPECT(gone > 1000);
	EXPECT_EQ(vm_start(vm, why), OK);
	for (u64 at = 0; at < RAM; at += PAGE)
		touch(vm, at);
	EXPECT(vm_check(vm) == NULL);
	vm_stop(vm, VM_END_CONSOLE);
	while ((p = head)) {
		head = *(struct page **)page_address(p);
		__free_page(p);
	}
	machine_close();
}

struct list_of_pages {
	struct page *head;
	u64 n;
};

/* Blocks of the order until there is none, the lowest word of each the next one. */
static void take_all(struct list_of_pages *l, unsigned int order)
{
	struct page *p;

	while ((p = alloc_pages(GFP_KERNEL, order))) {
		*(struct page **)page_address(p) = l->head;
		l->head = p;
		l->n++;
	}
}

/* Every `one_in`-th of them, or all (1). */
static void give(struct list_of_pages *l, unsigned int order, u64 one_in)
{
	struct page **link = &l->head;

	for (u64 i = l->n; i; i--) {
		struct page *p = *link;

		if (i % one_in) {
			link = page_address(p);
		} else {
			*link = *(struct page **)page_address(p);
			__free_pages(p, order);
			l->n--;
		}
	}
}

/*
 * A pool in pieces: every other frame is free, as many as the guest was promised, and all that lay
 * in a row is in use. Its pages of 64 KiB are not to be had, nothing is held for them, and when
 * there are frames in a row again there is a page.
 */
static void a_pool_in_pieces(void)
{
	struct vm *vm = open("tf.mem=4M tf.granule=64k tf.leaf=64k");
	struct list_of_pages frames = { 0 }, rows = { 0 };
	u64 at = RAM / 2, taken;

	EXPECT_EQ(vm_start(vm, why), OK);
	take_all(&frames, 0);
	EXPECT(frames.n > 4 * RAM / PAGE);
	give(&frames, 0, 2);
	take_all(&rows, 4);
	/* A row that the watermark kept from us is the guest's. */
	while (at < RAM - 65536 && guest_mem_fault(vm, mk_ipa(VM_RAM_BASE + at)) == OK)
		at += 65536;
	EXPECT(at < RAM / 2 + 4 * 65536);
	EXPECT(machine_free() >= vm->reserved - vm->taken);
	taken = machine_taken();
	for (u64 k = at; k < RAM; k += 65536)
		EXPECT_EQ(guest_mem_fault(vm, mk_ipa(VM_RAM_BASE + k)), ERR_NOMEM);
	EXPECT_EQ(machine_taken(), taken);
	EXPECT(vm_check(vm) == NULL);
	give(&rows, 4, 1);
	touch(vm, at);
	vm_stop(vm, VM_END_CONSOLE);
	give(&frames, 0, 1);
	machine_close();
}

/* ---- What begins and ends -------------------------------------------------------------------- */

/* In a CPU's registers, elsewhere, while it is stopped; the machine judges the order. */
static void stopped_while_it_runs(void)
{
	struct vm *vm = open("tf.mem=4M tf.leaf=4k tf.cpus=3");
	struct parts_counts n;

	EXPECT_EQ(vm_start(vm, why), OK);
	vm->vcpu[0].loaded_on = 1;
	vm->vcpu[2].loaded_on = 3;
	vm->vcpu[2].state = VCPU_WAITING;
	stop(vm);
	n = parts_counts();
	EXPECT_EQ(n.ready, 1);
	EXPECT_EQ(n.unloaded, 2);
	EXPECT_EQ(n.forgotten, 3);
	EXPECT_EQ(n.ended, 1);
	vm_stop(vm, VM_END_OFF); /* again: nothing */
	EXPECT_EQ(vm->end, VM_END_CONSOLE);
	EXPECT_EQ(parts_counts().ended, 1);
	EXPECT_EQ(vm_pause(vm), ERR_BUSY);
	EXPECT_EQ(vm_resume(vm), ERR_BUSY);
	machine_close();
}

static void states(void)
{
	struct vm *vm = open("tf.mem=4M tf.leaf=4k");
	u64 starts;

	EXPECT_EQ(vm_resume(vm), ERR_BUSY);
	EXPECT_EQ(vm_start(vm, why), OK);
	starts = vm->starts;
	EXPECT_EQ(vm_start(vm, why), ERR_BUSY);
	EXPECT_EQ(vm_resume(vm), ERR_BUSY);
	EXPECT_EQ(vm_pause(vm), OK);
	EXPECT_EQ(vm_pause(vm), ERR_BUSY);
	EXPECT_EQ(vm_start(vm, why), ERR_BUSY);
	EXPECT_EQ(vm->starts, starts);
	EXPECT_EQ(vm_resume(vm), OK);
	EXPECT_EQ(vm_pause(vm), OK);
	vm_reset(vm);
	EXPECT(vm->state == VM_RUNNING && parts_counts().times == 2);
	stop(vm);
}

/* ---- What is left of the life before --------------------------------------------------------- */

static u64 bits_of(const void *from, size_t n)
{
	const u8 *bytes = from;
	u64 any = 0;

	for (size_t i = 0; i < n; i++)
		any |= bytes[i];
	return any;
}

/* Registers, devices, interrupts: after a reset as at first, whatever stood there. */
static void nothing_of_the_last_life(void)
{
	static struct vcpu first;
	static struct vgic gic;
	static struct vm before;
	struct vm *vm = open("tf.mem=4M tf.leaf=4k tf.cpus=2 tf.disk=64K");

	EXPECT_EQ(vm_start(vm, why), OK);
	first = vm->vcpu[0];
	gic = vm->gic;
	before = *vm;
	for (u32 i = 0; i < 2; i++) {
		struct vcpu *v = &vm->vcpu[i];

		memset(&v->regs, MARK, sizeof(v->regs));
		memset(&v->el1, MARK, sizeof(v->el1));
		memset(&v->context, MARK, sizeof(v->context));
		memset(&v->debug, MARK, sizeof(v->debug));
		memset(&v->fp, MARK, sizeof(v->fp));
		memset(&v->gic, MARK, sizeof(v->gic));
		memset(&v->pmu, MARK, sizeof(v->pmu));
		v->set_way_next = v->cntp_ctl = v->cntp_cval = MARK;
		v->serror = true;
	}
	memset(&vm->gic, MARK, sizeof(vm->gic));
	memset(vm->trng_key, MARK, sizeof(vm->trng_key));
	memset(&vm->last_fault, MARK, sizeof(vm->last_fault));
	vm->entered = true;
	vm->uart.fifo_count = 7;
	vm->uart.imsc = 0x50;
	memset(&vm->rtc, MARK, sizeof(vm->rtc));
	vm->disk.virtio.status = vm->rng.virtio.status = 15;
	vm->disk.virtio.interrupt = 1;
	vm->disk.virtio.queue.ready = true;
	vm->rng.virtio.queue.ready = true;
	vm_reset(vm);
	EXPECT_EQ(vm->state, VM_RUNNING);
	EXPECT_EQ(memcmp(&vm->vcpu[0], &first, sizeof(first)), 0);
	EXPECT_EQ(memcmp(&vm->gic, &gic, sizeof(gic)), 0);
	EXPECT_EQ(vm->vcpu[1].state, VCPU_OFF);
	EXPECT_EQ(bits_of(&vm->vcpu[1].el1.sp_el0, offsetof(struct el1, sctlr)), 0);
	EXPECT_EQ(bits_of(&vm->vcpu[1].fp, sizeof(struct fp)), 0);
	EXPECT_EQ(bits_of(&vm->vcpu[1].debug, sizeof(struct debug)), 0);
	EXPECT_EQ(bits_of(&vm->vcpu[1].gic, sizeof(struct vgic_if)), 0);
	EXPECT_EQ(vm->vcpu[1].serror, false);
	EXPECT_EQ(memcmp(vm->trng_key, before.trng_key, sizeof(vm->trng_key)), 0);
	EXPECT_EQ(bits_of(&vm->last_fault, sizeof(vm->last_fault)), 0);
	EXPECT(!vm->entered);
	EXPECT_EQ(vm->uart.fifo_count + vm->uart.imsc, 0);
	EXPECT_EQ(memcmp(&vm->rtc, &before.rtc, sizeof(before.rtc)), 0);
	EXPECT_EQ(memcmp(&vm->disk.virtio, &before.disk.virtio, sizeof(before.disk.virtio)), 0);
	EXPECT_EQ(memcmp(&vm->rng.virtio, &before.rng.virtio, sizeof(before.rng.virtio)), 0);
	EXPECT(memcmp(vm->rng.key, before.rng.key, VRNG_KEY) != 0);
	stop(vm);
}

/* Two of them run: who stops takes nothing of the other's. */
static void a_neighbour(void)
{
	struct vm *a = &vms[0], *b = &vms[1];
	u8 image[MACHINE_MODULE];

	for (u64 i = 0; i < sizeof(image); i++)
		image[i] = machine_module(i);
	machine_open(&usual);
	EXPECT_EQ(machine_create("tf.mem=4M tf.leaf=4k", "tf.mem=4M tf.leaf=2m", why), OK);
	EXPECT_EQ(vm_start(b, why), OK);
	machine_store(b, VM_RAM_BASE, MARK, true);
	for (u32 round = 0; round < 5; round++) {
		u64 taken = machine_taken();

		EXPECT_EQ(vm_start(a, why), OK);
		EXPECT(a->s2.vmid != b->s2.vmid);
		touch(a, 0);
		EXPECT_EQ(machine_load(a, VM_RAM_BASE, true), 0);
		vm_stop(a, VM_END_CONSOLE);
		EXPECT_EQ(machine_taken(), taken);
		EXPECT_EQ(machine_load(b, VM_RAM_BASE, true), MARK);
		EXPECT(machine_shows(b, VM_RAM_BASE + 0x80000, image, sizeof(image)));
	}
	vm_stop(b, VM_END_CONSOLE);
	machine_close();
}

/* A shape that the walker does not walk: the guest is refused by name, with how the walk ended. */
static void a_shape_that_is_not_walked(void)
{
	machine_open(&usual);
	parts_walker_ends(PAR_F | put(PAR_FST, 4));
	EXPECT_EQ(machine_create("tf.name=wide tf.mem=4M tf.granule=16k", NULL, why),
		  ERR_UNSUPPORTED);
	EXPECT_STR(why, "wide (tf.granule=16k, tf.ipa=40): the CPU says that it walks such tables, "
			"from level 1, and does not: translation fault");
	machine_close();
	machine_open(&usual);
	parts_walker_ends(1UL << 12);
	EXPECT(machine_create("tf.name=wide tf.mem=4M", NULL, why) == ERR_UNSUPPORTED);
	EXPECT(strstr(why, "and does not: another address"));
	machine_close();
}

TESTS(T(pages_and_spares), T(two_faults_on_one_page), T(all_of_it), T(blocks_in_pieces), T(a_disk),
      T(takes_that_fail), T(a_fault_that_fails), T(no_vmid), T(a_promise_holds),
      T(a_pool_in_pieces), T(stopped_while_it_runs), T(states), T(nothing_of_the_last_life),
      T(a_neighbour), T(a_shape_that_is_not_walked))
