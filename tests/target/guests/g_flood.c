/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes lines as fast as it can, or one now and then, that prove themselves: each has its number,
 * when it was written (the machine's counter, in ms) and a checksum over all before it, text and
 * ends.
 *
 * Boot arguments: lines=N; nap= in ms between two; poll=1 looks at TXFF before each byte, as a
 * driver does, poll=0 just stores; key=1 begins when a key comes; pad= bytes more a line.
 */
#include "arch/insn.h"
#include "lib/fmt.h"
#include "tests/target/guests/rt.h"

enum { UART_FR = 0x18, FR_TXFF = 0x20, LINE = 200 };

static u64 sum = 0xcbf29ce484222325, polls, waits;
static bool poll;

/* FNV-1a, 64 bits. */
static void put_byte(char c)
{
	if (poll && mmio_read32(UART_BASE + UART_FR) & FR_TXFF) {
		waits++;
		while (mmio_read32(UART_BASE + UART_FR) & FR_TXFF)
			polls++;
	}
	mmio_write32(UART_BASE, (u8)c);
	sum = (sum ^ (u8)c) * 0x100000001b3;
}

static void put_line(u64 n, u64 pad)
{
	char text[LINE];
	size_t length = fmt(text, sizeof(text), "%lu %lu %016lx ", n, rt_time_ms(), sum);

	for (size_t i = 0; i < length; i++)
		put_byte(text[i]);
	for (u64 i = 0; i < pad; i++)
		put_byte((char)('a' + (n + i) % 26));
	put_byte('\n');
}

void guest(void)
{
	u64 lines = rt_arg("lines", 1000), nap = rt_arg("nap", 0), pad = rt_arg("pad", 40);

	poll = rt_arg("poll", 0) != 0;
	if (rt_arg("key", 0)) {
		say("ready");
		rt_key();
	}
	for (u64 n = 0; n < lines; n++) {
		put_line(n, pad);
		if (nap)
			rt_sleep_until(rt_time_ms() + nap);
	}
	say("sum %016lx", sum);
	if (poll)
		say("found it full %lu times, and looked %lu times more", waits, polls);
	OK_IF(true, "all of it is written");
}
