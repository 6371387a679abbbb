/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of virtio-mmio: identification, features, status, the queue's place, interrupts,
 * configuration; and what a driver may not do with them.
 */
#include "tests/harness/tap.h"
#include "tests/harness/virtio_case.h"

enum { OFFERED = 0x205, SIZE = 13 };
enum { ACK = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, NEEDS_RESET = 64, FAILED = 128 };

static struct virtio d;

static void write(u32 offset, u32 value)
{
	(void)virtio_write(&guest, &d, offset, 4, value);
}

static void open_device(void)
{
	static const u8 config[SIZE] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 };

	case_open();
	virtio_init(&d, 42, OFFERED, config, SIZE);
}

static void bring_up(void)
{
	static const struct case_write writes[] = CASE_BRING_UP(OFFERED, 8);

	open_device();
	for (size_t i = 0; i < ARRAY_SIZE(writes); i++)
		write(writes[i].offset, writes[i].value);
}

static void who_it_is(void)
{
	open_device();
	EXPECT_EQ(case_read(&d, 0x000), 0x74726976);
	EXPECT_EQ(case_read(&d, 0x004), 2);
	EXPECT_EQ(case_read(&d, 0x008), 42);
	EXPECT(case_read(&d, 0x00c) != 0);
	EXPECT_EQ(case_read(&d, 0x034), VQ_MAX);
	EXPECT_EQ(case_read(&d, 0x070), 0);
	EXPECT_EQ(case_read(&d, 0x0b0), ~0U);
	EXPECT_EQ(case_read(&d, 0x0bc), ~0U);
	EXPECT_EQ(case_read(&d, 0x0fc), 0);
}

static void features(void)
{
	open_device();
	EXPECT_EQ(case_read(&d, 0x010), OFFERED);
	write(0x014, 1);
	EXPECT_EQ(case_read(&d, 0x010), 1); /* VERSION_1 */
	write(0x014, 2);
	EXPECT_EQ(case_read(&d, 0x010), 0);
	write(0x014, ~0U);
	EXPECT_EQ(case_read(&d, 0x010), 0);
}

/* FEATURES_OK stays only with VERSION_1 and nothing that was not offered. */
static void which_features_are_agreed(void)
{
	static const struct {
		u32 low, high;
		bool agreed;
	} cases[] = { { OFFERED, 1, true },
		      { 0, 1, true },
		      { 4, 1, true },
		      { OFFERED, 0, false },
		      { OFFERED | 2, 1, false },
		      { 0, 3, false },
		      { ~0U, ~0U, false } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		open_device();
		write(0x070, ACK | DRIVER);
		write(0x020, cases[i].low);
		write(0x024, 1);
		write(0x020, cases[i].high);
		write(0x024, 2);
		write(0x020, ~0U);
		write(0x070, ACK | DRIVER | FEATURES_OK);
		EXPECT_EQ(case_read(&d, 0x070) & FEATURES_OK, cases[i].agreed ? FEATURES_OK : 0);
	}
}

static void features_stay_agreed(void)
{
	bring_up();
	write(0x024, 0);
	write(0x020, 0);
	EXPECT_EQ(d.accepted, OFFERED | VIRTIO_F_VERSION_1);
}

static void status_only_grows(void)
{
	bring_up();
	write(0x070, ACK);
	EXPECT_EQ(case_read(&d, 0x070), ACK | DRIVER | DRIVER_OK | FEATURES_OK);
	write(0x070, 0xffffff70 | NEEDS_RESET);
	EXPECT_EQ(case_read(&d, 0x070), ACK | DRIVER | DRIVER_OK | FEATURES_OK);
	write(0x070, FAILED);
	EXPECT_EQ(case_read(&d, 0x070), FAILED | ACK | DRIVER | DRIVER_OK | FEATURES_OK);
	EXPECT(virtio_is_running(&d));
	EXPECT_EQ(virtio_write(&guest, &d, 0x070, 4, 0), VIRTIO_RESET);
	EXPECT_EQ(case_read(&d, 0x070), 0);
	EXPECT_EQ(case_read(&d, 0x044), 0);
	EXPECT_EQ(d.accepted, 0);
}

static void when_it_runs(void)
{
	bring_up();
	EXPECT(virtio_is_running(&d));
	EXPECT_EQ(virtio_write(&guest, &d, 0x050, 4, 0), VIRTIO_NOTIFIED);
	EXPECT_EQ(virtio_write(&guest, &d, 0x050, 4, 1), VIRTIO_NOTHING);
	EXPECT_EQ(virtio_write(&guest, &d, 0x044, 4, 0), VIRTIO_RESET);
	EXPECT_EQ(virtio_write(&guest, &d, 0x050, 4, 0), VIRTIO_NOTHING);
	write(0x044, 1);
	EXPECT_EQ(virtio_write(&guest, &d, 0x050, 4, 0), VIRTIO_NOTIFIED);
	open_device();
	EXPECT_EQ(virtio_write(&guest, &d, 0x050, 4, 0), VIRTIO_NOTHING);
	write(0x070, ACK | DRIVER | DRIVER_OK); /* without FEATURES_OK */
	EXPECT_EQ(virtio_write(&guest, &d, 0x050, 4, 0), VIRTIO_NOTHING);
}

