/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Commands that talk with guests or end the session: con, wait, send, exit.
 */
#include "hyp/console/commands.h"
#include "hyp/console/out.h"
#include "hyp/console/state.h"
#include "hyp/dev/print.h"
#include "hyp/dev/timer.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/str.h"

enum { WAIT_MOST = 86400, EXIT_MOST = 255 };

enum command_result cmd_con(const struct args *a)
{
	struct vm *vm;

	if (!arg_vm_alive(a, 0, &vm))
		return COMMAND_FAILED;
	print("attached to %s; Ctrl-] leaves\n", vm->config.name);
	console.attached = vm;
	console.mode = CONSOLE_ATTACHED;
	out_raw(vm);
	return COMMAND_BLOCKED;
}

enum command_result cmd_send(const struct args *a)
{
	const struct word *w = &a->word[1];
	struct vm *vm;
	size_t sent;

	if (!arg_vm_alive(a, 0, &vm))
		return COMMAND_FAILED;
	sent = vuart_send(vm, w->text, w->length);
	if (sent < w->length)
		return command_fail("%s has read too little: %lu of %lu bytes found room",
				    vm->config.name, sent, w->length);
	return COMMAND_OK;
}

/* The text, or why it cannot come; both are looked at before the time is. */
enum wait_verdict wait_look(void)
{
	struct console_wait *w = &console.wait;
	struct display_ring ring = out_ring(w->vm);
	const char *name = w->vm->config.name;
	char shown[SHOWN_MAX];

	text_shown(shown, w->text, w->length);
	if (w->met || display_find(&ring, &w->vm->uart.waited, w->text, w->length)) {
		out_show(w->vm, false);
		return WAIT_MET;
	}
	if (w->vm->state != VM_RUNNING)
		command_fail("wait: %s is %s, and '%s' has not come", name, vm_state_name(w->vm),
			     shown);
	else if (timer_now() >= w->deadline)
		command_fail("wait: '%s' has not come from %s within %lu s", shown, name,
			     w->seconds);
	else
		return WAIT_ON;
	return WAIT_FAILED;
}

bool wait_may_end(void)
{
	struct console_wait *w = &console.wait;
	struct display_ring ring = out_ring(w->vm);

	w->met = w->met || display_find(&ring, &w->vm->uart.waited, w->text, w->length);
	return w->met || w->vm->state != VM_RUNNING || timer_now() >= w->deadline;
}

u64 wait_deadline(void)
{
	return console.mode == CONSOLE_WAITING ? console.wait.deadline : ~0UL;
}

enum command_result cmd_wait(const struct args *a)
{
	struct console_wait *w = &console.wait;
	const struct word *text = &a->word[1];

	if (!arg_vm(a, 0, &w->vm) || !arg_number(a, 2, "seconds", &w->seconds))
		return COMMAND_FAILED;
	if (text->length == 0 || text->length >= sizeof(w->text))
		return command_fail("wait: the text is empty");
	if (w->seconds > WAIT_MOST)
		return command_fail("wait: at most %u seconds", WAIT_MOST);
	memcpy(w->text, text->text, text->length);
	w->length = text->length;
	w->met = false;
	w->deadline = timer_now() + w->seconds * timer_frequency();
	switch (wait_look()) {
	case WAIT_MET: return COMMAND_OK;
	case WAIT_FAILED: return COMMAND_FAILED;
	case WAIT_ON: break;
	}
	console.mode = CONSOLE_WAITING;
	return COMMAND_BLOCKED;
}

enum command_result cmd_exit(const struct args *a)
{
	u64 status;

	if (a->count == 0)
		console_end();
	if (!arg_number(a, 0, "status", &status))
		return COMMAND_FAILED;
	if (status > EXIT_MOST)
		return command_fail("a status is at most %u", EXIT_MOST);
	console_exit((u32)status);
}
