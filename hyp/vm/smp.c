/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The locks of VMs and what CPUs ask of each other.
 * 1. A CPU that waits for the machine's lock, a VM's, or with all those or none the console's,
 *    serves unload requests meanwhile; one that waits for another waits for nobody who waits for
 *    it.
 * 2. Whoever asks holds the lock of the vCPU's VM, so the one asked does not: it runs the guest or
 *    WFI, which the SGI ends, or it is on its way to wait for a lock and serve.
 * 3. An unloaded vCPU's exit that was not handled is taken back: its PC is at the instruction that
 *    trapped, so that it traps again wherever it runs next.
 */
#include "hyp/vm/smp.h"

#include "abi/hypercall.h"
#include "arch/esr.h"
#include "arch/insn.h"
#include "arch/sysreg.h"
#include "hyp/boot/boot.h"
#include "hyp/boot/panic.h"
#include "hyp/boot/percpu.h"
#include "hyp/dev/gic.h"
#include "hyp/dev/print.h"
#include "hyp/dev/timer.h"
#include "hyp/mem/pool.h"
#include "hyp/vm/firmware.h"
#include "hyp/vm/lock.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/vm.h"
#include "hyp/vm/world.h"
#include "lib/fmt.h"

enum { START_MS = 2000, WHY = 96 };

extern char secondary_entry[];

static struct lock machine = LOCK_INIT(RANK_MACHINE);
static u32 cpus = 1;

static void take_back(struct vcpu *v, enum smp_exit exit)
{
	bool behind = exit == SMP_TRAP && get(ESR_EC, v->regs.esr) == EC_HVC64;

	if (behind || exit == SMP_CALL)
		v->regs.pc -= 4;
}

/*
 * Another CPU, which holds the lock of its VM, waits for what is in this one's registers.  That
 * need not be who runs here: the console may have looked into it, and who runs goes on (sched.c).
 */
static void serve_unload(struct percpu *p)
{
	struct vcpu *v = p->loaded;

	if (p->current == v) {
		take_back(v, p->exit);
		sched_put(v);
	}
	p->exit = SMP_HANDLED;
	world_load(NULL);
}

/*
 * The request is the vCPU's, not this CPU's: it stands as long as the one who asks holds its VM's
 * lock, so a late look at it never takes away somebody nobody has asked for.
 */
static bool is_asked_for(const struct vcpu *v)
{
	return v && __atomic_load_n(&v->unload_request, __ATOMIC_ACQUIRE);
}

static void take_serving(struct percpu *p, struct lock *l)
{
	rank_take(&p->locks, l->rank);
	while (!spin_try(&l->spin))
		while (spin_is_locked(&l->spin)) {
			if (is_asked_for(p->loaded))
				serve_unload(p);
			yield();
		}
}

void smp_lock(struct vm *vm)
{
	take_serving(percpu(), &vm->lock);
}

void smp_unlock(struct vm *vm)
{
	lock_give(&vm->lock);
}

bool smp_enter(struct vcpu *v, enum smp_exit exit)
{
	struct percpu *p = percpu();

	p->exit = exit;
	take_serving(p, &v->vm->lock);
	p->exit = SMP_HANDLED;
	return p->current != NULL;
}

void smp_lock_all(void)
{
	struct percpu *p = percpu();

	take_serving(p, &machine);
	for (u32 i = 0; i < vm_count; i++)
		take_serving(p, &vms[i].lock);
	take_serving(p, &print_lock);
}

void smp_lock_console(void)
{
	take_serving(percpu(), &print_lock);
}

bool smp_enter_all(struct vcpu *v, enum smp_exit exit)
{
	struct percpu *p = percpu();

	p->exit = exit;
	p->reschedule = true; /* so that the scheduler gives back more than one VM's lock */
	lock_give(&v->vm->lock);
	smp_lock_all();
	p->exit = SMP_HANDLED;
	return p->current != NULL;
}

void smp_wait_for_boot(void)
{
	take_serving(percpu(), &machine);
	lock_give(&machine);
}

void smp_release(void)
{
	struct percpu *p = percpu();

	CHECK(p->locks >> (RANK_CONSOLE + 1) == 0);
	if (rank_holds(p->locks, RANK_CONSOLE))
		lock_give(&print_lock);
	for (u32 i = 0; p->locks >> RANK_VM; i++)
		if (rank_holds(p->locks, RANK_VM + i))
			lock_give(&vms[i].lock);
	if (rank_holds(p->locks, RANK_MACHINE))
		lock_give(&machine);
}

static void send(u32 cpu)
{
	gic_send(SMP_SGI, percpu_of(cpu)->mpidr);
}

static u32 loaded_on(const struct vcpu *v)
{
	return __atomic_load_n(&v->loaded_on, __ATOMIC_ACQUIRE);
}

void smp_unload(struct vcpu *v)
{
	u32 cpu = loaded_on(v);

	CHECK(lock_is_mine(&v->vm->lock));
	if (cpu == VCPU_NOWHERE || cpu == percpu()->cpu)
		return;
	__atomic_store_n(&v->unload_request, 1, __ATOMIC_RELEASE);
	send(cpu);
	while (loaded_on(v) != VCPU_NOWHERE)
		yield();
	__atomic_store_n(&v->unload_request, 0, __ATOMIC_RELAXED);
}

/* The console may have taken the registers of one that ran: its CPU loads it again, and looks. */
void smp_kick(const struct vcpu *v)
{
	u32 cpu = loaded_on(v);

	if (v->running && cpu != VCPU_NOWHERE && cpu != percpu()->cpu)
		send(cpu);
}

void smp_look_again(u32 cpu)
{
	struct percpu *p = percpu_of(cpu);

	if (p == percpu()) {
		p->reschedule = true;
		return;
	}
	__atomic_store_n(&p->look_again, 1, __ATOMIC_RELEASE);
	send(cpu);
}

u32 smp_count(void)
{
	return cpus;
}

/* The machine's PSCI: QEMU starts a CPU at EL2 with the MMU off and x0 as given. */
static const char *start_one(u32 number, u64 mpidr)
{
	static char why[WHY];
	struct percpu *p = percpu_of(number);
	u64 until = timer_now() + timer_from_ms(START_MS);
	s64 r = firmware_call(PSCI_CPU_ON_64, mpidr, (u64)secondary_entry, number);

	while (r == PSCI_SUCCESS && !__atomic_load_n(&p->online, __ATOMIC_ACQUIRE))
		if (timer_now() > until)
			r = PSCI_DENIED;
		else
			yield();
	if (r == PSCI_SUCCESS)
		return NULL;
	fmt(why, sizeof(why), "CPU 0x%lx does not start (PSCI says %ld)", mpidr, r);
	return why;
}

const char *smp_start(void)
{
	const struct fdt_machine *m = &boot_info.machine;
	const char *why = NULL;

	percpu()->online = true;
	for (u32 i = 0; i < m->cpu_count && !why; i++)
		if (m->cpu_mpidr[i] != percpu()->mpidr) {
			pool_add_cpu(cpus, m->cpu_node[i]);
			why = start_one(cpus, m->cpu_mpidr[i]);
			cpus += why == NULL;
		}
	return why;
}

void hyp_secondary(void)
{
	const char *why = gic_init_cpu();

	if (why)
		panic("CPU %u: %s", percpu()->cpu, why);
	world_init();
	firmware_init_cpu();
	sched_init_cpu();
	__atomic_store_n(&percpu()->online, true, __ATOMIC_RELEASE);
	smp_wait_for_boot();
	sched_start();
}
