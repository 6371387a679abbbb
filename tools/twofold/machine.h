/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine to run: its CPU and memory, and its guests.
 *
 *	struct machine m = { 0 };
 *	machine_set(&m, "--mem", "mem", "2G", "");
 *	machine_set(&m, "-g", "guest", "kernel=@/small.img,mem=128M", "");
 *	machine_finish(&m);
 *
 * The same settings come from the command line and, one a line, from a description.  What is
 * wrong ends the process with a message that begins with the label: the option, or the file
 * and line.  A file name that begins with @/ lies in the folder of the running binary, build/;
 * any other that is not absolute is taken from `folder`, "" being the current one.
 */
#ifndef TOOLS_TWOFOLD_MACHINE_H
#define TOOLS_TWOFOLD_MACHINE_H

#include "include/types.h"

/* Limits of the hypervisor (VM_MAX, VM_NAME, FDT_MAX_MODULES, FDT_MAX_ARGS), and ours. */
enum {
	MACHINE_GUESTS = 16,
	MACHINE_MODULES = 32,
	MACHINE_NAME = 16,
	MACHINE_ARGS = 1024,
	MACHINE_EXTRA = 64,
};

/* A file that QEMU puts into memory. */
struct module {
	const char *path; /* NULL where there is none */
	u64 size;         /* by place.c, as the address is */
	u64 address;
};

struct guest {
	const char *label; /* where it was asked for */
	const char *name;
	struct module kernel, ramdisk, disk;
	u64 mem, cpus;
	u64 weight;           /* of the CPU time; 0: the usual */
	const char *pins;     /* CPUs: a range or a mask; NULL: all */
	const char *leaf;     /* "4k", "2m", "1g" … */
	const char *granule;  /* of stage 2; NULL where nothing is said, as the next two */
	u64 ipa;              /* bits; 0 */
	const char *features; /* "-fwb+hd" */
	const char *populate; /* "demand" or "eager" */
	const char *pmu;      /* "hidden" or "direct"; NULL where nothing is said */
	u64 disk_size;        /* of a disk without a file; 0 where there is none */
	const char *access;   /* to the disk: "rw" or "ro" */
	const char *args;     /* the guest's own */
};

struct machine {
	const char *cpu;
	u64 smp, mem; /* 0 while not given */
	struct guest guests[MACHINE_GUESTS];
	size_t guest_count;
	const char *qemu_args[MACHINE_EXTRA];
	size_t qemu_arg_count;
	const char *hyp_args[MACHINE_EXTRA];
	size_t hyp_arg_count;
	struct module hypervisor;
	const char *tap; /* file for the second UART; NULL where there is none */
};

/* Settings: cpu, smp, mem, qemu-arg, hyp-arg, guest.  Any other key fails by name. */
void machine_set(struct machine *m, const char *label, const char *key, const char *value,
		 const char *folder);

/* Reads a description, e.g. images/two: lines `key value`, # begins a comment. */
void machine_read(struct machine *m, const char *path);

/* What m does not give is taken from `under`; under's guests and arguments come first. */
void machine_merge(struct machine *m, const struct machine *under);

/* Fills in what was given nowhere: the defaults, and the small guest where there is no guest. */
void machine_finish(struct machine *m);

#endif
