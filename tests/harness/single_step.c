/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Single steps by SIGTRAP.  The kernel clears the trap flag for the signal's handler and sets it
 * again behind it; on the way out of the last step the handler takes it out of what is restored.
 */
#include "tests/harness/single_step.h"

#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "include/check.h"
#include "mm/port.h"

enum { TRAP_FLAG = 0x100 };

u64 single_step_taken, single_step_masked;

static void (*handler)(void);
static volatile bool stepping;

static void on_trap(int signal_number, siginfo_t *info, void *context)
{
	ucontext_t *at = context;

	(void)signal_number;
	(void)info;
	if (!stepping) {
		at->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
	} else if (mm_port_pins == 0) {
		handler();
		single_step_taken++;
	} else {
		single_step_masked++;
	}
}

void single_step_open(void (*interrupt)(void))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_trap;
	action.sa_flags = SA_SIGINFO;
	CHECK(sigaction(SIGTRAP, &action, NULL) == 0);
	handler = interrupt;
	single_step_taken = single_step_masked = 0;
}

void single_step_on(void)
{
	stepping = true;
	__builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() | TRAP_FLAG);
}

/* The next trap clears the flag. */
void single_step_off(void)
{
	stepping = false;
}
