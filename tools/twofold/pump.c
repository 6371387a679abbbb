/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One loop over poll(): standard input, standard output, the UART and a descriptor for signals.
 * It keeps true:
 * 1. a descriptor is read only when there is room for what comes, so nothing is ever dropped;
 *    standard input is held up by a UART that is slow;
 * 2. standard input and output are left in the mode they were in (they may be shared with other
 *    processes), so they are touched only when poll() says so, by at most a pipe's atom;
 * 3. the UART is read though nobody reads our output, up to BACKLOG: QEMU stops the whole machine
 *    while it cannot write a byte of its PL011.
 */
#include "tools/twofold/pump.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "tools/twofold/say.h"
#include "tools/twofold/terminal.h"

enum { KEY_EOT = 0x04, KEY_ESCAPE = 0x1d, BACKLOG = 64 << 20 };

/* No line of the console, of at most 255 characters, has more `con VM;` than this. */
enum { CONS = 64 };

struct buffer {
	char *bytes;
	size_t size;          /* at most four times `most` */
	size_t start, length; /* what is still to be written */
	size_t most;          /* of it */
};

struct pump {
	struct child *child;
	int signals;
	struct buffer in, out; /* towards the UART, and from it */
	bool in_open, uart_open;
	bool on_terminal, escaped; /* the last key was ^] */
	bool line_open;            /* the last byte of input was no newline */
	int status;                /* what ends it, or -1 */
	u64 deadline;              /* ms; ~0 is never */
};

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

/* Writes what it can; returns false where nobody will ever read it. */
static bool flush(struct buffer *b, int fd)
{
	ssize_t n = write(fd, b->bytes + b->start, b->length < PIPE_BUF ? b->length : PIPE_BUF);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	b->start += (size_t)n;
	b->length -= (size_t)n;
	return true;
}

static bool has_room(const struct buffer *b)
{
	return b->length + PIPE_BUF <= b->most;
}

/* Room for a pipe's atom behind what there is, moved to the front; half of it is room then. */
static void make_room(struct buffer *b)
{
	if (b->start + b->length + PIPE_BUF <= b->size)
		return;
	if (b->length + PIPE_BUF > b->size / 2) {
		b->size = b->size ? 2 * b->size : PIPE_BUF;
		b->bytes = realloc(b->bytes, b->size);
		if (!b->bytes)
			fail("no memory for what is not read");
	}
	memmove(b->bytes, b->bytes + b->start, b->length);
	b->start = 0;
}

/* Fills a buffer that has room; returns false at the end. */
static bool fill(struct buffer *b, int fd)
{
	ssize_t n;

	make_room(b);
	n = read(fd, b->bytes + b->start + b->length, PIPE_BUF);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	b->length += (size_t)n;
	return n > 0;
}

/* Looks for ^] q in what was typed. */
static void look_for_quit(struct pump *p)
{
	for (size_t i = 0; i < p->in.length; i++) {
		char key = p->in.bytes[p->in.start + i];

		if (p->escaped && key == 'q') {
			p->status = STATUS_QUIT;
			return;
		}
		p->escaped = key == KEY_ESCAPE;
	}
}

static bool ends_line(char c)
{
	return c == '\n' || c == '\r';
}

static void take_input(struct pump *p)
{
	struct buffer *b = &p->in;

	if (fill(b, STDIN_FILENO)) {
		if (b->length)
			p->line_open = !ends_line(b->bytes[b->start + b->length - 1]);
		if (p->on_terminal)
			look_for_quit(p);
		return;
	}
	p->in_open = false;
	b->start = 0;
	if (p->line_open)
		b->bytes[b->length++] = '\n';
	for (u32 i = 0; i < CONS; i++) /* back from guests that `con` has gone to */
		b->bytes[b->length++] = KEY_ESCAPE;
	b->bytes[b->length++] = KEY_EOT;
}

/* ^Z: give the terminal back and stop, QEMU too; go on when we are continued. */
static void stop(struct pump *p)
{
	terminal_release();
	kill(p->child->pid, SIGSTOP);
	raise(SIGSTOP);
	kill(p->child->pid, SIGCONT);
	terminal_retake();
}

