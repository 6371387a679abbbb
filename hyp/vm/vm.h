/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtual machine: its configuration, memory, devices and vCPUs.
 *
 * Life: vm_create() once for each guest the boot loader brought (configuration checked, memory
 * reserved); vm_start() builds it from the read-only modules; vm_stop() gives everything but
 * the reservation back; reset is stop and start.  A VM keeps its number and its place in
 * vms[] for good.
 */
#ifndef HYP_VM_VM_H
#define HYP_VM_VM_H

#include "fdt/machine.h"
#include "hyp/boot/percpu.h"
#include "hyp/dev/vblk.h"
#include "hyp/dev/vrng.h"
#include "hyp/dev/vrtc.h"
#include "hyp/dev/vuart.h"
#include "hyp/mem/dirty.h"
#include "hyp/vm/lock.h"
#include "hyp/vm/vcpu.h"
#include "include/err.h"
#include "s2/fault.h"
#include "s2/visit.h"

enum { VM_SPARES = 8 };

enum { VM_MAX = 16, VM_NAME = 16, VM_MAX_VCPUS = 8, VM_WHY = 200 };

/* The guest's map, after QEMU's virt board. */
#define VM_GICD_BASE 0x08000000UL
#define VM_GICD_SIZE 0x10000UL
#define VM_GICR_BASE 0x080a0000UL
#define VM_GICR_STRIDE 0x20000U
#define VM_UART_BASE 0x09000000UL
#define VM_UART_SIZE 0x1000UL
#define VM_UART_SPI 33
#define VM_RTC_BASE 0x09010000UL
#define VM_RTC_SIZE 0x1000UL
#define VM_VIRTIO_BASE 0x0a000000UL /* slots of VIRTIO_SIZE: the disk, the random numbers */
#define VM_VIRTIO_INTID 48          /* of the first slot, and on */
#define VM_RAM_BASE 0x40000000UL

struct page;

enum vm_slot { VM_SLOT_DISK, VM_SLOT_RNG, VM_SLOTS };

enum vm_state { VM_STOPPED, VM_RUNNING, VM_PAUSED };

/* Why a VM is stopped, for people. */
enum vm_end {
	VM_END_NEVER_RUN,
	VM_END_OFF,     /* it asked for SYSTEM_OFF */
	VM_END_CONSOLE, /* `vm stop` */
	VM_END_FAULT,   /* the hypervisor could not go on with it; see last_fault */
};

/* What the machine description asks for. */
struct vm_config {
	char name[VM_NAME];
	u64 mem;
	u32 cpus;
	u32 weight; /* of the CPU: RUNQ_WEIGHT is usual */
	u32 pins;   /* the CPUs it may run on, a bit each */
	u64 leaf;   /* largest leaf, at least a granule */
	bool eager;
	bool has_pmu; /* tf.pmu=direct */
	const struct fdt_module *kernel;
	const struct fdt_module *ramdisk; /* NULL where there is none */
	const struct fdt_module *disk;    /* what is on its disk at first; NULL: zeros */
	u64 disk_size;                    /* bytes; 0 where it has no disk */
	bool disk_read_only;
	bool rtc;         /* the machine has a clock of the day to show it */
	bool rng;         /* the machine has a seed to give it random numbers from */
	const char *args; /* the guest's own */
};

/* Exits by cause. */
enum vm_exit {
	EXIT_WFX,
	EXIT_HVC,
	EXIT_SMC,
	EXIT_SYSREG,
	EXIT_S2_FAULT, /* a page or block was mapped, or was there already */
	EXIT_MMIO,
	EXIT_INJECTED, /* the guest was given an exception */
	EXIT_IRQ,
	EXIT_FP,
	EXIT_SERROR,
	EXIT_OTHER,
	EXIT_COUNT,
};

extern const char *const vm_exit_names[EXIT_COUNT];

/* The last access that broke a rule, for `vm show`. */
struct vm_fault {
	u32 printed; /* reports since it was started */
	u64 count;   /* of them ever */
	u64 repeats; /* of the last one, after its report */
	u64 esr, far, ipa, pc;
	char text[VM_WHY];
};

struct vm {
	/* Of all that follows; life, number and name change only with everything held. */
	struct lock lock;
	u32 number; /* 1 … */
	enum vm_state state;
	enum vm_end end;
	struct vm_config config;
	struct s2_geometry geo;    /* of its stage 2, whenever it runs */
	struct s2 s2;              /* valid while not stopped */
	struct dirty dirty;        /* its dirty log */
	u64 reserved;              /* frames promised by the pool, the disk's apart */
	u64 taken;                 /* of them in use: RAM and tables */
	u64 ram_pages, ram_blocks; /* leaves taken by faults, eager population or loading */
	u64 s2_faults;
	/* Frames it has from the pool and not yet behind a leaf; of RAM in 4 KiB leaves only. */
	struct page *spare[VM_SPARES];
	u32 spares;
	u64 starts;
	bool entered; /* has executed its first instruction since it was started */
	struct vcpu vcpu[VM_MAX_VCPUS];
	u32 last_vcpu[MAX_CPUS]; /* which of them each CPU had last, plus 1; 0 is none */
	struct vgic gic;
	struct vuart uart;
	struct vrtc rtc;
	struct vblk disk;
	struct vrng rng;
	u8 trng_key[32]; /* of what TRNG_RND gives next */
	u64 exits[EXIT_COUNT];
	struct vm_fault last_fault;
	ipa_t entry, tree;
	u64 cntvoff;   /* what its virtual counter is behind the machine's: hyp/dev/vtimer.h */
	u64 paused_at; /* the machine's counter when it was paused */
};

extern struct vm vms[VM_MAX];
extern u32 vm_count;

/*
 * Reads the guests out of the machine's modules and creates each.  A module that no guest
 * claims, or two do, and a guest that does not fit are refused: ERR_* with why in words.
 */
must_check enum err vm_create_all(const struct fdt_machine *machine, char why[VM_WHY]);

/*
 * What begins or ends a life, and pause and resume, is called with everything held
 * (smp_lock_all(), smp_enter_all()).
 *
 * From stopped to running.  Reasons in words; a failed start leaves it stopped.
 */
must_check enum err vm_start(struct vm *vm, char why[VM_WHY]);

/* From any state to stopped.  Frames are scrubbed before somebody else gets them. */
void vm_stop(struct vm *vm, enum vm_end end);

/* ERR_BUSY where it is not running, or not paused.  Its virtual time stands still in between. */
must_check enum err vm_pause(struct vm *vm);
must_check enum err vm_resume(struct vm *vm);

/*
 * A vCPU as the architecture leaves it at reset, UNKNOWN values zero so that nothing of another
 * leaks: off, to begin at pc with x0.
 */
void vm_reset_vcpu(struct vm *vm, u32 number, u64 pc, u64 x0);

/* Stop and start; a failed start is reported on the console and leaves it stopped. */
void vm_reset(struct vm *vm);

/* By name, or by number as text; NULL where there is none. */
struct vm *vm_find(const char *name);

const char *vm_state_name(const struct vm *vm);

/* Whether every VM that is not stopped has executed its first instruction. */
bool vm_all_entered(void);

/* Frames accounting and invariants of one VM: NULL, or what is wrong. */
const char *vm_check(const struct vm *vm);

#endif
