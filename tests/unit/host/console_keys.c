/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/console/console.h and attach.h: what becomes of each byte that is typed, however early or
 * late it comes: ^C ahead of a wait, ^Q ahead of its ^S, ^] behind what a guest does not read.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "hyp/boot/boot.h"
#include "hyp/console/ahead.h"
#include "hyp/console/attach.h"
#include "hyp/console/command.h"
#include "hyp/console/console.h"
#include "hyp/console/out.h"
#include "hyp/console/state.h"
#include "hyp/dev/gic.h"
#include "hyp/dev/print.h"
#include "hyp/dev/timer.h"
#include "hyp/dev/uart.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/smp.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

struct vm vms[VM_MAX];
u32 vm_count = 1;
struct boot_info boot_info;

static char typed[8192], said[4096], sent[8192];
static size_t typed_count, typed_used, said_count, sent_count;
static bool held, wait_met;
static u64 now;

/* ---- What is around it ----------------------------------------------------------------------- */

u64 timer_now(void)
{
	return now;
}

u64 timer_from_ms(u64 ms)
{
	return ms;
}

int uart_read(void)
{
	return typed_used < typed_count ? (u8)typed[typed_used++] : -1;
}

bool uart_has_input(void)
{
	return typed_used < typed_count;
}

void uart_hold(bool hold)
{
	held = hold;
}

bool uart_is_held(void)
{
	return held;
}

u64 uart_room(void)
{
	return UART_RING;
}

void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	said_count += (size_t)vsnprintf(said + said_count, sizeof(said) - said_count, format, args);
	va_end(args);
}

enum command_result command_fail(const char *format, ...)
{
	va_list args;

	print("error: ");
	va_start(args, format);
	said_count += (size_t)vsnprintf(said + said_count, sizeof(said) - said_count, format, args);
	va_end(args);
	print("\n");
	return COMMAND_FAILED;
}

/* `con` and `wait` block, everything else is said. */
enum command_result command_run(const char **line)
{
	const char *end = strchr(*line, ';');
	size_t n = end ? (size_t)(end - *line) : strlen(*line);

	print("%.*s\n", (int)n, *line);
	if (strncmp(*line, "con", 3) == 0) {
		console.attached = &vms[0];
		console.mode = CONSOLE_ATTACHED;
	} else if (strncmp(*line, "wait", 4) == 0) {
		console.mode = CONSOLE_WAITING;
	}
	*line += n + ((*line)[n] == ';');
	return console.mode == CONSOLE_LINE ? COMMAND_OK : COMMAND_BLOCKED;
}

enum wait_verdict wait_look(void)
{
	return wait_met ? WAIT_MET : WAIT_ON;
}

bool wait_may_end(void)
{
	return wait_met;
}

u64 wait_deadline(void)
{
	return ~0UL;
}

size_t vuart_send(struct vm *vm, const char *text, size_t n)
{
	EXPECT(vm->uart.fifo_count + n <= VUART_FIFO);
	memcpy(sent + sent_count, text, n);
	sent_count += n;
	vm->uart.fifo_count += (u32)n;
	return n;
}

bool vm_all_entered(void)
{
	return true;
}

bool uart_own(void)
{
	return true;
}

u64 out_deadline(void)
{
	return ~0UL;
}

void machine_exit(u32 status)
{
	exit((int)status);
}

/* Nothing of these matters here. */
void uart_write(const char *text, size_t n)
{
	(void)text;
	(void)n;
}

void uart_disown(void)
{
}

void uart_drain(void)
{
}

void uart_service(void)
{
}

void uart_start(void)
{
}

bool uart_has_more(void)
{
	return false;
}

u64 uart_lost(void)
{
	return 0;
}

void print_set_hooks(const struct print_hooks *hooks)
{
	(void)hooks;
}

void out_init(const struct out_hooks *hooks)
{
	(void)hooks;
}

void out_raw(struct vm *vm)
{
	(void)vm;
}

void out_show(struct vm *vm, bool partial)
{
	(void)vm;
	(void)partial;
}

void out_show_all(void)
{
}

bool out_raw_open(void)
{
	return false;
}

bool out_wants_room(void)
{
	return false;
}

bool out_has_room(void)
{
	return true;
}

bool out_is_shown(const struct vm *vm)
{
	(void)vm;
	return true;
}

u32 out_relieved(void)
{
	return 0;
}

u64 out_written(struct vm *vm)
{
	(void)vm;
	return 0;
}

void vuart_end_line(struct vuart *u)
{
	(void)u;
}

void vuart_has_room(struct vm *vm)
{
	(void)vm;
}

void gic_deactivate(u32 intid)
{
	(void)intid;
}

void sched_deadline(u64 when)
{
	(void)when;
}

void smp_lock(struct vm *vm)
{
	(void)vm;
}

void smp_unlock(struct vm *vm)
{
	(void)vm;
}

void smp_lock_all(void)
{
}

void smp_lock_console(void)
{
}

void smp_release(void)
{
}

void boot_say_nonce(void)
{
}

const char *command_complete(const char *text, size_t word, size_t n)
{
	(void)text;
	(void)word;
	(void)n;
	return NULL;
}

