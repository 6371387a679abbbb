/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What guests write, shown to the person.
 * 1. vuart.shown only grows, and what lies below it has been shown.
 * 2. What has been shown the guest may overwrite, but not what a `wait` for it still looks at.
 * 3. A line is taken from its guest only when all of it has room in front of the UART, beside what
 *    is kept for answers and the log: a guest's line is never lost or cut by a slow terminal.
 */
#include "hyp/console/out.h"

#include "hyp/console/state.h"
#include "hyp/dev/print.h"
#include "hyp/dev/timer.h"
#include "hyp/dev/uart.h"
#include "include/bits.h"
#include "lib/str.h"

/* Bytes in front of the UART: kept for others; one line with its name and the prompt's redraw. */
enum { KEPT = 8192, ONE_LINE = DISPLAY_TEXT + 1024 };

/* When a VM's last line, which has no end, is shown as it is. */
struct partial {
	u64 seen;     /* what the guest had written when it was last looked at */
	u64 at;       /* the time; ~0 while there is none */
	u32 patience; /* how often it may still be put off */
};

static const struct out_hooks *hooks;
static struct partial partials[VM_MAX];
static u64 last_at[VM_MAX]; /* when the guest wrote its last byte; its VM's lock's */
static u32 relieved;
static u32 turn; /* whose line is next */
static bool in_batch, raw_open, wants_room;

void out_init(const struct out_hooks *h)
{
	hooks = h;
	for (u32 i = 0; i < VM_MAX; i++)
		partials[i].at = ~0UL;
}

struct display_ring out_ring(const struct vm *vm)
{
	const struct spool *s = &vm->uart.spool;

	return (struct display_ring){ s->ring, s->size, spool_end(s) };
}

bool out_is_shown(const struct vm *vm)
{
	return vm->uart.shown == spool_end(&vm->uart.spool);
}

static void begin_output(void)
{
	if (!in_batch)
		hooks->hide();
	in_batch = true;
}

static void end_output(void)
{
	if (in_batch)
		hooks->show();
	in_batch = false;
}

static bool has_room(void)
{
	wants_room = uart_room() < KEPT + ONE_LINE;
	return !wants_room;
}

/* What is behind `shown` and `wait` is the guest's again. */
static void give_back(struct vm *vm)
{
	struct vuart *u = &vm->uart;
	u64 upto = u->shown;

	if (console.mode == CONSOLE_WAITING && console.wait.vm == vm)
		upto = min_u64(upto, u->waited);
	if (upto > u->spool.taken && spool_take(&u->spool, upto))
		relieved |= 1u << (vm - vms);
}

/* One line; false where there is none, or no room for it. */
static bool show_line(struct vm *vm, bool partial)
{
	static char text[DISPLAY_TEXT];
	struct display_ring ring = out_ring(vm);
	bool shown;

	if (out_is_shown(vm) || !has_room())
		return false;
	shown = display_line(&ring, &vm->uart.shown, partial, text);
	if (shown) {
		begin_output();
		print("[%s] ", vm->config.name);
		print_text(text, strlen(text));
		print("\n");
	}
	give_back(vm);
	return shown;
}

/* A guest that waits has said what it had to say; one that runs may be in the middle of a line. */
static bool is_running(const struct vm *vm)
{
	for (u32 i = 0; vm->state == VM_RUNNING && i < vm->config.cpus; i++)
		if (vm->vcpu[i].state == VCPU_READY)
			return true;
	return false;
}

/* Its time is counted from the last byte. */
static void look_at(struct vm *vm, struct partial *p)
{
	u64 end = spool_end(&vm->uart.spool);

	if (vm->uart.shown == end) {
		p->at = ~0UL;
	} else if (p->seen != end) {
		p->at = __atomic_load_n(&last_at[vm - vms], __ATOMIC_RELAXED) +
			timer_from_ms(OUT_PARTIAL_MS);
		p->patience = OUT_PATIENCE;
	}
	p->seen = end;
}

/* Whether the time of vm's partial line has come; puts it off while there is patience. */
static bool is_due(struct vm *vm)
{
	struct partial *p = &partials[vm - vms];

	look_at(vm, p);
	if (vm->state == VM_STOPPED)
		return true;
	if (timer_now() < p->at)
		return false;
	if (!is_running(vm) || p->patience == 0)
		return true;
	p->patience--;
	p->at = timer_now() + timer_from_ms(OUT_PARTIAL_MS);
	return false;
}

/*
 * The last line, if its time has come or `partial` says so.  What a `wait` has looked at since goes
 * back though nothing is shown.
 */
static void show_rest(struct vm *vm, bool partial)
{
	give_back(vm);
	if (!is_due(vm) && !partial)
		return;
	show_line(vm, true);
	if (!wants_room)
		partials[vm - vms].at = ~0UL;
}

void out_show(struct vm *vm, bool partial)
{
	wants_room = false;
	while (show_line(vm, false))
		;
	show_rest(vm, partial);
	end_output();
}

void out_show_all(void)
{
	u32 none = 0;

	wants_room = false;
	while (none < vm_count) {
		none = show_line(&vms[turn], false) ? 0 : none + 1;
		if (wants_room) /* it is the first when there is some */
			break;
		turn = (turn + 1) % vm_count;
	}
	for (u32 i = 0; i < vm_count; i++)
		show_rest(&vms[i], false);
	end_output();
}

void out_raw(struct vm *vm)
{
	struct vuart *u = &vm->uart;
	u64 end = spool_end(&u->spool), n;

	wants_room = false;
	for (; u->shown < end && has_room(); u->shown += n) {
		u64 at = u->shown % VUART_RING;

		n = min_u64(min_u64(end - u->shown, VUART_RING - at), ONE_LINE);
		uart_write(u->spool.ring + at, n);
		raw_open = spool_at(&u->spool, u->shown + n - 1) != '\n';
	}
	give_back(vm);
	look_at(vm, &partials[vm - vms]);
}

bool out_raw_open(void)
{
	bool open = raw_open;

	raw_open = false;
	return open;
}

bool out_wants_room(void)
{
	return wants_room;
}

bool out_has_room(void)
{
	return uart_room() >= KEPT + ONE_LINE;
}

u64 out_deadline(void)
{
	u64 first = ~0UL;

	for (u32 i = 0; i < vm_count && !wants_room; i++)
		first = min_u64(first, partials[i].at);
	return first;
}

u32 out_relieved(void)
{
	u32 who = relieved;

	relieved = 0;
	return who;
}

u64 out_written(struct vm *vm)
{
	u64 now = timer_now();

	__atomic_store_n(&last_at[vm - vms], now, __ATOMIC_RELAXED);
	return now + timer_from_ms(OUT_PARTIAL_MS);
}
