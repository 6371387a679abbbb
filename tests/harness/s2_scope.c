/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VM, what an operation makes of its reference, and its state as a number.  It keeps true:
 * 1. the reference changes by what the operation says, never by looking at what it made;
 * 2. an operation that fails leaves all that a caller or a walk can see.
 */
#include "tests/harness/s2_scope.h"

#include <string.h>

#include "include/bits.h"
#include "include/check.h"
#include "s2/desc.h"
#include "tests/harness/cpus.h"
#include "tests/harness/machine.h"

struct s2 scope_vm;
struct ref scope_ref;
struct s2_log scope_log;
u64 scope_log_bits[SCOPE_WORDS], scope_out[SCOPE_WORDS], scope_young[SCOPE_WORDS];
static u64 must[SCOPE_WORDS], may[SCOPE_WORDS]; /* come out of the next harvest */

void scope_begin(unsigned int granule_shift)
{
	struct s2_cpu cpu = cpu_plain();
	struct s2_want want = s2_want(granule_shift, granule_shift == 16 ? 44 : 40);
	struct s2_geometry g;
	const char *why;

	cpu.mmfr0 |= 1UL << 20;
	model_reset();
	model_machine(cpu.mmfr0, cpu.mmfr1, cpu.mmfr2, cpu.isar0);
	CHECK(s2_geometry_choose(&g, &cpu, &want, &why) == OK);
	CHECK(s2_init(&scope_vm, &g, 7, MACHINE_QUOTA) == OK);
	machine_add(&scope_vm);
	scope_ref.n = 0;
	scope_ref.logged = false;
}

const char *scope_end(void)
{
	s2_destroy(&scope_vm);
	model_quiet();
	return model_pages() ? "pages left" : NULL;
}

/* ---- The reference's part ---- */

static bool bit(const u64 *bits, u64 i)
{
	return bits[i / 64] >> (i % 64) & 1;
}

/* The granules of [first, last] that the log covers. */
static void mark(u64 *bits, u64 first, u64 last)
{
	unsigned int shift = scope_vm.geo.granule_shift;

	if (!scope_ref.logged || last < scope_log.first || first > scope_log.last)
		return;
	first = max_u64(first, scope_log.first) - scope_log.first;
	last = min_u64(last, scope_log.last) - scope_log.first;
	for (u64 i = first >> shift; i <= last >> shift; i++)
		bits[i / 64] |= BIT(i % 64);
}

static void ref_begin_log(void)
{
	for (size_t i = 0; i < scope_ref.n; i++)
		scope_ref.run[i].loose |= scope_ref.run[i].attr.contiguous;
	scope_ref.logged = true;
	memset(must, 0, sizeof(must));
	memset(may, 0, sizeof(may));
}

/* Every write so far is told, and nothing that could not have been one. */
static const char *judge_harvest(const struct scope_call *c)
{
	unsigned int shift = scope_vm.geo.granule_shift;
	u64 n = (scope_log.last + 1 - scope_log.first) >> shift;
	const u64 ends[] = { scope_log.first, scope_log.last };
	u64 dirty = 0;

	for (u64 i = 0; i < n; i++) {
		dirty += bit(scope_out, i);
		if (bit(must, i) && !bit(scope_out, i))
			return "a write is lost";
		if (bit(scope_out, i) && !bit(may, i))
			return "a granule dirty that nobody wrote";
	}
	memset(must, 0, sizeof(must));
	memset(may, 0, sizeof(may));
	for (size_t i = 0; i < 2; i++) {
		struct model_walk w = model_translate(machine_regs(&scope_vm), ends[i]);
		u64 base = align_down(ends[i], w.size);

		/* What the log's end cuts stays dirty and comes again. */
		if ((w.desc & 1) && (base < ends[0] || base + (w.size - 1) > ends[1]))
			mark(may, base, base + (w.size - 1));
	}
	return dirty == c->told ? NULL : "another number of dirty granules";
}

