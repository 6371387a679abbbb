/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's life.  It keeps true:
 * 1. the child dies with us, even if we are killed before it has come to exec();
 * 2. its pid is not used after wait() has returned it.
 */
#include "tools/twofold/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tools/twofold/say.h"

static no_return void run(char *const *command, int uart, const sigset_t *mask, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(STATUS_NO_QEMU);
	setpgid(0, 0);
	dup2(uart, STDIN_FILENO);
	dup2(uart, STDOUT_FILENO);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(command[0], command);
	say("cannot run %s: %s", command[0], strerror(errno));
	_exit(STATUS_NO_QEMU);
}

struct child child_start(char *const *command, const sigset_t *mask)
{
	struct child c = { 0 };
	pid_t parent = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		fail("socketpair: %s", strerror(errno));
	c.pid = fork();
	if (c.pid < 0)
		fail("fork: %s", strerror(errno));
	if (c.pid == 0)
		run(command, pair[1], mask, parent);
	close(pair[1]);
	c.uart = pair[0];
	fcntl(c.uart, F_SETFL, O_NONBLOCK);
	return c;
}

static void note_end(struct child *c, int status)
{
	c->ended = true;
	c->status = WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

void child_poll(struct child *c)
{
	int status;

	if (!c->ended && waitpid(c->pid, &status, WNOHANG) == c->pid)
		note_end(c, status);
}

void child_end(struct child *c)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };

	if (c->ended)
		return;
	/* One that was stopped would not see the signal. */
	kill(c->pid, SIGTERM);
	kill(c->pid, SIGCONT);
	for (int i = 0; i < 200 && !c->ended; i++) {
		child_poll(c);
		if (!c->ended)
			nanosleep(&pause, NULL);
	}
	if (!c->ended) {
		int status = 0;

		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
			continue;
		note_end(c, status);
	}
}
