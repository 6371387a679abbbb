/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the hypervisor's boot code leads to and an image without guests and other CPUs does not
 * have: coming here is a mistake, and a panic says so.
 */
#include "hyp/boot/boot.h"
#include "hyp/boot/panic.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/trap.h"

struct vcpu *trap_sync(struct vcpu *v)
{
	panic("exit of a guest %p in a test image", (void *)v);
}

struct vcpu *trap_interrupt(struct vcpu *v)
{
	return trap_sync(v);
}

struct vcpu *trap_serror(struct vcpu *v)
{
	return trap_sync(v);
}

u64 trap_serror_seen(struct vcpu *v, u64 kind, u64 esr)
{
	(void)kind;
	(void)esr;
	return (u64)trap_sync(v);
}

struct vcpu *sched_next(void)
{
	return trap_sync(NULL);
}

void hyp_secondary(void)
{
	panic("a second CPU in a test image");
}