/* Leaves whole in the range lose their flag; before the operation, which must tell each. */
static u64 ref_age(const struct scope_call *c)
{
	unsigned int shift = scope_vm.geo.granule_shift;
	u64 n = 0;

	for (u64 at = c->ipa; at <= c->last;) {
		struct model_walk w = model_translate(machine_regs(&scope_vm), at);
		u64 end = align_down(at, w.size) + (w.size - 1);

		if (scope_is_leaf(&w) && align_down(at, w.size) >= c->ipa && end <= c->last) {
			n += w.fault == MODEL_NO_FAULT ? w.size >> shift : 0;
			ref_mark_accessed(&scope_ref, at, end, false);
		}
		at = end + 1;
	}
	return n;
}

static u8 united(u8 a, u8 b)
{
	u8 x = (u8)((a | b) & (S2_X | S2_X_EL1 | S2_X_EL0));

	if (x & (x - 1))
		x = S2_X;
	return (u8)(((a | b) & (S2_R | S2_W)) | x);
}

static void ref_new(const struct scope_call *c)
{
	struct s2_attr attr = scope_attr(c->op);

	ref_unmap(&scope_ref, c->ipa, c->last);
	ref_map(&scope_ref, c->ipa, c->last, scope_amount(c->op->arg), attr);
	if (attr.perm & S2_W)
		mark(may, c->ipa, c->last);
}

static void ref_log(const struct scope_call *c)
{
	struct model_walk w;

	if (c->op->kind == LOG_STOP)
		scope_ref.logged = false;
	if (c->op->kind == LOG_PAGES || c->op->kind == LOG_BLOCKS)
		ref_begin_log();
	if (c->op->kind != LOG_WRITE)
		return;
	w = model_translate(machine_regs(&scope_vm), c->ipa);
	mark(must, c->ipa, c->last);
	mark(may, align_down(c->ipa, w.size), align_down(c->ipa, w.size) + (w.size - 1));
}

/* What the operation, which returned OK, was to do. */
static void ref_do(const struct scope_call *c)
{
	const struct model_walk *w = &c->walk;
	u64 base = align_down(c->ipa, w->size);
	const struct ref_run *run;

	switch (c->op->kind) {
	case MAP:
	case HINTED:
	case REMAP:
	case INSTALL: ref_new(c); break;
	case UNMAP: ref_unmap(&scope_ref, c->ipa, c->last); break;
	case PROTECT:
		ref_protect(&scope_ref, c->ipa, c->last, c->op->perm, false);
		mark(may, c->ipa, c->last);
		break;
	case ANNOTATE:
		ref_unmap(&scope_ref, c->ipa, c->last);
		ref_note(&scope_ref, c->ipa, c->last, 7, 0x123456789abc);
		break;
	case RELAX:
		run = ref_find(&scope_ref, c->ipa, c->ipa);
		ref_protect(&scope_ref, base, base + (w->size - 1),
			    united(run->attr.perm, c->op->perm), true);
		break;
	case ACCESSED: ref_mark_accessed(&scope_ref, base, base + (w->size - 1), true); break;
	case SPLIT:
	case MERGE:
	case AGE: break;
	case LOG_PAGES:
	case LOG_BLOCKS:
	case LOG_WRITE:
	case HARVEST:
	case LOG_STOP: ref_log(c); break;
	}
}

/* ---- State ---- */

static void mix(struct scope_state *s, u64 value)
{
	s->a = (s->a ^ value) * 0x9e3779b97f4a7c15UL;
	s->a ^= s->a >> 29;
	s->b = (s->b + value) * 0xd6e8feb86659fd93UL;
	s->b ^= s->b >> 32;
}

static void mix_table(struct scope_state *s, const u64 *table, u64 entries, int level)
{
	const struct s2_geometry *g = &scope_vm.geo;

	for (u64 i = 0; i < entries; i++) {
		u64 d = table[i];

		if (d == 0)
			continue;
		mix(s, i << 3 | (u64)level);
		if (!s2_desc_is_table(d, level)) {
			mix(s, d);
			continue;
		}
		mix(s, d ^ s2_desc_oa_put(g, s2_desc_oa(g, d)));
		mix_table(s, s2_desc_next(g, d), s2_table_entries(g), level + 1);
	}
}

/* What a caller or a walk can see. */
static struct scope_state visible(void)
{
	struct scope_state s = { 1, 2 };

	mix_table(&s, scope_vm.root, s2_root_entries(&scope_vm.geo), scope_vm.geo.start_level);
	mix(&s, scope_vm.tables);
	for (size_t i = 0; scope_vm.log && i < SCOPE_WORDS; i++)
		mix(&s, scope_log_bits[i]);
	return s;
}

