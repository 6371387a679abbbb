/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2 under the test runner: a test image is the hypervisor's boot code and the tests.  TAP goes
 * to the channel, followed by the nonce that the boot arguments gave (tf.nonce=…); status 0
 * means that every test passed.
 */
#include "tests/harness/out.h"

#include "hyp/boot/boot.h"
#include "hyp/boot/panic.h"
#include "hyp/dev/channel.h"
#include "hyp/dev/print.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

enum { STATUS_FAILED = 1 };

void tap_out(const char *text, size_t n)
{
	channel_write(text, n);
}

void tap_die(const char *file, int line, const char *what)
{
	panic("%s:%d: CHECK(%s)", file, line, what);
}

/* The verdict needs more than the exit status: the runner's own word, said back at the end. */
static void say_nonce(void)
{
	const char *nonce = strstr(boot_info.machine.args, "tf.nonce=");
	char line[96];
	size_t n = 0;

	if (!nonce)
		return;
	nonce += strlen("tf.nonce=");
	while (nonce[n] && nonce[n] != ' ' && n < 64)
		n++;
	n = fmt(line, sizeof(line), "# nonce %.*s\n", (int)n, nonce);
	channel_write(line, n);
}

void hyp_main(void)
{
	size_t failed;
	u64 lost;

	if (!channel_init(&boot_info.machine))
		panic("a test image needs `-device pci-serial` for its TAP");
	failed = tap_run();
	say_nonce();
	lost = channel_lost();
	if (lost)
		print("test image: nobody reads the channel: %lu bytes of TAP lost\n", lost);
	print("test image: %zu of %zu failed\n", failed, tap_count);
	machine_exit(failed == 0 && !lost ? 0 : STATUS_FAILED);
}
