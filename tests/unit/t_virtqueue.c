/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtqueue's walker: what a driver may say, and everything it must not.
 */
#include "tests/harness/tap.h"
#include "tests/harness/virtio_case.h"

static struct virtqueue q;
static struct vq_chain chain;

static void open_queue(u32 size)
{
	case_open();
	q = (struct virtqueue){
		.size = size, .desc = CASE_DESC, .avail = CASE_AVAIL, .in_use = CASE_USED
	};
	EXPECT_EQ(vq_enable(&guest, &q), OK);
	EXPECT(q.ready);
}

static enum err pop(void)
{
	return vq_pop(&guest, &q, &chain);
}

/* The chain that begins at descriptor 0 is offered in the queue of 8 and judged. */
static enum err judged(void)
{
	case_offer(0, 8);
	return pop();
}

/* The same with one descriptor, in a fresh queue. */
static enum err judged_alone(u64 ipa, u32 size, u16 flags, u16 next)
{
	open_queue(8);
	case_desc(0, ipa, size, flags, next);
	return judged();
}

static enum err judged_head(u16 head)
{
	open_queue(8);
	case_offer(head, 8);
	return pop();
}

static void an_empty_queue(void)
{
	open_queue(8);
	EXPECT_EQ(pop(), ERR_NOENT);
	EXPECT_EQ(pop(), ERR_NOENT);
}

static void a_chain_of_three(void)
{
	u8 bytes[3 * CASE_PAGE];
	struct vq_cursor at;
	u64 got;

	open_queue(8);
	case_desc(5, CASE_DATA + 100, 50, D_NEXT, 2);
	case_desc(2, CASE_DATA + CASE_PAGE - 1, 2 * CASE_PAGE, D_NEXT | D_WRITE, 7);
	case_desc(7, CASE_END - 1, 1, D_WRITE, 5);
	case_offer(5, 8);
	EXPECT_EQ(pop(), OK);
	EXPECT_EQ(chain.head, 5);
	EXPECT_EQ(chain.count, 3);
	EXPECT_EQ(chain.writable_from, 1);
	EXPECT_EQ(chain.readable_bytes, 50);
	EXPECT_EQ(chain.writable_bytes, 2 * CASE_PAGE + 1);
	EXPECT_EQ(pop(), ERR_NOENT);

	for (u32 i = 0; i < sizeof(bytes); i++)
		bytes[i] = (u8)(i * 7 + 1);
	case_put(CASE_DATA + 100, bytes, 50);
	memset(bytes, 0, 50);
	at = vq_readable(&chain);
	EXPECT_EQ(vq_copy_out(&guest, &chain, &at, bytes, sizeof(bytes)), 50);
	EXPECT_EQ(bytes[0], 1);
	EXPECT_EQ(bytes[49], (u8)(49 * 7 + 1));
	EXPECT_EQ(vq_copy_out(&guest, &chain, &at, bytes, 1), 0);

	at = vq_writable(&chain);
	EXPECT(vq_run(&guest, &chain, &at, sizeof(bytes), &got) != NULL);
	EXPECT_EQ(got, 1); /* the rest of the first page */
	EXPECT_EQ(vq_copy_in(&guest, &chain, &at, bytes + 1, sizeof(bytes)), 2 * CASE_PAGE);
	EXPECT(vq_run(&guest, &chain, &at, 1, &got) == NULL);
	EXPECT_EQ(case_word(CASE_END - 1, 1), bytes[2 * CASE_PAGE]);
	EXPECT_EQ(case_word(CASE_DATA + CASE_PAGE, 1), bytes[1]);
	EXPECT(case_is_sound());
}

