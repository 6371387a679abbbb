/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The terminal's mode.  It keeps true:
 * 1. while it is taken, no key means a signal, a line or an echo; what is printed is still
 *    processed as before (a newline returns the carriage);
 * 2. exit() gives it back.
 */
#include "tools/twofold/terminal.h"

#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static bool taken;
static struct termios before;

void terminal_release(void)
{
	if (taken)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

void terminal_retake(void)
{
	struct termios raw = before;

	if (!taken)
		return;
	raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | IGNCR | INLCR | INPCK | ISTRIP | IXON);
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

bool terminal_take(void)
{
	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) != 0)
		return false;
	taken = true;
	atexit(terminal_release);
	terminal_retake();
	return true;
}
