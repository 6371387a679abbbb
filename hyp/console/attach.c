/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys for the attached guest.
 * 1. `stuck_at` is ~0 unless a ^] waits behind bytes that find no room, and since it was set the
 *    guest has taken none.
 */
#include "hyp/console/attach.h"

#include "hyp/console/ahead.h"
#include "hyp/console/command.h"
#include "hyp/console/out.h"
#include "hyp/console/state.h"
#include "hyp/dev/print.h"
#include "hyp/dev/timer.h"

static u64 stuck_at = ~0UL;

static bool guest_has_room(void)
{
	return console.attached->uart.fifo_count < VUART_FIFO;
}

bool attach_wants_byte(void)
{
	return guest_has_room() || ahead_first() == KEY_LEAVE;
}

void attach_end(void)
{
	bool open;

	out_raw(console.attached);
	open = out_raw_open();
	print("%sback from %s\n", open ? "\n" : "", console.attached->config.name);
	console.attached = NULL;
	stuck_at = ~0UL;
}

bool attach_forward(u8 byte)
{
	char c = (char)byte;

	if (byte == KEY_LEAVE) {
		attach_end();
		return true;
	}
	vuart_send(console.attached, &c, 1);
	return false;
}

bool attach_is_stuck(void)
{
	if (guest_has_room() || ahead_before(KEY_LEAVE) == AHEAD)
		stuck_at = ~0UL;
	else if (stuck_at == ~0UL)
		stuck_at = timer_now() + timer_from_ms(ATTACH_MS);
	return timer_now() >= stuck_at;
}

u64 attach_deadline(void)
{
	return stuck_at;
}

void attach_give_up(void)
{
	const char *name = console.attached->config.name;
	u32 unread = ahead_before(KEY_LEAVE);

	ahead_forget(unread + 1);
	attach_end();
	command_fail("con: %s has read nothing for %u s: %u bytes were not sent", name,
		     ATTACH_MS / 1000, unread);
}