static void a_cursor_skips(void)
{
	struct vq_cursor at;
	u8 byte = 0x5a;

	open_queue(8);
	case_desc(0, CASE_DATA, 10, D_NEXT | D_WRITE, 1);
	case_desc(1, 0, 0, D_NEXT | D_WRITE, 2); /* nothing, nowhere */
	case_desc(2, CASE_DATA + 100, 10, D_WRITE, 0);
	EXPECT_EQ(judged(), OK);
	for (u64 n = 0; n < 20; n++) {
		u64 want = n < 10 ? CASE_DATA + n : CASE_DATA + 90 + n;

		case_open();
		at = vq_writable(&chain);
		vq_skip(&chain, &at, n);
		EXPECT_EQ(vq_copy_in(&guest, &chain, &at, &byte, 1), 1);
		EXPECT_EQ(case_word(want, 1), 0x5a);
	}
	at = vq_writable(&chain);
	vq_skip(&chain, &at, 20);
	EXPECT_EQ(vq_copy_in(&guest, &chain, &at, &byte, 1), 0);
	at = vq_writable(&chain);
	vq_skip(&chain, &at, ~0UL);
	EXPECT_EQ(vq_copy_in(&guest, &chain, &at, &byte, 1), 0);
}

/* As many parts as there are descriptors is a chain; one more is a loop. */
static void the_longest_chain(void)
{
	open_queue(8);
	for (u16 i = 0; i < 8; i++)
		case_desc(i, CASE_DATA, 1, i < 7 ? D_NEXT : 0, (u16)(i + 1));
	EXPECT_EQ(judged(), OK);
	EXPECT_EQ(chain.count, 8);
	for (u16 to = 0; to < 8; to++) {
		open_queue(8);
		for (u16 i = 0; i < 8; i++)
			case_desc(i, CASE_DATA, 1, D_NEXT, i < 7 ? (u16)(i + 1) : to);
		EXPECT_EQ(judged(), ERR_FORMAT);
	}
	/* As many as there is room for. */
	for (u32 to = 0; to < VQ_MAX; to += VQ_MAX - 1) {
		open_queue(VQ_MAX);
		for (u32 i = 0; i < VQ_MAX; i++)
			case_desc(i, CASE_DATA, 1, D_NEXT, (u16)(i < VQ_MAX - 1 ? i + 1 : to));
		case_offer(0, VQ_MAX);
		EXPECT_EQ(pop(), ERR_FORMAT);
	}
}

static void a_descriptor_that_is_not_there(void)
{
	EXPECT_EQ(judged_alone(CASE_DATA, 1, D_NEXT, 8), ERR_FORMAT);
	EXPECT_EQ(judged_alone(CASE_DATA, 1, D_NEXT, 0xffff), ERR_FORMAT);
	EXPECT_EQ(judged_head(8), ERR_FORMAT);
	EXPECT_EQ(judged_head(0xffff), ERR_FORMAT);
}

static void wrong_flags(void)
{
	EXPECT_EQ(judged_alone(CASE_DATA, 16, D_INDIRECT, 0), ERR_FORMAT);
	EXPECT_EQ(judged_alone(CASE_DATA, 16, D_INDIRECT | D_NEXT | D_WRITE, 1), ERR_FORMAT);
	open_queue(8);
	case_desc(0, CASE_DATA, 16, D_NEXT | D_WRITE, 1);
	case_desc(1, CASE_DATA, 16, 0, 0);
	EXPECT_EQ(judged(), ERR_FORMAT);
}

