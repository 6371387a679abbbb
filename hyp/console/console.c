/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console's pump: bytes from the UART become lines, lines become commands, and what guests
 * write is shown.
 * 1. Nothing is taken out of `ahead` while a command is under way, but ^C, which ends a wait.
 * 2. The line stands on the screen exactly while `editing`; whoever prints meanwhile hides it.
 * 3. One poll handles a bounded number of bytes: guests run on, whatever is typed.
 */
#include "hyp/console/console.h"

#include "hyp/boot/boot.h"
#include "hyp/console/command.h"
#include "hyp/console/out.h"
#include "hyp/console/state.h"
#include "hyp/dev/gic.h"
#include "hyp/dev/print.h"
#include "hyp/dev/timer.h"
#include "hyp/dev/uart.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/smp.h"
#include "include/bits.h"
#include "lib/str.h"

enum { AHEAD = 4096, POLL_BYTES = 1024, KEY_CANCEL = 0x03, KEY_LEAVE = 0x1d };

struct console console;

/* What has been typed ahead. */
static u8 ahead[AHEAD];
static u32 ahead_head, ahead_count;
static bool cancelled; /* ^C came during a wait */

bool console_asked;
static u64 poll_at = ~0UL; /* when console_poll() must be called */
static bool interrupted;   /* the UART's interrupt is active until it has been looked at */

/* ---- The line on the screen ----------------------------------------------------------------- */

static void hide(void)
{
	if (console.editing)
		line_hide(&console.line);
	else if (out_raw_open())
		print("\n");
}

static void show(void)
{
	if (console.editing)
		line_show(&console.line);
}

static const struct print_hooks print_hooks = { hide, show };
static const struct out_hooks out_hooks = { hide, show };
static const struct line_owner line_owner = { uart_write, command_complete, "tf> " };

static void prompt(void)
{
	console.mode = CONSOLE_LINE;
	console.editing = true;
	console.dropped_before = console.line.dropped;
	line_begin(&console.line);
}

/* ---- Commands ------------------------------------------------------------------------------- */

void console_exit(u32 status)
{
	hide();
	console.editing = false;
	for (u32 i = 0; i < vm_count; i++)
		out_show(&vms[i], true);
	boot_say_nonce();
	machine_exit(status);
}

void console_end(void)
{
	console_exit(console.failed ? 1 : 0);
}

static void line_failed(void)
{
	console.failed = true;
	console.rest = "";
	prompt();
}

/* Runs what is left of the line; it ends, fails, or blocks in a mode of its own. */
static void run_rest(void)
{
	console.mode = CONSOLE_LINE;
	while (*console.rest) {
		switch (command_run(&console.rest)) {
		case COMMAND_OK: break;
		case COMMAND_BLOCKED: return;
		case COMMAND_FAILED: line_failed(); return;
		}
	}
	prompt();
}

static void run_line(void)
{
	u32 dropped = console.line.dropped - console.dropped_before;

	if (dropped) {
		command_fail("%u byte%s or keys that mean nothing here: the line was not run",
			     dropped, dropped == 1 ? "" : "s");
		line_failed();
		return;
	}
	memcpy(console.text, console.line.text, sizeof(console.text));
	console.rest = console.text;
	run_rest();
}

static void edit(u8 byte)
{
	enum line_event event;

	if (byte == KEY_LEAVE) /* there is nothing to leave */
		return;
	event = line_input(&console.line, byte);
	if (event == LINE_NONE)
		return;
	console.editing = false;
	switch (event) {
	case LINE_NONE: break;
	case LINE_READY: run_line(); break;
	case LINE_CANCEL: prompt(); break;
	case LINE_END: console_end();
	case LINE_TOO_LONG:
		command_fail("a line has at most %u characters: this one was not run",
			     LINE_MAX - 1);
		line_failed();
		break;
	}
}

/* ---- Input ---------------------------------------------------------------------------------- */

/* ^C ends a wait at once, and forgets what was typed behind the command. */
static void take_input(void)
{
	int byte;

	while (ahead_count < AHEAD && (byte = uart_read()) >= 0) {
		if (console.mode == CONSOLE_WAITING && byte == KEY_CANCEL) {
			cancelled = true;
			ahead_count = 0;
			continue;
		}
		ahead[(ahead_head + ahead_count) % AHEAD] = (u8)byte;
		ahead_count++;
	}
}

static u8 next_byte(void)
{
	u8 byte = ahead[ahead_head];

	ahead_head = (ahead_head + 1) % AHEAD;
	ahead_count--;
	return byte;
}

static bool guest_has_room(void)
{
	return console.attached->uart.fifo_count < VUART_FIFO;
}

static void detach(void)
{
	bool open;

	out_raw(console.attached);
	open = out_raw_open();
	print("%sback from %s\n", open ? "\n" : "", console.attached->config.name);
	console.attached = NULL;
	run_rest();
}

static void forward(u8 byte)
{
	char c = (char)byte;

	if (byte == KEY_LEAVE)
		detach();
	else
		vuart_send(console.attached, &c, 1);
}

