/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine on the host: s2/port.h's linked part and machine.h over the model.
 */
#include "tests/harness/machine.h"

#include "include/bits.h"
#include "include/check.h"
#include "s2/port.h"
#include "tests/harness/machine_model.h"

/* ---- s2/port.h ---- */

u64 *s2_port_table_alloc(struct s2 *s2, unsigned int pages)
{
	(void)s2;
	return model_alloc(pages);
}

u64 *s2_port_table_alloc_raw(struct s2 *s2, unsigned int pages)
{
	(void)s2;
	return model_alloc_raw(pages);
}

void s2_port_table_free(struct s2 *s2, u64 *table, unsigned int pages)
{
	(void)s2;
	model_free(table, pages);
}

void s2_port_dsb_ishst(void)
{
	model_dsb(MODEL_ISHST);
}

void s2_port_dsb_ish(void)
{
	model_dsb(MODEL_ISH);
}

void s2_port_isb(void)
{
	model_isb();
}

void s2_port_tlbi_ipas2e1is(u64 xt)
{
	model_tlbi(MODEL_IPAS2E1IS, xt);
}

void s2_port_tlbi_ipas2le1is(u64 xt)
{
	model_tlbi(MODEL_IPAS2LE1IS, xt);
}

void s2_port_tlbi_ripas2e1is(u64 xt)
{
	model_tlbi(MODEL_RIPAS2E1IS, xt);
}

void s2_port_tlbi_ripas2le1is(u64 xt)
{
	model_tlbi(MODEL_RIPAS2LE1IS, xt);
}

void s2_port_tlbi_alle1is(void)
{
	model_tlbi(MODEL_ALLE1IS, 0);
}

void s2_port_tlbi_vmalle1is(void)
{
	model_tlbi(MODEL_VMALLE1IS, 0);
}

void s2_port_tlbi_vmalls12e1is(void)
{
	model_tlbi(MODEL_VMALLS12E1IS, 0);
}

u64 s2_port_vttbr_enter(u64 vttbr)
{
	return model_vttbr_enter(vttbr);
}

void s2_port_vttbr_leave(u64 old)
{
	model_vttbr_leave(old);
}

void s2_port_controls(struct s2 *s2)
{
	model_change(machine_regs(s2));
}

/* ---- machine.h ---- */

void machine_reset(void)
{
	model_reset();
}

/* PARange 48 bits, 16-bit VMIDs, 4 KiB granule by the stage-1 field. */
struct s2_cpu machine_cpu(void)
{
	return (struct s2_cpu){ .mmfr0 = 5, .mmfr1 = 2UL << 4 };
}

enum err machine_vm(struct s2 *s2, unsigned int ipa_bits, u16 vmid)
{
	struct s2_cpu cpu = machine_cpu();
	struct s2_geometry g;
	const char *why;
	enum err e = s2_geometry_init(&g, &cpu, 12, ipa_bits, &why);

	if (e == OK)
		e = s2_init(s2, &g, vmid, MACHINE_QUOTA);
	if (e == OK)
		machine_add(s2);
	return e;
}

struct model_regs machine_regs(const struct s2 *s2)
{
	bool secure = s2->geo.vstcr != 0;

	return (struct model_regs){
		.vttbr = secure ? s2_vsttbr(s2) | (u64)s2->vmid << 48 : s2_vttbr(s2),
		.vtcr = s2->geo.vtcr,
		.vstcr = s2->geo.vstcr,
		.hcr = s2->geo.hcr,
		.state = s2->geo.state,
	};
}

void machine_add(const struct s2 *s2)
{
	model_vm(machine_regs(s2));
}

void machine_load(const struct s2 *s2)
{
	model_set_vttbr(s2 ? s2_vttbr(s2) : 0);
}

void machine_settled(void)
{
	model_quiet();
}

static struct machine_answer translate(const struct s2 *s2, u64 ipa, bool write)
{
	struct model_walk w = model_translate(machine_regs(s2), ipa);
	u8 level = (u8)w.level;

	switch (w.fault) {
	case MODEL_ADDRESS_SIZE: return (struct machine_answer){ 0, FAULT_ADDRESS_SIZE | level };
	case MODEL_TRANSLATION: return (struct machine_answer){ 0, FAULT_TRANSLATION | level };
	case MODEL_ACCESS_FLAG: return (struct machine_answer){ 0, FAULT_ACCESS | level };
	case MODEL_NO_FAULT: break;
	}
	if (write ? !w.w : !w.r)
		return (struct machine_answer){ 0, FAULT_PERMISSION | level };
	return (struct machine_answer){ w.pa, 0 };
}

struct machine_answer machine_read(const struct s2 *s2, u64 ipa)
{
	return translate(s2, ipa, false);
}

struct machine_answer machine_write(const struct s2 *s2, u64 ipa)
{
	return translate(s2, ipa, true);
}

void machine_fail_alloc(u64 nth)
{
	model_fail_alloc(nth);
}

u64 machine_pages(void)
{
	return model_pages();
}