static void buffers_outside_ram(void)
{
	static const struct {
		u64 ipa;
		u32 size;
		enum err want;
	} cases[] = {
		{ CASE_BASE, (u32)CASE_SIZE, OK },
		{ CASE_END - 1, 1, OK },
		{ CASE_BASE - 1, 1, ERR_FORMAT },
		{ CASE_BASE - 1, 2, ERR_FORMAT },
		{ CASE_END, 1, ERR_FORMAT },
		{ CASE_END - 1, 2, ERR_FORMAT },
		{ CASE_BASE, (u32)CASE_SIZE + 1, ERR_FORMAT },
		{ CASE_BASE, ~0U, ERR_FORMAT },
		{ 0, 1, ERR_FORMAT },
		{ 0x09000000, 4, ERR_FORMAT },
		{ ~0UL, 1, ERR_FORMAT },
		{ ~0UL, ~0U, ERR_FORMAT },
		{ ~0UL - 0xfffffffe, ~0U, ERR_FORMAT },
		{ 1UL << 63 | CASE_BASE, 1, ERR_FORMAT },
		{ ~0UL, 0, OK }, /* no byte of it lies anywhere */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (u32 write = 0; write < 2; write++)
			EXPECT_EQ(judged_alone(cases[i].ipa, cases[i].size, write ? D_WRITE : 0, 0),
				  cases[i].want);
}

/*
 * What a chain is made of is looked at once each, so that a guest that changes it meanwhile changes
 * nothing that was judged: the index, the head, every descriptor; a buffer not at all.
 */
static void each_is_read_once(void)
{
	static const struct {
		u64 at, times;
	} cases[] = {
		{ CASE_AVAIL + 2, 1 }, { CASE_AVAIL + 4, 1 },     { CASE_DESC, 1 },
		{ CASE_DESC + 32, 1 }, { CASE_DESC + 7 * 16, 1 }, { CASE_DESC + 16, 0 },
		{ CASE_DATA, 0 },      { CASE_USED + 2, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		open_queue(8);
		case_desc(0, CASE_DATA, 4, D_NEXT, 2);
		case_desc(2, CASE_DATA, 4, D_NEXT, 7);
		case_desc(7, CASE_DATA, 4, D_WRITE, 1);
		guest.watched = cases[i].at;
		EXPECT_EQ(judged(), OK);
		EXPECT_EQ(chain.count, 3);
		EXPECT_EQ(guest.asked, cases[i].times);
	}
}

static void indices(void)
{
	u16 index;

	for (u32 waiting = 0; waiting <= 0xffff; waiting++) {
		if (waiting == 20)
			waiting = 0xfff0;
		open_queue(8);
		case_desc(0, CASE_DATA, 1, 0, 0);
		index = (u16)waiting;
		case_put(CASE_AVAIL + 2, &index, 2);
		EXPECT_EQ(pop(), waiting == 0 ? ERR_NOENT : waiting <= 8 ? OK : ERR_FORMAT);
	}
}

/* More than 65,536 chains: both indices go round, every entry is the right one. */
static void indices_go_round(void)
{
	open_queue(4);
	for (u32 i = 0; i < 4; i++)
		case_desc(i, CASE_DATA + i, 1, 0, 0);
	for (u32 i = 0; i < 0x10010; i++) {
		u16 head = (u16)(i * 3 % 4);
		u64 entry = CASE_USED + 4 + 8UL * (i % 4);

		case_offer(head, 4);
		if (pop() != OK || chain.head != head || vq_push(&guest, &q, head, i) != OK ||
		    case_word(entry, 4) != head || case_word(entry + 4, 4) != i ||
		    case_word(CASE_USED + 2, 2) != (u16)(i + 1)) {
			EXPECT_EQ(i, 0x10010);
			return;
		}
	}
	EXPECT(case_is_sound());
}

static void wishes(void)
{
	u16 flags = 1;

	open_queue(8);
	EXPECT(vq_wants_interrupt(&guest, &q));
	case_put(CASE_AVAIL, &flags, 2);
	EXPECT(!vq_wants_interrupt(&guest, &q));
	flags = 0xfffe;
	case_put(CASE_AVAIL, &flags, 2);
	EXPECT(vq_wants_interrupt(&guest, &q));
}

static enum err enabled(u32 size, u64 desc, u64 avail, u64 in_use)
{
	struct virtqueue fresh = { .size = size, .desc = desc, .avail = avail, .in_use = in_use };
	enum err e;

	case_open();
	e = vq_enable(&guest, &fresh);
	EXPECT_EQ(fresh.ready, e == OK);
	return e;
}

static void queues_that_cannot_be(void)
{
	static const u32 sizes[] = { 0, 3, 5, 127, VQ_MAX + 1, VQ_MAX * 2, 1U << 31, ~0U };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		EXPECT_EQ(enabled(sizes[i], CASE_DESC, CASE_AVAIL, CASE_USED), ERR_FORMAT);
	for (u64 off = 1; off < 16; off++)
		EXPECT_EQ(enabled(8, CASE_DESC + off, CASE_AVAIL, CASE_USED), ERR_FORMAT);
	EXPECT_EQ(enabled(8, CASE_DESC, CASE_AVAIL + 1, CASE_USED), ERR_FORMAT);
	EXPECT_EQ(enabled(8, CASE_DESC, CASE_AVAIL, CASE_USED + 2), ERR_FORMAT);
}

/* The last place that a ring of 8 fits into, and the next one. */
static void rings_at_the_end(void)
{
	EXPECT_EQ(enabled(8, CASE_END - 128, CASE_AVAIL, CASE_USED), OK);
	EXPECT_EQ(enabled(8, CASE_END - 112, CASE_AVAIL, CASE_USED), ERR_FORMAT);
	EXPECT_EQ(enabled(8, CASE_DESC, CASE_END - 20, CASE_USED), OK);
	EXPECT_EQ(enabled(8, CASE_DESC, CASE_END - 18, CASE_USED), ERR_FORMAT);
	EXPECT_EQ(enabled(8, CASE_DESC, CASE_AVAIL, CASE_END - 68), OK);
	EXPECT_EQ(enabled(8, CASE_DESC, CASE_AVAIL, CASE_END - 64), ERR_FORMAT);
	EXPECT_EQ(enabled(8, ~0UL - 15, CASE_AVAIL, CASE_USED), ERR_FORMAT);
	EXPECT_EQ(enabled(8, CASE_BASE - 16, CASE_AVAIL, CASE_USED), ERR_FORMAT);
}

/* Memory that went away, or may not be written any more, after it was judged. */
static void memory_that_goes(void)
{
	struct vq_cursor at;
	u8 byte = 1;

	open_queue(8);
	case_desc(0, CASE_DATA, 4, D_WRITE, 0);
	EXPECT_EQ(judged(), OK);
	guest.lost = CASE_DATA;
	at = vq_writable(&chain);
	EXPECT_EQ(vq_copy_in(&guest, &chain, &at, &byte, 1), 0);
	guest.lost = 0;
	guest.read_only = CASE_DATA;
	EXPECT_EQ(vq_copy_in(&guest, &chain, &at, &byte, 1), 0);
	EXPECT_EQ(case_word(CASE_DATA, 1), 0);
	guest.read_only = align_down(CASE_USED, CASE_PAGE);
	EXPECT_EQ(vq_push(&guest, &q, 0, 1), ERR_FORMAT);
	guest.read_only = align_up(CASE_USED, CASE_PAGE);
	EXPECT_EQ(vq_push(&guest, &q, 0, 1), ERR_FORMAT);
	guest.lost = align_down(CASE_AVAIL, CASE_PAGE);
	EXPECT_EQ(pop(), ERR_FORMAT);
	guest.lost = align_down(CASE_DESC, CASE_PAGE);
	case_offer(0, 8);
	EXPECT_EQ(pop(), ERR_FORMAT);
}

TESTS(T(an_empty_queue), T(a_chain_of_three), T(a_cursor_skips), T(the_longest_chain),
      T(a_descriptor_that_is_not_there), T(wrong_flags), T(buffers_outside_ram),
      T(each_is_read_once), T(indices), T(indices_go_round), T(wishes), T(queues_that_cannot_be),
      T(rings_at_the_end), T(memory_that_goes))