/* Whether a byte that was typed can be used now. */
static bool wants_byte(void)
{
	if (ahead_count == 0)
		return false;
	if (console.mode == CONSOLE_ATTACHED)
		return guest_has_room() || ahead[ahead_head] == KEY_LEAVE;
	return console.mode == CONSOLE_LINE;
}

static void use_input(void)
{
	for (u32 i = 0; i < POLL_BYTES && wants_byte(); i++) {
		if (console.mode == CONSOLE_ATTACHED)
			forward(next_byte());
		else
			edit(next_byte());
	}
}

/* ---- Waiting -------------------------------------------------------------------------------- */

static void go_on_waiting(void)
{
	if (cancelled) {
		cancelled = false;
		command_fail("wait: cancelled");
		line_failed();
		return;
	}
	switch (wait_look()) {
	case WAIT_ON: break;
	case WAIT_FAILED: line_failed(); break;
	case WAIT_MET: run_rest(); break;
	}
}

/* The last VM has stopped by itself: nobody will write any more. */
static void end_when_off(void)
{
	bool by_itself = false;
	bool by_fault = false;

	for (u32 i = 0; i < vm_count; i++) {
		if (vms[i].state != VM_STOPPED)
			return;
		by_itself |= vms[i].end == VM_END_OFF;
		by_fault |= vms[i].end == VM_END_FAULT;
	}
	console.failed |= by_fault;
	if (by_itself || by_fault)
		console_end();
}

/* ---- Exported ------------------------------------------------------------------------------- */

void console_init(bool exit_when_off)
{
	line_init(&console.line, &line_owner);
	console.mode = CONSOLE_EARLY;
	console.exit_when_off = exit_when_off;
	console.rest = "";
	out_init(&out_hooks);
	print_set_hooks(&print_hooks);
	console_ask(); /* where there is no guest, nobody else does */
}

static void handle_mode(void)
{
	switch (console.mode) {
	case CONSOLE_EARLY:
		if (vm_all_entered())
			prompt();
		break;
	case CONSOLE_WAITING: go_on_waiting(); break;
	case CONSOLE_ATTACHED:
		if (console.attached->state == VM_STOPPED)
			detach();
		break;
	case CONSOLE_LINE: break;
	}
}

/* What can be done at once, now that the poll is over. */
static bool is_pending(void)
{
	return console.output || cancelled || wants_byte() ||
	       (uart_has_input() && ahead_count < AHEAD) ||
	       (console.mode == CONSOLE_EARLY && vm_all_entered());
}

static u64 next_deadline(void)
{
	u64 shown = console.mode == CONSOLE_ATTACHED ? ~0UL : out_deadline();
	u64 wait = console.mode == CONSOLE_WAITING ? console.wait.deadline : ~0UL;

	return min_u64(shown, wait);
}

/* Its level goes down first, so that it comes again only for what comes now. */
static void end_interrupt(void)
{
	if (!__atomic_exchange_n(&interrupted, false, __ATOMIC_ACQUIRE))
		return;
	uart_poll();
	gic_deactivate(boot_info.machine.uart_spi);
}

void console_poll(void)
{
	end_interrupt();
	take_input();
	console.output = false;
	if (console.mode == CONSOLE_ATTACHED)
		out_raw(console.attached);
	else
		out_show_all();
	handle_mode();
	use_input();
	if (console.stopped && console.mode != CONSOLE_WAITING) {
		console.stopped = false;
		if (console.exit_when_off)
			end_when_off();
	}
	__atomic_store_n(&poll_at, next_deadline(), __ATOMIC_RELAXED);
	if (is_pending())
		console_ask();
}

void console_ask(void)
{
	__atomic_store_n(&console_asked, true, __ATOMIC_RELEASE);
}

u64 console_deadline(void)
{
	return __atomic_load_n(&poll_at, __ATOMIC_RELAXED);
}

void console_interrupt(void)
{
	__atomic_store_n(&interrupted, true, __ATOMIC_RELEASE);
	console_ask();
}

void console_attend_to(void)
{
	bool asked =
		console_wants() && __atomic_exchange_n(&console_asked, false, __ATOMIC_ACQUIRE);

	if (!asked && timer_now() < console_deadline())
		return;
	smp_lock_all();
	console_poll();
	smp_release();
}

/* Whether the byte just written may end what `wait` waits for. */
static bool may_end_wait(const struct vm *vm)
{
	const struct console_wait *w = &console.wait;
	const struct vuart *u = &vm->uart;

	return console.mode == CONSOLE_WAITING && w->vm == vm &&
	       u->ring[(u->written - 1) % VUART_RING] == w->text[w->length - 1];
}

void console_guest_output(struct vm *vm)
{
	u64 at;

	if (out_written(vm, &at) || may_end_wait(vm) || vm == console.attached) {
		__atomic_store_n(&console.output, true, __ATOMIC_RELAXED);
		console_ask();
	}
	if (at < console_deadline())
		__atomic_store_n(&poll_at, at, __ATOMIC_RELAXED);
	sched_deadline(at);
}

void console_guest_stopped(struct vm *vm)
{
	console.stopped = true;
	console.output = true;
	console_ask();
	if (vm == console.attached)
		out_raw(vm);
	else
		out_show(vm, true);
}
