/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console on the machine's PL011.  There is no interrupt yet, so waiting is polling: a
 * WFI between two looks under the hypervisor, which traps it and runs somebody else; on a
 * bare machine nothing would end a WFI, so there the loop is busy.
 */
#include "guest/kernel/console.h"

#include "arch/insn.h"
#include "guest/dev/firmware.h"
#include "guest/dev/pl011.h"
#include "guest/vm/space.h"
#include "lib/fmt.h"

static struct pl011 uart;

enum err console_init(pa_t base, u64 size)
{
	u64 va;
	enum err e;

	if (size < PL011_SIZE)
		return ERR_INVALID;
	e = space_map_device(base, size, &va);
	if (e == OK)
		pl011_init(&uart, va);
	return e;
}

void print_bytes(const char *text, size_t n)
{
	if (uart.base != 0)
		pl011_write(&uart, text, n);
}

void print(const char *format, ...)
{
	char text[512];
	va_list args;
	size_t n;

	va_start(args, format);
	n = fmt_v(text, sizeof(text), format, args);
	va_end(args);
	print_bytes(text, min_u64(n, sizeof(text) - 1));
}

int console_input(void)
{
	return uart.base != 0 ? pl011_read(&uart) : -1;
}

u8 console_wait(void)
{
	int c;

	while ((c = console_input()) < 0)
		if (firmware_has_hypervisor())
			wfi();
	return (u8)c;
}
