/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Panic and backtrace.  A chain of frame pointers is memory that may be damaged: it is read
 * by probes, must rise, and ends after DEPTH steps.
 */
#include "guest/kernel/panic.h"

#include "guest/boot/image.h"
#include "guest/dev/firmware.h"
#include "guest/kernel/console.h"
#include "guest/kernel/probe.h"
#include "include/check.h"
#include "lib/fmt.h"

enum { DEPTH = 24 };

static bool panicking;

static void print_place(u64 pc)
{
	if (pc >= (u64)image_start && pc < (u64)text_end)
		print("guest:   image+0x%lx\n", pc - (u64)image_start);
	else
		print("guest:   0x%lx, not in the image\n", pc);
}

void panic_backtrace(u64 pc, u64 frame_pointer)
{
	u64 next, ret;
	int i;

	print("guest: backtrace\n");
	print_place(pc);
	for (i = 0; i < DEPTH && frame_pointer != 0; i++) {
		if (!probe_read64(frame_pointer, &next) || !probe_read64(frame_pointer + 8, &ret))
			return;
		if (ret != 0)
			print_place(ret - 4);
		if (next <= frame_pointer)
			return;
		frame_pointer = next;
	}
}

void panic(const char *format, ...)
{
	char text[200];
	va_list args;

	if (panicking)
		firmware_off();
	panicking = true;
	va_start(args, format);
	fmt_v(text, sizeof(text), format, args);
	va_end(args);
	print("guest panic: %s\n", text);
	firmware_off();
}

void check_failed(const char *file, int line, const char *what)
{
	panic_backtrace((u64)__builtin_return_address(0), (u64)__builtin_frame_address(0));
	panic("%s:%d: CHECK(%s)", file, line, what);
}
