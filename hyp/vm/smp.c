/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lock of EL2 and what CPUs ask of each other.
 * 1. Whoever finds the lock free takes it, in no order: where CPUs are themselves scheduled (under
 *    QEMU), waiting for a ticket's owner that does not run would stop everybody.
 * 2. A CPU that waits for the lock serves unload requests; nobody waits for it in vain, for it
 *    waits for nothing else, and a guest or WFI ends at the SGI.
 * 3. An unloaded vCPU's exit is taken back: its PC is at the instruction that trapped, so that it
 *    traps again wherever it runs next.
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
#include "hyp/dev/timer.h"
#include "hyp/mem/pool.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/world.h"
#include "lib/fmt.h"

enum { START_MS = 2000, WHY = 96 };

extern char secondary_entry[];

static u32 lock;
static u32 cpus = 1;

static void take_back(struct vcpu *v, bool synchronous)
{
	if (synchronous && get(ESR_EC, v->regs.esr) == EC_HVC64)
		v->regs.pc -= 4;
}

/* Another CPU, which holds the lock, waits for what is in this one's registers. */
static void serve_unload(struct percpu *p)
{
	if (p->current && p->current == p->loaded)
		take_back(p->current, p->synchronous);
	world_load(NULL);
	if (p->current)
		p->current->running = false;
	p->current = NULL;
	__atomic_store_n(&p->unload_request, 0, __ATOMIC_RELEASE);
}

void smp_lock(void)
{
	struct percpu *p = percpu();

	while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(&lock, __ATOMIC_RELAXED))
			if (__atomic_load_n(&p->unload_request, __ATOMIC_ACQUIRE))
				serve_unload(p);
}

void smp_unlock(void)
{
	__atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

bool smp_enter(bool synchronous)
{
	struct percpu *p = percpu();

	p->synchronous = synchronous;
	smp_lock();
	return p->current != NULL;
}

static void send(u32 cpu)
{
	gic_send(SMP_SGI, percpu_of(cpu)->mpidr);
}

void smp_unload(struct vcpu *v)
{
	struct percpu *p;

	if (v->loaded_on == VCPU_NOWHERE || v->loaded_on == percpu()->cpu)
		return;
	p = percpu_of(v->loaded_on);
	__atomic_store_n(&p->unload_request, 1, __ATOMIC_RELEASE);
	send(p->cpu);
	while (__atomic_load_n(&p->unload_request, __ATOMIC_ACQUIRE))
		;
}

void smp_kick(const struct vcpu *v)
{
	if (v->running && v->loaded_on != percpu()->cpu)
		send(v->loaded_on);
}

bool smp_wake_idle(void)
{
	for (u32 i = 0; i < cpus; i++) {
		struct percpu *p = percpu_of(i);

		if (!p->idle)
			continue;
		p->idle = false; /* the next one who asks gets another */
		send(i);
		return true;
	}
	return false;
}

u32 smp_count(void)
{
	return cpus;
}

/* The machine's PSCI, by SMC: QEMU starts a CPU at EL2 with the MMU off and x0 as given. */
static const char *start_one(u32 number, u64 mpidr)
{
	static char why[WHY];
	struct percpu *p = percpu_of(number);
	u64 until = timer_now() + timer_from_ms(START_MS);
	s64 r = smc_call(PSCI_CPU_ON_64, mpidr, (u64)secondary_entry, number);

	while (r == PSCI_SUCCESS && !__atomic_load_n(&p->online, __ATOMIC_ACQUIRE))
		if (timer_now() > until)
			r = PSCI_DENIED;
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
	sched_init_cpu();
	__atomic_store_n(&percpu()->online, true, __ATOMIC_RELEASE);
	smp_lock();
	sched_start();
}
