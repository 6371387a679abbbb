/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checked caches: guards and poison.
 *
 *	… FRONT | object: requested bytes | BEHIND … | FRONT | the next object …
 *
 * 1. The c->guard bytes in front of every object are FRONT; from its last requested byte to the
 *    next object's front (without guards, to its own end) stands BEHIND.
 * 2. A free object is FREE in every byte or, in a cache with a constructor, as it was when it
 *    became free: its note has the sum.
 * 3. An object is looked at only by who has it: before it is given out, while it is taken back.
 */
#include "include/check.h"
#include "mm/slab.h"

enum { FRONT = 0xcc, BEHIND = 0xbb, FREE = 0x6b, FRESH = 0x5a };

static const char front_written[] = "a byte in front of an object was written";
static const char behind_written[] = "a byte behind an object was written";
static const char free_written[] = "a free object was written";
static const char state_changed[] = "the constructed state of a free object was changed";

/* All are alike where each equals its neighbour, which memcmp() finds out by words. */
static bool all_are(const u8 *from, const u8 *to, u8 value)
{
	if (from >= to)
		return true;
	return *from == value && __builtin_memcmp(from, from + 1, (size_t)(to - from) - 1) == 0;
}

/* FNV-1a by words: every byte counts, for the multiplier is odd. */
static u32 sum_of(const u8 *bytes, size_t size)
{
	u64 sum = 0xcbf29ce484222325, word = 0;

	for (; size >= sizeof(word); size -= sizeof(word), bytes += sizeof(word)) {
		__builtin_memcpy(&word, bytes, sizeof(word));
		sum = (sum ^ word) * 0x100000001b3;
		sum ^= sum >> 32;
	}
	for (word = 0; size > 0; size--)
		word = word << 8 | *bytes++;
	sum = (sum ^ word) * 0x100000001b3;
	return (u32)(sum ^ sum >> 32);
}

static u8 *object_at(const struct cache *c, const struct slab *s, u64 i)
{
	return s->objects + i * c->stride;
}

/* Where what is behind an object ends. */
static u8 *end_of(const struct cache *c, u8 *object)
{
	return object + (c->guard ? c->stride - c->guard : c->object_size);
}

static const char *surroundings(const struct cache *c, u8 *object, const struct object_note *note)
{
	if (!all_are(object - c->guard, object, FRONT))
		return front_written;
	return all_are(object + note->requested, end_of(c, object), BEHIND) ? NULL : behind_written;
}

static const char *contents(const struct cache *c, const u8 *object, const struct object_note *note)
{
	if (c->construct)
		return sum_of(object, c->object_size) == note->sum ? NULL : state_changed;
	return all_are(object, object + c->object_size, FREE) ? NULL : free_written;
}

static void expect_whole_surroundings(const char *wrong)
{
	bool no_byte_in_front_of_the_object_was_written = wrong != front_written;
	bool no_byte_behind_the_object_was_written = wrong != behind_written;

	CHECK(no_byte_in_front_of_the_object_was_written);
	CHECK(no_byte_behind_the_object_was_written);
}

static void expect_whole_contents(const char *wrong)
{
	bool free_object_was_not_written = wrong != free_written;
	bool constructed_state_was_left_alone = wrong != state_changed;

	CHECK(free_object_was_not_written);
	CHECK(constructed_state_was_left_alone);
}

static struct object_note *note_of(struct cache *c, const void *object)
{
	struct slab *s = slab_of(virt_to_page(object));

	return slab_note(c, s, slab_index(c, s, object));
}

static void set_request(struct cache *c, u8 *object, struct object_note *note, size_t size)
{
	note->requested = (u32)size;
	__builtin_memset(object + size, BEHIND, (size_t)(end_of(c, object) - object) - size);
}

/* The object becomes free as it is, or poisoned. */
static void set_free(struct cache *c, u8 *object, struct object_note *note)
{
	if (c->construct)
		note->sum = sum_of(object, c->object_size);
	else
		__builtin_memset(object, FREE, c->object_size);
}

void guard_new(struct cache *c, struct slab *s)
{
	for (u32 i = 0; i < c->per_slab; i++) {
		struct object_note *note = slab_note(c, s, i);
		u8 *object = object_at(c, s, i);

		__builtin_memset(object - c->guard, FRONT, c->guard);
		set_request(c, object, note, c->object_size);
		set_free(c, object, note);
		note->caller = 0;
	}
}

void guard_taken(struct cache *c, void *object, u64 caller)
{
	struct object_note *note = note_of(c, object);

	expect_whole_surroundings(surroundings(c, object, note));
	expect_whole_contents(contents(c, object, note));
	note->caller = caller;
	if (!c->construct)
		__builtin_memset(object, FRESH, c->object_size);
}

void guard_given(struct cache *c, void *object)
{
	struct slab *s = slab_of(virt_to_page(object));
	u64 i = slab_index(c, s, object);
	struct object_note *note = slab_note(c, s, i);
	bool object_is_not_free_already = s->next[i] == SLAB_BUSY;

	CHECK(object_is_not_free_already);
	expect_whole_surroundings(surroundings(c, object, note));
	set_request(c, object, note, c->object_size);
	set_free(c, object, note);
}

void guard_request(struct cache *c, void *object, size_t size)
{
	struct object_note *note = note_of(c, object);

	expect_whole_surroundings(surroundings(c, object, note));
	set_request(c, object, note, size);
}

const char *guard_check(const struct cache *c, struct slab *s, u32 i)
{
	struct object_note *note = slab_note(c, s, i);
	u8 *object = object_at(c, s, i);
	const char *wrong = surroundings(c, object, note);

	if (!wrong && s->next[i] != SLAB_BUSY)
		wrong = contents(c, object, note);
	return wrong;
}
