/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames and VMIDs that change hands: the linker's --wrap around what takes, maps and puts back,
 * and rules 1 to 3 of tests/lives/machine.h.
 */
#include <string.h>

#include "include/check.h"
#include "mm/gfp.h"
#include "mm/promise.h"
#include "s2/vmid.h"
#include "tests/lives/state.h"

struct page *__real_promise_take(struct mm *m, u32 gfp, unsigned int order);
struct page *__wrap_promise_take(struct mm *m, u32 gfp, unsigned int order);
void __real_promise_put(struct mm *m, struct page *page, unsigned int order);
void __wrap_promise_put(struct mm *m, struct page *page, unsigned int order);
enum err __real_s2_map(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr,
		       u64 largest);
enum err __wrap_s2_map(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr,
		       u64 largest);
enum err __real_s2_vmid_take(struct s2_vmids *v, u16 *vmid);
enum err __wrap_s2_vmid_take(struct s2_vmids *v, u16 *vmid);
void __real_s2_vmid_put(struct s2_vmids *v, u16 vmid);
void __wrap_s2_vmid_put(struct s2_vmids *v, u16 vmid);

struct page *__wrap_promise_take(struct mm *m, u32 gfp, unsigned int order)
{
	struct page *page = NULL;

	if (order && frames.fail_takes == 1)
		return NULL;
	if (order && frames.fail_takes)
		frames.fail_takes--;
	page = __real_promise_take(m, gfp, order);
	for (u64 i = 0; page && i < 1UL << order; i++) {
		u64 frame = offset_of(page_to_pa(page).v) / FRAME + i;

		CHECK(!frames.taken[frame]);
		frames.taken[frame] = TAKEN;
		frames.taken_count++;
	}
	return page;
}

static bool is_filled(const u8 *bytes, u8 value, u64 n)
{
	return bytes[0] == value && memcmp(bytes, bytes + 1, n - 1) == 0;
}

void __wrap_promise_put(struct mm *m, struct page *page, unsigned int order)
{
	for (u64 i = 0; i < 1UL << order; i++) {
		u64 frame = offset_of(page_to_pa(page).v) / FRAME + i;
		bool is_scrubbed = frames.taken[frame] != TAKEN_RAM ||
				   is_filled(&seen[frame * FRAME], 0, FRAME);

		CHECK(frames.taken[frame]);
		CHECK(frames.mapped[frame] == 0);
		CHECK(is_scrubbed);
		CHECK(!machine_holds(frame, MACHINE_SECRET, 8));
		frames.taken[frame] = TAKEN_NOT;
		frames.taken_count--;
		foul(frame);
	}
	__real_promise_put(m, page, order);
}

/* What a frame must be before a guest can reach it. */
static void judge_mapped(u64 frame)
{
	const u8 *bytes = frames.config.fwb ? seen : memory;

	CHECK(frames.taken[frame] == TAKEN);
	CHECK(frames.mapped[frame] == 0);
	CHECK(is_filled(&seen[frame * FRAME], 0, FRAME));
	CHECK(is_filled(&bytes[frame * FRAME], 0, FRAME));
	CHECK(!(frames.due[frame] & (DUE_STORES | DUE_CLEAN)));
	CHECK(frames.config.no_ic || !(frames.due[frame] & DUE_FETCH));
}

enum err __wrap_s2_map(struct s2 *s2, ipa_t ipa, u64 size, pa_t pa, struct s2_attr attr,
		       u64 largest)
{
	enum err e;

	for (u64 at = pa.v; at < pa.v + size; at += FRAME) {
		CHECK(is_frame(at));
		judge_mapped(offset_of(at) / FRAME);
	}
	e = __real_s2_map(s2, ipa, size, pa, attr, largest);
	frames.counts.maps += e == OK;
	for (u64 at = pa.v; e == OK && at < pa.v + size; at += FRAME) {
		frames.taken[offset_of(at) / FRAME] = TAKEN_RAM;
		frames.mapped[offset_of(at) / FRAME] = s2->vmid;
	}
	return e;
}

enum err __wrap_s2_vmid_take(struct s2_vmids *v, u16 *vmid)
{
	enum err e = __real_s2_vmid_take(v, vmid);

	frames.vmids_out += e == OK;
	return e;
}

void __wrap_s2_vmid_put(struct s2_vmids *v, u16 vmid)
{
	for (u64 f = 0; f < MACHINE_FRAMES; f++)
		CHECK(frames.mapped[f] != vmid);
	__real_s2_vmid_put(v, vmid);
	frames.vmids_out--;
}
