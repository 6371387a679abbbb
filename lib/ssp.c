/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What code compiled with GCC's stack protector expects: libfdt's archive is.  Our own code
 * is compiled without.  The names are the compiler's; the host's C library has its own.
 */
#include "include/check.h"

extern u64 __stack_chk_guard;
no_return void __stack_chk_fail(void);

/*
 * A constant: it finds overruns, it does not hide from an attacker.  Its lowest byte is 0, so
 * that a string that runs over does not reproduce it.
 */
u64 __stack_chk_guard = 0x9d3c5ae1f7b26400UL;

void __stack_chk_fail(void)
{
	check_failed(__FILE__, __LINE__, "stack guard is intact");
}