struct scope_state scope_state(void)
{
	struct scope_state s = visible();
	const struct s2_attr *a = &scope_vm.page.attr;

	mix(&s, (u64)scope_vm.page.fast.mem << 1 | (scope_vm.page.root != NULL));
	mix(&s, scope_vm.page.bits);
	mix(&s, (u64)a->mem << 8 | (u64)a->accessed << 16 | (u64)a->contiguous << 17 | a->perm);
	if (scope_vm.log) {
		mix(&s, scope_log.first | scope_log.grain);
		for (size_t i = 0; i < SCOPE_WORDS; i++)
			mix(&s, must[i] * 3 + may[i]);
	}
	for (size_t i = 0; i < scope_ref.n; i++) {
		const struct ref_run *r = &scope_ref.run[i];

		mix(&s, r->first | r->loose);
		mix(&s, r->last ^ r->pa << 1);
		mix(&s, (u64)r->attr.perm << 8 | (u64)r->attr.sw << 16 | (u64)r->attr.dbm << 20 |
				(u64)r->attr.accessed << 21 | (u64)r->attr.contiguous << 22 |
				(u64)r->tag << 24);
		mix(&s, r->payload);
	}
	return s;
}

/* ---- One operation ---- */

struct seen {
	struct scope_state state;
	u64 pages, splits, merges, tlbis;
};

static struct seen look(void)
{
	return (struct seen){ visible(), model_pages(), scope_vm.splits, scope_vm.merges,
			      scope_vm.tlbis };
}

/* The first allocation fails, then the second, … NULL when it has succeeded without a failure. */
static const char *do_failing(struct scope_call *c, enum err *e)
{
	struct seen before = look();

	for (u64 k = 1;; k++) {
		u64 asked = model_allocations();
		struct seen after;

		model_fail_alloc(k);
		*e = scope_do(c);
		model_quiet();
		if (model_allocations() - asked < k)
			break;
		after = look();
		if (*e != ERR_NOMEM)
			return "an allocation failed and nobody was told";
		if (memcmp(&before, &after, sizeof(before)) != 0)
			return "a failure that changed something";
	}
	model_fail_alloc(0);
	return NULL;
}

static const char *judge(const struct scope_call *c, enum err e, u64 foretold)
{
	const char *wrong = NULL;

	if (e != c->expected)
		return err_text(e);
	if (e == OK && c->op->kind == AGE && c->told != foretold)
		return "another number of young granules";
	if (e == OK && c->op->kind == HARVEST)
		wrong = judge_harvest(c);
	if (e == OK)
		ref_do(c);
	return wrong;
}

const char *scope_compare(void)
{
	u64 where;
	const char *wrong = ref_compare(&scope_ref, &scope_vm, &where);

	if (!is_same(wrong))
		return wrong;
	wrong = soundness(&scope_vm);
	return wrong[0] == 's' ? NULL : wrong;
}

/* The operation and, before it is done, what it should come to. */
static struct scope_call begin_call(unsigned int i, u64 *foretold)
{
	const struct scope_op *o = &scope_ops[i];
	struct scope_call c = { .op = o, .ipa = scope_place(o->at), .size = scope_amount(o->size) };

	c.last = c.ipa + (c.size - 1);
	c.walk = model_translate(machine_regs(&scope_vm), c.ipa);
	c.expected = scope_foretell(&c);
	*foretold = o->kind == AGE ? ref_age(&c) : 0;
	return c;
}

void scope_replay(unsigned int i)
{
	u64 foretold;
	struct scope_call c = begin_call(i, &foretold);

	if (scope_do(&c) == OK) {
		if (c.op->kind == HARVEST)
			(void)judge_harvest(&c);
		ref_do(&c);
	}
	model_quiet();
}

const char *scope_perform(unsigned int i, bool failing)
{
	u64 foretold;
	struct scope_call c = begin_call(i, &foretold);
	const char *wrong = NULL;
	enum err e;

	if (failing)
		wrong = do_failing(&c, &e);
	else
		e = scope_do(&c);
	model_quiet();
	return wrong ? wrong : judge(&c, e, foretold);
}
