/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text to the machine's UART: formatted into a buffer on the stack, newline to CR LF.
 */
#include "hyp/dev/print.h"

#include "hyp/dev/uart.h"
#include "lib/fmt.h"
#include "lib/str.h"

enum { PRINT_MAX = 512 };

struct lock print_lock = LOCK_INIT(RANK_CONSOLE);

static const struct print_hooks *hooks;

void print_set_hooks(const struct print_hooks *h)
{
	hooks = h;
}

void print_text(const char *text, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] != '\n')
			continue;
		uart_write(text + from, i - from);
		uart_write("\r\n", 2);
		from = i + 1;
	}
	uart_write(text + from, n - from);
}

static void print_v(const char *format, va_list args)
{
	char text[PRINT_MAX];
	size_t n = fmt_v(text, sizeof(text), format, args);

	print_text(text, n < sizeof(text) ? n : sizeof(text) - 1);
}

void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_v(format, args);
	va_end(args);
}

void log_line(const char *format, ...)
{
	bool mine = lock_is_mine(&print_lock);
	va_list args;

	if (!mine)
		lock_take(&print_lock);
	if (hooks)
		hooks->hide();
	va_start(args, format);
	print_v(format, args);
	va_end(args);
	print("\n");
	if (hooks)
		hooks->show();
	if (!mine)
		lock_give(&print_lock);
}