static void take_signal(struct pump *p)
{
	struct signalfd_siginfo info;

	if (read(p->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		child_poll(p->child);
	else if (info.ssi_signo == SIGTSTP)
		stop(p);
	else if (info.ssi_signo == SIGCONT)
		terminal_retake();
	else
		p->status = STATUS_SIGNAL + (int)info.ssi_signo;
}

static int time_left(const struct pump *p)
{
	u64 now = now_ms();

	if (p->deadline == ~0UL)
		return -1;
	if (now >= p->deadline)
		return 0;
	return p->deadline - now > INT_MAX ? INT_MAX : (int)(p->deadline - now);
}

/* One wait, and what came of it. */
static void turn(struct pump *p)
{
	enum { IN, OUT, UART, SIGNALS, COUNT };
	struct pollfd fds[COUNT] = {
		[IN] = { .fd = p->in_open && !p->in.length ? STDIN_FILENO : -1, .events = POLLIN },
		[OUT] = { .fd = p->out.length ? STDOUT_FILENO : -1, .events = POLLOUT },
		[UART] = { .fd = p->uart_open ? p->child->uart : -1 },
		[SIGNALS] = { .fd = p->signals, .events = POLLIN },
	};

	if (has_room(&p->out))
		fds[UART].events |= POLLIN;
	if (p->in.length)
		fds[UART].events |= POLLOUT;
	/* A closed UART with output still waiting would wake us for nothing. */
	if (!fds[UART].events)
		fds[UART].fd = -1;
	if (poll(fds, COUNT, time_left(p)) < 0)
		return;
	if (fds[SIGNALS].revents)
		take_signal(p);
	if (fds[OUT].revents && !flush(&p->out, STDOUT_FILENO))
		p->status = STATUS_SIGNAL + SIGPIPE;
	if (fds[UART].revents & POLLOUT && !flush(&p->in, p->child->uart))
		p->in.length = 0;
	if (fds[UART].revents & (POLLIN | POLLHUP) && has_room(&p->out))
		p->uart_open = fill(&p->out, p->child->uart);
	if (fds[IN].revents)
		take_input(p);
}

/*
 * Brings out what QEMU had written before it ended.  Who reads it may take his time, unless
 * somebody has told us to end: then two seconds without progress are enough.
 */
static void drain(struct pump *p)
{
	int patience = p->status < 0 ? -1 : 2000;

	for (;;) {
		struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

		if (!p->out.length && (!fill(&p->out, p->child->uart) || !p->out.length))
			return;
		if (poll(&out, 1, patience) <= 0 || !flush(&p->out, STDOUT_FILENO))
			return;
	}
}

sigset_t pump_block_signals(void)
{
	static const int taken[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGCHLD };
	sigset_t set, before;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		sigaddset(&set, taken[i]);
	sigprocmask(SIG_BLOCK, &set, &before);
	signal(SIGPIPE, SIG_IGN);
	return before;
}

static int open_signals(void)
{
	sigset_t set;
	int fd;

	sigprocmask(SIG_BLOCK, NULL, &set);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		fail("signalfd: %s", strerror(errno));
	return fd;
}

int pump_run(struct child *child, const sigset_t *mask, u64 seconds, bool on_terminal)
{
	struct pump p = {
		.child = child,
		.signals = open_signals(),
		.in_open = true,
		.uart_open = true,
		.on_terminal = on_terminal,
		.in.most = PIPE_BUF,
		.out.most = BACKLOG,
		.status = -1,
		.deadline = seconds ? now_ms() + seconds * 1000 : ~0UL,
	};

	while (p.status < 0 && !child->ended) {
		turn(&p);
		if (time_left(&p) == 0 && p.status < 0 && !child->ended) {
			say("stopped after %lu s", seconds);
			p.status = STATUS_TIMEOUT;
		}
	}
	child_end(child);
	/* From here on a signal just ends us: there is nothing left to end in order. */
	terminal_release();
	sigprocmask(SIG_SETMASK, mask, NULL);
	drain(&p);
	free(p.in.bytes);
	free(p.out.bytes);
	close(p.signals);
	return p.status < 0 ? child->status : p.status;
}
