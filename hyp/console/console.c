/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console's pump: bytes from the UART become lines, lines become commands, and what guests
 * write is shown.
 * 1. Nothing of what is typed ahead is used while a command is under way, but ^C, which ends a
 *    wait.
 * 2. The line stands on the screen exactly while `editing`; whoever prints meanwhile hides it.
 * 3. One poll handles a bounded number of bytes: guests run on, whatever is typed.
 * 4. Whoever owns the UART attends to the console; the others go on.  Showing takes print_lock
 *    alone; only input that is used, and what may end a command, takes everything.
 * 5. No command begins while half of the room in front of the UART is taken, so answers find room
 *    there even where the terminal does not read.
 */
#include "hyp/console/console.h"

#include "hyp/boot/boot.h"
#include "hyp/console/ahead.h"
#include "hyp/console/attach.h"
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

enum { POLL_BYTES = 1024, ASKED_MS = 1 };
enum { KEY_CANCEL = 0x03, KEY_GO_ON = 0x11, KEY_HOLD = 0x13 };

struct console console;

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

/* Somebody has to take it to the UART. */
static void show(void)
{
	if (console.editing)
		line_show(&console.line);
	console_ask();
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

/* Everything that guests have written, as long as the terminal reads. */
static void show_the_rest(void)
{
	bool all;

	do {
		all = true;
		for (u32 i = 0; i < vm_count; i++) {
			out_show(&vms[i], true);
			all &= out_is_shown(&vms[i]);
		}
		uart_drain();
	} while (!all && out_has_room());
}

void console_exit(u32 status)
{
	hide();
	console.editing = false;
	show_the_rest();
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

/* A ^C that was typed ahead of a wait ends it as one that comes during it. */
static void look_for_cancel(void)
{
	u32 before;

	while (console.mode == CONSOLE_WAITING && (before = ahead_before(KEY_CANCEL)) < AHEAD) {
		ahead_forget(before + 1);
		cancelled = true;
	}
}

/* Runs what is left of the line; it ends, fails, or blocks in a mode of its own. */
static void run_rest(void)
{
	console.mode = CONSOLE_LINE;
	while (*console.rest) {
		switch (command_run(&console.rest)) {
		case COMMAND_OK: break;
		case COMMAND_BLOCKED: look_for_cancel(); return;
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

/* Keys that are no text: there is nothing to leave; ^S, unless its ^Q has come already. */
static bool controls(u8 byte)
{
	if (byte == KEY_HOLD && ahead_before(KEY_GO_ON) == AHEAD)
		uart_hold(true);
	return byte == KEY_LEAVE || byte == KEY_HOLD || byte == KEY_GO_ON;
}

static void edit(u8 byte)
{
	enum line_event event;

	if (controls(byte))
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

/*
 * ^Q ends a ^S that has acted.  ^C ends a wait, and forgets what was typed behind the command; ^S
 * works in one.
 */
static bool acts_at_once(int byte)
{
	if (byte == KEY_GO_ON && uart_is_held()) {
		uart_hold(false);
		return true;
	}
	if (console.mode != CONSOLE_WAITING)
		return false;
	if (byte == KEY_CANCEL) {
		cancelled = true;
		ahead_forget(ahead_count());
	} else if (byte == KEY_HOLD) {
		uart_hold(true);
	}
	return byte == KEY_CANCEL || byte == KEY_HOLD;
}

static void take_input(void)
{
	int byte;

	while (!ahead_is_full() && (byte = uart_read()) >= 0)
		if (!acts_at_once(byte))
			ahead_put((u8)byte);
}

/* Whether a byte that was typed can be used now. */
static bool wants_byte(void)
{
	if (ahead_count() == 0)
		return false;
	if (console.mode == CONSOLE_ATTACHED)
		return attach_wants_byte();
	return console.mode == CONSOLE_LINE && uart_room() >= UART_RING / 2;
}

static void use_input(void)
{
	for (u32 i = 0; i < POLL_BYTES && wants_byte(); i++) {
		if (console.mode != CONSOLE_ATTACHED)
			edit(ahead_next());
		else if (attach_forward(ahead_next()))
			run_rest();
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

/* ---- Attending to it ------------------------------------------------------------------------- */

static void handle_mode(void)
{
	switch (console.mode) {
	case CONSOLE_EARLY:
		if (vm_all_entered())
			prompt();
		break;
	case CONSOLE_WAITING: go_on_waiting(); break;
	case CONSOLE_ATTACHED:
		if (console.attached->state == VM_STOPPED) {
			attach_end();
			run_rest();
		} else if (attach_is_stuck()) {
			attach_give_up();
			line_failed();
		}
		break;
	case CONSOLE_LINE: break;
	}
}

/* Whether the mode's next step, which takes everything, can be taken now. */
static bool can_go_on(void)
{
	switch (console.mode) {
	case CONSOLE_EARLY: return vm_all_entered();
	case CONSOLE_WAITING: return cancelled || wait_may_end();
	case CONSOLE_ATTACHED:
		return console.attached->state == VM_STOPPED || wants_byte() || attach_is_stuck();
	case CONSOLE_LINE: break;
	}
	return wants_byte();
}

static bool has_stopped(void)
{
	return console.mode != CONSOLE_WAITING &&
	       __atomic_load_n(&console.stopped, __ATOMIC_RELAXED);
}

static void set_deadline(u64 when)
{
	u64 at = __atomic_load_n(&poll_at, __ATOMIC_RELAXED);

	while (when < at && !__atomic_compare_exchange_n(&poll_at, &at, when, false,
							 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

static u64 next_deadline(void)
{
	return min_u64(min_u64(out_deadline(), wait_deadline()), attach_deadline());
}

static void show_output(void)
{
	u64 lost = uart_room() < UART_RING / 2 ? 0 : uart_lost();

	if (lost) {
		hide();
		print("(the terminal has not read: %lu bytes of answers and log lost)\n", lost);
		show();
	}
	if (console.mode == CONSOLE_ATTACHED)
		out_raw(console.attached);
	else
		out_show_all();
}

/* Under print_lock: shows what there is, takes what was typed; true where that is not all. */
static bool look(void)
{
	bool all;

	take_input();
	show_output();
	all = can_go_on() || has_stopped();
	set_deadline(next_deadline());
	return all;
}

void console_poll(void)
{
	look();
	handle_mode();
	use_input();
	if (has_stopped()) {
		console.stopped = false;
		if (console.exit_when_off)
			end_when_off();
	}
	set_deadline(next_deadline());
}

/* Its level goes down first, so that it comes again only for what comes now. */
static void end_interrupt(void)
{
	if (__atomic_exchange_n(&interrupted, false, __ATOMIC_ACQUIRE))
		gic_deactivate(boot_info.machine.uart_spi);
}

/* Guests that have waited for room to write. */
static void call_writers(u32 who)
{
	for (u32 i = 0; i < vm_count; i++)
		if (who >> i & 1) {
			smp_lock(&vms[i]);
			vuart_has_room(&vms[i]);
			smp_unlock(&vms[i]);
		}
}

/* The UART is this CPU's, and nothing is held. */
static void attend(void)
{
	bool all;
	u32 relieved;

	uart_service();
	end_interrupt();
	smp_lock_console();
	all = look();
	if (all) {
		smp_release();
		smp_lock_all();
		console_poll();
	}
	relieved = out_relieved();
	smp_release();
	call_writers(relieved);
	uart_service();
	if (uart_has_more() || can_go_on() || (out_wants_room() && out_has_room()) ||
	    (uart_has_input() && !ahead_is_full()))
		console_ask();
}

bool console_attend_to(void)
{
	if (!console_wants() && timer_now() < __atomic_load_n(&poll_at, __ATOMIC_RELAXED))
		return false;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!uart_own())
		return false;
	__atomic_store_n(&console_asked, false, __ATOMIC_RELAXED);
	__atomic_store_n(&poll_at, ~0UL, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	attend();
	uart_disown();
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return console_wants();
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
	uart_start();
	uart_disown();
	console_ask(); /* where there is no guest, nobody else does */
}

void console_ask(void)
{
	__atomic_store_n(&console_asked, true, __ATOMIC_RELEASE);
}

/* What was asked while another attended to it is done soon, if nobody does it before. */
u64 console_deadline(void)
{
	u64 at = __atomic_load_n(&poll_at, __ATOMIC_RELAXED);

	return console_wants() ? min_u64(at, timer_now() + timer_from_ms(ASKED_MS)) : at;
}

void console_interrupt(void)
{
	__atomic_store_n(&interrupted, true, __ATOMIC_RELEASE);
	console_ask();
}

/* Whether the byte may end what `wait` waits for. */
static bool may_end_wait(const struct vm *vm, u8 byte)
{
	const struct console_wait *w = &console.wait;

	return console.mode == CONSOLE_WAITING && w->vm == vm && byte == (u8)w->text[w->length - 1];
}

/* Whether what the guest has written can be shown at once, and is worth it. */
static bool can_show(const struct vm *vm, u8 byte)
{
	const struct vuart *u = &vm->uart;

	return (byte == '\n' || u->spool.written - u->shown >= DISPLAY_LINE ||
		vm == console.attached) &&
	       !out_wants_room();
}

void console_guest_output(struct vm *vm, u8 byte)
{
	u64 at = out_written(vm);

	if (can_show(vm, byte) || may_end_wait(vm, byte))
		console_ask();
	set_deadline(at);
	sched_deadline(at);
}

void console_guest_stopped(struct vm *vm)
{
	console.stopped = true;
	if (vm == console.attached)
		out_raw(vm);
	else
		out_show(vm, true);
	vuart_end_line(&vm->uart);
	console_ask();
}
