/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/console/out.h: what guests write comes as whole lines in fair turns, however little room is
 * there in front of the UART, and goes back to who wrote it when it has been shown.
 */
#include <stdarg.h>
#include <stdio.h>

#include "hyp/console/out.h"
#include "hyp/console/state.h"
#include "hyp/dev/print.h"
#include "hyp/dev/timer.h"
#include "hyp/dev/uart.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

enum { GUESTS = 3, RING = 4096, ROOM_FOR_ONE = 8192 + DISPLAY_TEXT + 1024 };

struct vm vms[VM_MAX];
u32 vm_count;
struct console console;

static char rings[GUESTS][RING], screen[65536];
static u64 on_screen, room, now, batches;
static bool hidden;

/* ---- What is around it ----------------------------------------------------------------------- */

u64 timer_now(void)
{
	return now;
}

u64 timer_from_ms(u64 ms)
{
	return ms;
}

u64 uart_room(void)
{
	return room;
}

void uart_write(const char *text, size_t n)
{
	EXPECT(n <= room && on_screen + n < sizeof(screen));
	memcpy(screen + on_screen, text, n);
	on_screen += n;
	room -= n;
}

void print_text(const char *text, size_t n)
{
	EXPECT(hidden);
	uart_write(text, n);
}

void print(const char *format, ...)
{
	char text[64];
	va_list args;

	va_start(args, format);
	print_text(text, (size_t)vsnprintf(text, sizeof(text), format, args));
	va_end(args);
}

static void hide(void)
{
	EXPECT(!hidden);
	hidden = true;
	batches++;
}

static void show(void)
{
	EXPECT(hidden);
	hidden = false;
}

/* ---- Helpers --------------------------------------------------------------------------------- */

static void begin(void)
{
	static const struct out_hooks hooks = { hide, show };

	memset(vms, 0, sizeof(vms));
	memset(&console, 0, sizeof(console));
	console.mode = CONSOLE_LINE;
	vm_count = GUESTS;
	for (u32 i = 0; i < GUESTS; i++) {
		vms[i].state = VM_RUNNING;
		vms[i].config.cpus = 1;
		vms[i].vcpu[0].state = VCPU_READY;
		vms[i].config.name[0] = (char)('a' + i);
		vms[i].uart.spool = (struct spool)SPOOL_INIT(rings[i]);
	}
	room = UART_RING;
	now = 1000;
	on_screen = batches = 0;
	out_init(&hooks);
	(void)out_relieved();
	out_show_all();
}

static void says(u32 guest, const char *text)
{
	size_t n = strlen(text);

	EXPECT_EQ(spool_put_some(&vms[guest].uart.spool, text, n), n);
	(void)out_written(&vms[guest]);
}

