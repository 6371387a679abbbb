/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list registers: how the emulated GIC's interrupts reach a vCPU (Arm IHI 0069, chapter 6).
 *
 * While a vCPU is loaded, interrupts may be *out* in list registers.  vgic_cpu_sync() takes them
 * back, vgic_cpu_flush() puts out what is to be delivered now; between exits that concern no
 * interrupt, neither is needed.
 */
#ifndef HYP_DEV_VGIC_CPU_H
#define HYP_DEV_VGIC_CPU_H

#include "hyp/dev/vgic.h"

enum { VGIC_LRS = 16 };

/* A vCPU's CPU interface. */
struct vgic_if {
	struct vgic_slot slot[VGIC_LRS]; /* what is out */
	u32 out;                         /* how many; list registers 0 … out - 1 */
	bool dirty;                      /* vgic_cpu_flush() has something to do before entry */
	u64 vmcr, ap0r, ap1r;            /* while it is not loaded */
};

struct vcpu;

/* Once per CPU. */
void vgic_cpu_init(void);

/*
 * The loaded vCPU: takes back everything that is out, looks at its virtual timer's line again, and
 * marks it dirty.
 */
void vgic_cpu_sync(struct vcpu *v);

/* The loaded vCPU: puts out what its list registers have room for. */
void vgic_cpu_flush(struct vcpu *v);

/* With the world switch. */
void vgic_cpu_unload(struct vcpu *v);
void vgic_cpu_load(struct vcpu *v);

/* The physical PPI of the virtual timer has come for the loaded vCPU; it stays active. */
void vgic_cpu_timer(struct vcpu *v);

/*
 * The maintenance interrupt: something ended or ran out.  It is a level, so what caused it is
 * taken away before it is ended.
 */
void vgic_cpu_maintenance(struct vcpu *v);

/* A line of a vCPU or of its VM changes; whoever it concerns is woken. */
void vgic_cpu_set_line(struct vcpu *v, u32 intid, bool high);

/* The loaded vCPU writes ICC_SGI1R_EL1, or one of the two that make group 0's. */
void vgic_cpu_send_sgi(struct vcpu *v, u64 sgi1r);
void vgic_cpu_send_sgi0(struct vcpu *v, u64 sgi0r);

/* The loaded vCPU writes ICC_DIR_EL1, which is ignored with ICC_CTLR_EL1.EOImode = 0. */
void vgic_cpu_deactivate(struct vcpu *v, u32 intid);

/* Whether an interrupt is there for v to take (WFI does not wait then). */
bool vgic_cpu_pending(struct vcpu *v);

/* Accesses by the loaded vCPU: offset within GICD, or from the first redistributor on. */
u64 vgic_cpu_dist_read(struct vcpu *v, u32 offset, u32 size);
void vgic_cpu_dist_write(struct vcpu *v, u32 offset, u32 size, u64 value);
u64 vgic_cpu_redist_read(struct vcpu *v, u32 offset, u32 size);
void vgic_cpu_redist_write(struct vcpu *v, u32 offset, u32 size, u64 value);

#endif
