/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine that tests of s2/ run on: on the host the model of tests/model, at EL2 the CPU.
 *
 *	machine_reset();
 *	EXPECT_EQ(machine_vm(&s2, 40, 1), OK);
 *	EXPECT_EQ(s2_map(...), OK);
 *	machine_settled();
 *	EXPECT_EQ(machine_read(&s2, 0x40001000).pa, 0x80001000);
 *
 * The same calls mean the same on both; only the model can tell that TLB maintenance is missing,
 * and only the CPU that the manual was understood.
 */
#ifndef TESTS_HARNESS_MACHINE_H
#define TESTS_HARNESS_MACHINE_H

#include "s2/s2.h"

enum {
	MACHINE_POOL = 512,     /* table pages that every machine has */
	MACHINE_QUOTA = 100000, /* of machine_vm(): more than that */
};

/* Every table page is free, no VM is known, no failure is due. */
void machine_reset(void);

/* The CPU's ID registers.  It has the 4 KiB granule and at least 40 bits of PA. */
struct s2_cpu machine_cpu(void);

/* s2_init() for this machine's CPU, and tells the machine that the root may be walked. */
must_check enum err machine_vm(struct s2 *s2, unsigned int ipa_bits, u16 vmid);

/* Tells the machine of a VM that was made without machine_vm(). */
void machine_add(const struct s2 *s2);

/* The VM whose VTTBR_EL2 is loaded on this CPU while operations run; NULL for none. */
void machine_load(const struct s2 *s2);

/* An operation has returned: nothing may be stale, unfinished or lost. */
void machine_settled(void);

/*
 * What a guest's access to the IPA meets.  fault is 0 or stage 2's fault status code as in
 * ESR_EL2.DFSC: type in bits [5:2], level in [1:0]; pa is 0 then.
 */
struct machine_answer {
	u64 pa;
	u8 fault;
};

struct machine_answer machine_read(const struct s2 *s2, u64 ipa);
struct machine_answer machine_write(const struct s2 *s2, u64 ipa);

enum {
	FAULT_ADDRESS_SIZE = 0x00,
	FAULT_TRANSLATION = 0x04,
	FAULT_ACCESS = 0x08,
	FAULT_PERMISSION = 0x0c,
};

/* The nth allocation of tables from now on fails (1 is the next); 0: none will. */
void machine_fail_alloc(u64 nth);

/* Table pages handed out and not returned. */
u64 machine_pages(void);

/* ---- What many tests need ---- */

#define SIZE_4K 0x1000UL
#define SIZE_2M 0x200000UL
#define SIZE_1G 0x40000000UL

/* RAM as a guest has it: write-back, inner shareable, everything permitted. */
static inline struct s2_attr ram(void)
{
	return (struct s2_attr){
		.mem = S2_MEM_NORMAL_WB,
		.sh = S2_SH_INNER,
		.perm = S2_R | S2_W | S2_X,
		.accessed = true,
	};
}

/* s2_check() as text: "sound", or what is wrong. */
static inline const char *soundness(const struct s2 *s2)
{
	ipa_t where;
	const char *wrong = s2_check(s2, &where);

	return wrong ? wrong : "sound";
}

/*
 * The end of a VM whose operations have all returned: its tables are sound, and all of them come
 * back.  "sound", or what is wrong.
 */
static inline const char *machine_end(struct s2 *s2)
{
	const char *tables;

	machine_settled();
	tables = soundness(s2);
	s2_destroy(s2);
	machine_settled();
	return machine_pages() ? "table pages are left" : tables;
}

static inline struct s2_attr ram_perm(u8 perm)
{
	struct s2_attr a = ram();

	a.perm = perm;
	return a;
}

#endif