/* What has come since it was last asked, and the UART has sent it. */
static const char *shown(void)
{
	screen[on_screen] = '\0';
	on_screen = 0;
	room = UART_RING;
	EXPECT(!hidden);
	return screen;
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void a_line_of_each_in_turn(void)
{
	begin();
	says(0, "1\n2\n3\n4\n");
	says(1, "1\n");
	says(2, "1\n2\n");
	out_show_all();
	EXPECT_STR(shown(), "[a] 1\n[b] 1\n[c] 1\n[a] 2\n[c] 2\n[a] 3\n[a] 4\n");
	EXPECT_EQ(batches, 1);
	EXPECT(!out_wants_room());
	out_show_all();
	EXPECT_STR(shown(), "");
	EXPECT_EQ(batches, 1);
}

/* With room for one at a time nobody is passed over, wherever it stopped. */
static void turns_survive_a_full_uart(void)
{
	u32 lines[GUESTS] = { 0 }, last = GUESTS;

	begin();
	for (u32 i = 0; i < 40; i++)
		for (u32 g = 0; g < GUESTS; g++)
			says(g, g == 2 && i >= 10 ? "" : "x\n");
	for (u32 i = 0; i < 30; i++) {
		u32 g;

		room = ROOM_FOR_ONE;
		out_show_all();
		EXPECT(out_wants_room());
		EXPECT_EQ(on_screen, 6);
		g = (u32)(shown()[1] - 'a');
		EXPECT(i == 0 || g == (last + 1) % GUESTS);
		last = g;
		lines[g]++;
	}
	for (u32 g = 0; g < GUESTS; g++)
		EXPECT_EQ(lines[g], 10);
}

/* A line whose beginning would fit stays where it is, whole, and comes when there is room. */
static void a_line_is_never_cut(void)
{
	begin();
	says(0, "whole\n");
	says(1, "part");
	vms[1].state = VM_STOPPED;
	room = ROOM_FOR_ONE - 1;
	EXPECT(!out_has_room());
	out_show_all();
	EXPECT(out_wants_room());
	EXPECT_STR(shown(), "");
	EXPECT(out_has_room());
	out_show_all();
	EXPECT_STR(shown(), "[a] whole\n[b] part\n");
	EXPECT(!out_wants_room());
}

/* The longest line there is, of bytes that become four each, has the room it was promised. */
static void the_longest_line_fits(void)
{
	char text[DISPLAY_LINE + 2];

	begin();
	memset(text, '\xff', DISPLAY_LINE);
	text[DISPLAY_LINE] = '\n';
	text[DISPLAY_LINE + 1] = '\0';
	says(0, text);
	room = ROOM_FOR_ONE;
	out_show_all();
	EXPECT_EQ(on_screen, 4 + DISPLAY_TEXT - 1 + 1);
	EXPECT(room >= 8192);
	(void)shown();
}

/* Others' lines do not come between the parts of one that is being written. */
static void parts_wait_for_their_rest(void)
{
	begin();
	says(0, "one ");
	says(1, "of b\n");
	out_show_all();
	EXPECT_STR(shown(), "[b] of b\n");
	now += OUT_PARTIAL_MS - 1;
	says(0, "line");
	out_show_all();
	EXPECT_STR(shown(), "");
	EXPECT_EQ(out_deadline(), now + OUT_PARTIAL_MS);
	now += OUT_PARTIAL_MS;
	out_show_all(); /* it runs */
	EXPECT_STR(shown(), "");
	says(0, "\n");
	out_show_all();
	EXPECT_STR(shown(), "[a] one line\n");
	EXPECT_EQ(out_deadline(), ~0UL);
}

static void parts_come_when_it_waits(void)
{
	begin();
	says(0, "a> ");
	vms[0].vcpu[0].state = VCPU_WAITING;
	out_show_all();
	EXPECT_STR(shown(), "");
	now += OUT_PARTIAL_MS;
	out_show_all();
	EXPECT_STR(shown(), "[a] a> \n");
	says(1, "b");
	out_show_all();
	for (u32 i = 0; i < OUT_PATIENCE; i++) {
		now += OUT_PARTIAL_MS;
		out_show_all();
		EXPECT_STR(shown(), "");
	}
	now += OUT_PARTIAL_MS;
	out_show_all();
	EXPECT_STR(shown(), "[b] b\n");
}

/* Room goes back to who waits for it, once, and not what a `wait` still looks at. */
static void relieves_who_waits(void)
{
	begin();
	for (u32 i = 0; i < RING / 4; i++)
		says(1, "abc\n");
	EXPECT(!spool_put(&vms[1].uart.spool, 'x'));
	console.mode = CONSOLE_WAITING;
	console.wait.vm = &vms[1];
	out_show_all();
	EXPECT_EQ(vms[1].uart.shown, RING);
	EXPECT_EQ(vms[1].uart.spool.taken, 0);
	EXPECT_EQ(out_relieved(), 0);
	(void)shown();
	vms[1].uart.waited = RING - 7;
	out_show(&vms[1], false);
	EXPECT_EQ(vms[1].uart.spool.taken, RING - 7);
	EXPECT_EQ(out_relieved(), 1 << 1);
	EXPECT_EQ(out_relieved(), 0);
}

static void raw_comes_as_it_stands(void)
{
	begin();
	says(0, "a\nb");
	out_raw(&vms[0]);
	EXPECT_STR(shown(), "a\nb");
	EXPECT(out_raw_open());
	EXPECT(!out_raw_open());
	says(0, "\n");
	room = ROOM_FOR_ONE - 1;
	out_raw(&vms[0]);
	EXPECT(out_wants_room());
	EXPECT_STR(shown(), "");
	out_raw(&vms[0]);
	EXPECT_STR(shown(), "\n");
	EXPECT(!out_raw_open());
	EXPECT_EQ(vms[0].uart.spool.taken, 4);
}

TESTS(T(a_line_of_each_in_turn), T(turns_survive_a_full_uart), T(a_line_is_never_cut),
      T(the_longest_line_fits), T(parts_wait_for_their_rest), T(parts_come_when_it_waits),
      T(relieves_who_waits), T(raw_comes_as_it_stands))