/* ---- Helpers --------------------------------------------------------------------------------- */

static void attend(void)
{
	for (u32 i = 0; i < 100; i++) {
		console_ask();
		(void)console_attend_to();
	}
}

/* Everything comes at once. */
static void type(const char *text)
{
	typed_used = 0;
	typed_count = strlen(text);
	EXPECT(typed_count <= sizeof(typed));
	memcpy(typed, text, typed_count);
	attend();
}

static void type_many(char c, u32 n)
{
	char text[sizeof(typed)];

	memset(text, c, n);
	text[n] = '\0';
	type(text);
}

static const char *told(void)
{
	said[said_count] = '\0';
	said_count = 0;
	return said;
}

static void begin(void)
{
	memset(vms, 0, sizeof(vms));
	memset(&console, 0, sizeof(console));
	memcpy(vms[0].config.name, "g", 2);
	vms[0].state = VM_RUNNING;
	ahead_forget(ahead_count());
	held = wait_met = false;
	sent_count = 0;
	now = 1000;
	console_init(false);
	attend();
	(void)told();
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void lines_are_run(void)
{
	begin();
	type("one;two\nthree\n");
	EXPECT_STR(told(), "one\ntwo\nthree\n");
}

static void cancel_ends_a_wait(void)
{
	begin();
	type("wait;never\n");
	EXPECT_STR(told(), "wait\n");
	type("fo\x03then\n");
	EXPECT_STR(told(), "error: wait: cancelled\nthen\n");
	EXPECT(console.failed);
}

static void cancel_ahead_ends_it_too(void)
{
	begin();
	type("wait;never\nforgotten\n\x03"
	     "too\n\x03then\n");
	EXPECT_STR(told(), "wait\nerror: wait: cancelled\nthen\n");
	type("wai\x03"
	     "after\n"); /* in a line it takes back the line alone */
	EXPECT_STR(told(), "after\n");
}

static void hold_and_go_on(void)
{
	begin();
	type("\x13");
	EXPECT(held);
	type("\x11");
	EXPECT(!held);
	type("a\x13"
	     "b\n");
	EXPECT(held);
	EXPECT_STR(told(), "ab\n");
	type("\x11\x13\x13\x11\n"); /* the pair after the first ^Q is over when it is seen */
	EXPECT(!held);
	type("x\x13y\x11z\n");
	EXPECT(!held);
	EXPECT_STR(told(), "xyz\n");
	type("\x13\x11\x13");
	EXPECT(held);
	type("wait\n");
	type("\x11");
	EXPECT(!held);
	type("\x13\x11");
	EXPECT(!held);
}

static void leave_comes_in_its_turn(void)
{
	begin();
	type("con;behind\nkeys\x1dnext\n");
	EXPECT_STR(told(), "con\nback from g\nbehind\nnext\n");
	EXPECT_EQ(sent_count, 4);
	EXPECT(memcmp(sent, "keys", 4) == 0);
	type("\x1d\x1dno\x1d\n"); /* nothing to leave */
	EXPECT_STR(told(), "no\n");
}

/* The guest takes nothing: ^] waits, but not for ever. */
static void leaves_who_does_not_read(void)
{
	begin();
	type("con;behind\n");
	type_many('k', VUART_FIFO);
	type("more");
	now += 100 * ATTACH_MS;
	attend();
	EXPECT_STR(told(), "con\n"); /* nobody wants to leave */
	type("\x1dnext\n");
	EXPECT_EQ(console_deadline(), now + ATTACH_MS);
	now += ATTACH_MS - 1;
	EXPECT(!console_attend_to());
	attend();
	EXPECT_STR(told(), "");
	now += 1;
	attend();
	EXPECT_STR(told(), "back from g\nerror: con: g has read nothing for 3 s: 4 bytes were not "
			   "sent\nnext\n");
	EXPECT(console.failed);
	EXPECT_EQ(sent_count, VUART_FIFO);
}

/* Its time begins anew with each byte it takes. */
static void waits_for_who_reads_slowly(void)
{
	begin();
	type("con\n");
	type_many('k', VUART_FIFO);
	type("more\x1d");
	for (u32 i = 0; i < 4; i++) {
		now += ATTACH_MS - 1;
		vms[0].uart.fifo_count--;
		attend();
	}
	EXPECT_STR(told(), "con\nback from g\n");
	EXPECT(!console.failed);
	EXPECT_EQ(sent_count, VUART_FIFO + 4);
}

/* The next guest is not blamed for the last one. */
static void each_has_its_own_time(void)
{
	begin();
	type("con;con\n");
	type_many('k', VUART_FIFO);
	type("x\x1d");
	now += ATTACH_MS - 1;
	vms[0].state = VM_STOPPED; /* con is over, and begins again */
	attend();
	EXPECT_STR(told(), "con\nback from g\ncon\nback from g\n");
	EXPECT_EQ(attach_deadline(), ~0UL);
}

TESTS(T(lines_are_run), T(cancel_ends_a_wait), T(cancel_ahead_ends_it_too), T(hold_and_go_on),
      T(leave_comes_in_its_turn), T(leaves_who_does_not_read), T(waits_for_who_reads_slowly),
      T(each_has_its_own_time))