static void the_queue_stays_while_ready(void)
{
	bring_up();
	write(0x038, 16);
	write(0x080, 0);
	write(0x090, 0);
	write(0x0a4, 1);
	EXPECT_EQ(d.queue.size, 8);
	EXPECT_EQ(d.queue.desc, CASE_DESC);
	EXPECT_EQ(d.queue.avail, CASE_AVAIL);
	EXPECT_EQ(d.queue.in_use, CASE_USED);
	EXPECT_EQ(case_read(&d, 0x044), 1);
	write(0x030, 1);
	EXPECT_EQ(case_read(&d, 0x034), 0);
	EXPECT_EQ(case_read(&d, 0x044), 0);
	write(0x044, 0);
	EXPECT(d.queue.ready);
	write(0x030, 0);
	write(0x044, 0);
	write(0x0a4, 5);
	EXPECT_EQ(d.queue.in_use, CASE_USED | 5UL << 32);
	write(0x030, 1);
	write(0x0a4, 6);
	write(0x044, 1);
	EXPECT_EQ(d.queue.in_use, CASE_USED | 5UL << 32);
	EXPECT(!d.queue.ready);
}

static void a_queue_outside_ram(void)
{
	bring_up();
	write(0x044, 0);
	write(0x084, 1);
	write(0x044, 1);
	EXPECT_EQ(case_read(&d, 0x070) & NEEDS_RESET, NEEDS_RESET);
	EXPECT_EQ(case_read(&d, 0x060), 2);
	EXPECT(virtio_line(&d) && virtio_has_failed(&d) && !virtio_is_running(&d));
	EXPECT_EQ(case_read(&d, 0x044), 0);
	write(0x064, 2);
	EXPECT(!virtio_line(&d));
	write(0x070, 0);
	EXPECT(!virtio_has_failed(&d));
}

static void interrupts(void)
{
	u16 quiet = 1;

	bring_up();
	EXPECT(virtio_done(&guest, &d, 3, 4));
	EXPECT_EQ(case_read(&d, 0x060), 1);
	EXPECT(virtio_line(&d));
	write(0x064, 2);
	EXPECT_EQ(case_read(&d, 0x060), 1);
	write(0x064, 1);
	EXPECT(!virtio_line(&d));
	case_put(CASE_AVAIL, &quiet, 2);
	EXPECT(virtio_done(&guest, &d, 3, 4));
	EXPECT(!virtio_line(&d));
	guest.lost = align_down(CASE_USED, CASE_PAGE);
	EXPECT(!virtio_done(&guest, &d, 3, 4));
	EXPECT(virtio_has_failed(&d));
}

/* Failing before DRIVER_OK interrupts nobody. */
static void a_quiet_failure(void)
{
	open_device();
	virtio_fail(&d);
	EXPECT(!virtio_line(&d));
}

static void configuration(void)
{
	open_device();
	memset(d.config + SIZE, 0xff, sizeof(d.config) - SIZE); /* what no driver may see */
	EXPECT_EQ(virtio_read(&d, 0x100, 1), 1);
	EXPECT_EQ(virtio_read(&d, 0x101, 2), 0x0302);
	EXPECT_EQ(virtio_read(&d, 0x104, 4), 0x08070605);
	EXPECT_EQ(virtio_read(&d, 0x100, 8), 0x0807060504030201);
	EXPECT_EQ(virtio_read(&d, 0x10c, 4), 13);
	EXPECT_EQ(virtio_read(&d, 0x10d, 8), 0);
	EXPECT_EQ(virtio_read(&d, 0x1ff, 1), 0);
	EXPECT_EQ(virtio_read(&d, 0x1f8, 8), 0);
	write(0x100, ~0U);
	EXPECT_EQ(virtio_read(&d, 0x100, 4), 0x04030201);
}

/* Every register by every width and offset: only aligned words are. */
static void widths(void)
{
	open_device();
	for (u32 offset = 0; offset < 0x100; offset++)
		for (u32 size = 1; size <= 8; size *= 2) {
			if (size == 4 && offset % 4 == 0)
				continue;
			EXPECT_EQ(virtio_read(&d, offset, size), 0);
			EXPECT_EQ(virtio_write(&guest, &d, offset, size, ~0UL), VIRTIO_NOTHING);
		}
	EXPECT_EQ(case_read(&d, 0x070), 0);
	EXPECT_EQ(d.queue.size | d.queue.desc | d.queue.avail | d.queue.in_use, 0);
}

TESTS(T(who_it_is), T(features), T(which_features_are_agreed), T(features_stay_agreed),
      T(status_only_grows), T(when_it_runs), T(the_queue_stays_while_ready), T(a_queue_outside_ram),
      T(interrupts), T(a_quiet_failure), T(configuration), T(widths))
