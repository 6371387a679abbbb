/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What guests write, shown to the person.
 * 1. vuart.shown only grows, and what lies below it has been shown or named as lost.
 * 2. partial_at[i] is ~0 while VM i has no line that is still to be shown unended.
 */
#include "hyp/console/out.h"

#include "hyp/dev/print.h"
#include "hyp/dev/timer.h"
#include "hyp/dev/uart.h"
#include "include/bits.h"
#include "lib/str.h"

static const struct out_hooks *hooks;
static u64 partial_at[VM_MAX];
static u32 patience[VM_MAX]; /* how often its partial line may still be put off */
static bool in_batch, raw_open;

void out_init(const struct out_hooks *h)
{
	hooks = h;
	for (u32 i = 0; i < VM_MAX; i++)
		partial_at[i] = ~0UL;
}

struct display_ring out_ring(const struct vm *vm)
{
	return (struct display_ring){ vm->uart.ring, VUART_RING, vm->uart.written };
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

static void show_lines(struct vm *vm, bool partial)
{
	static char text[DISPLAY_TEXT];
	struct display_ring ring = out_ring(vm);
	u64 lost = display_catch_up(&ring, &vm->uart.shown);

	if (lost) {
		begin_output();
		print("[%s] (%lu bytes lost)\n", vm->config.name, lost);
	}
	while (display_line(&ring, &vm->uart.shown, partial, text)) {
		begin_output();
		print("[%s] ", vm->config.name);
		print_text(text, strlen(text));
		print("\n");
	}
}

/* A guest that waits has said what it had to say; one that runs may be in the middle of a line. */
static bool is_running(const struct vm *vm)
{
	for (u32 i = 0; vm->state == VM_RUNNING && i < vm->config.cpus; i++)
		if (vm->vcpu[i].state == VCPU_READY)
			return true;
	return false;
}

/* Whether the time of vm's partial line has come; puts it off while there is patience. */
static bool is_due(const struct vm *vm)
{
	u64 *at = &partial_at[vm - vms];

	if (timer_now() < *at)
		return false;
	if (!is_running(vm) || patience[vm - vms] == 0)
		return true;
	patience[vm - vms]--;
	*at = timer_now() + timer_from_ms(OUT_PARTIAL_MS);
	return false;
}

static void show_due(struct vm *vm, bool partial)
{
	u64 *at = &partial_at[vm - vms];

	partial |= vm->state == VM_STOPPED || is_due(vm);
	if (vm->uart.shown != vm->uart.written)
		show_lines(vm, partial);
	if (partial || vm->uart.shown == vm->uart.written)
		*at = ~0UL;
}

void out_show(struct vm *vm, bool partial)
{
	show_due(vm, partial);
	end_output();
}

void out_show_all(void)
{
	for (u32 i = 0; i < vm_count; i++)
		show_due(&vms[i], false);
	end_output();
}

void out_raw(struct vm *vm)
{
	struct display_ring ring = out_ring(vm);
	u64 p, n;

	display_catch_up(&ring, &vm->uart.shown);
	for (p = vm->uart.shown; p < ring.written; p += n) {
		u64 at = p % VUART_RING;

		n = min_u64(ring.written - p, VUART_RING - at);
		uart_write(ring.ring + at, n);
	}
	if (p > vm->uart.shown)
		raw_open = ring.ring[(p - 1) % VUART_RING] != '\n';
	vm->uart.shown = p;
	partial_at[vm - vms] = ~0UL;
}

bool out_raw_open(void)
{
	bool open = raw_open;

	raw_open = false;
	return open;
}

bool out_written(struct vm *vm, u64 *at)
{
	const struct vuart *u = &vm->uart;

	*at = timer_now() + timer_from_ms(OUT_PARTIAL_MS);
	partial_at[vm - vms] = *at;
	patience[vm - vms] = OUT_PATIENCE;
	return u->ring[(u->written - 1) % VUART_RING] == '\n' ||
	       u->written - u->shown >= DISPLAY_LINE;
}

u64 out_deadline(void)
{
	u64 first = ~0UL;

	for (u32 i = 0; i < vm_count; i++)
		first = min_u64(first, partial_at[i]);
	return first;
}
