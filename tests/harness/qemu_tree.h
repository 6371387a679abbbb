/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For host tests of fdt/: a tree like QEMU's virt board writes, with two guests' modules; a
 * place for it whose end is the end of readable memory; and what must hold of whatever a
 * reader accepts.
 */
#ifndef TESTS_HARNESS_QEMU_TREE_H
#define TESTS_HARNESS_QEMU_TREE_H

#include <libfdt.h>
#include <string.h>
#include <sys/mman.h>

#include "fdt/machine.h"

enum { QEMU_TREE_MAX = 16384, EDGE_MAX = 1 << 20 };

/* Each function of libfdt's writer returns 0 or an error: one is enough to know. */
struct qemu_tree {
	void *fdt;
	int error;
};

static inline void qt_cells(struct qemu_tree *q, const char *name, size_t n, const u32 *cells)
{
	fdt32_t big[16];

	for (size_t i = 0; i < n; i++)
		big[i] = cpu_to_fdt32(cells[i]);
	q->error |= fdt_property(q->fdt, name, big, (int)(n * 4));
}

#define QT_CELLS(q, name, ...)                                                                     \
	qt_cells(q, name, sizeof((u32[]){ __VA_ARGS__ }) / 4, (u32[]){ __VA_ARGS__ })
#define QT_LIST(q, name, list) ((q)->error |= fdt_property((q)->fdt, name, list, sizeof(list)))

static inline void qt_begin(struct qemu_tree *q, const char *name)
{
	q->error |= fdt_begin_node(q->fdt, name);
}

static inline void qt_end(struct qemu_tree *q)
{
	q->error |= fdt_end_node(q->fdt);
}

static inline void qt_devices(struct qemu_tree *q)
{
	qt_begin(q, "pl011@9000000");
	QT_LIST(q, "compatible", "arm,pl011\0arm,primecell");
	QT_CELLS(q, "reg", 0, 0x9000000, 0, 0x1000);
	QT_CELLS(q, "interrupts", 0, 1, 4);
	qt_end(q);
	qt_begin(q, "pl031@9010000");
	QT_LIST(q, "compatible", "arm,pl031\0arm,primecell");
	QT_CELLS(q, "reg", 0, 0x9010000, 0, 0x1000);
	QT_CELLS(q, "interrupts", 0, 2, 4);
	qt_end(q);
	qt_begin(q, "platform-bus@c000000");
	QT_LIST(q, "compatible", "qemu,platform\0simple-bus");
	QT_CELLS(q, "#address-cells", 1);
	QT_CELLS(q, "#size-cells", 1);
	QT_CELLS(q, "ranges", 0, 0, 0xc000000, 0x2000000);
	qt_begin(q, "pl011@1000");
	QT_LIST(q, "compatible", "arm,pl011\0arm,primecell");
	QT_CELLS(q, "reg", 0x1000, 0x1000);
	QT_CELLS(q, "interrupts", 0, 8, 4);
	qt_end(q);
	qt_end(q);
	qt_begin(q, "pcie@10000000");
	QT_LIST(q, "compatible", "pci-host-ecam-generic");
	QT_LIST(q, "device_type", "pci");
	QT_CELLS(q, "#address-cells", 3);
	QT_CELLS(q, "#size-cells", 2);
	QT_CELLS(q, "reg", 0x40, 0x10000000, 0, 0x10000000);
	QT_CELLS(q, "ranges", 0x2000000, 0, 0x10000000, 0, 0x10000000, 0, 0x2eff0000, 0x1000000, 0,
		 0, 0, 0x3eff0000, 0, 0x10000);
	qt_end(q);
	qt_begin(q, "intc@8000000");
	QT_LIST(q, "compatible", "arm,gic-v3");
	QT_CELLS(q, "phandle", 0x8005);
	QT_CELLS(q, "#interrupt-cells", 3);
	QT_CELLS(q, "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0xf60000);
	qt_end(q);
	qt_begin(q, "psci");
	QT_LIST(q, "compatible", "arm,psci-1.0\0arm,psci-0.2\0arm,psci");
	QT_LIST(q, "method", "smc");
	qt_end(q);
}

static inline void qt_cpu(struct qemu_tree *q, const char *name, u32 reg)
{
	qt_begin(q, name);
	QT_LIST(q, "device_type", "cpu");
	QT_LIST(q, "compatible", "arm,cortex-a72");
	QT_LIST(q, "enable-method", "psci");
	QT_CELLS(q, "reg", reg);
	qt_end(q);
}

static inline void qt_memory(struct qemu_tree *q)
{
	qt_begin(q, "memory@40000000");
	QT_LIST(q, "device_type", "memory");
	QT_CELLS(q, "reg", 0, 0x40000000, 1, 0);
	qt_end(q);
	qt_begin(q, "reserved-memory");
	QT_CELLS(q, "#address-cells", 2);
	QT_CELLS(q, "#size-cells", 2);
	q->error |= fdt_property(q->fdt, "ranges", NULL, 0);
	qt_begin(q, "firmware@42000000");
	QT_CELLS(q, "reg", 0, 0x42000000, 0, 0x100000);
	qt_end(q);
	qt_end(q);
	qt_begin(q, "cpus");
	QT_CELLS(q, "#address-cells", 1);
	QT_CELLS(q, "#size-cells", 0);
	qt_cpu(q, "cpu@0", 0);
	qt_cpu(q, "cpu@1", 1);
	qt_end(q);
}

/* As the guest-loader does, the newest module first, and /chosen says nothing of cells. */
static inline void qt_chosen(struct qemu_tree *q)
{
	qt_begin(q, "aliases");
	QT_LIST(q, "serial0", "/pl011@9000000");
	qt_end(q);
	qt_begin(q, "chosen");
	QT_LIST(q, "stdout-path", "/pl011@9000000");
	QT_LIST(q, "bootargs", "console=ttyAMA0");
	qt_begin(q, "module@0x60000000");
	QT_LIST(q, "compatible", "multiboot,module\0multiboot,ramdisk");
	QT_CELLS(q, "reg", 0, 0x60000000, 0, 0x1000);
	qt_end(q);
	qt_begin(q, "module@0x50000000");
	QT_LIST(q, "compatible", "multiboot,module\0multiboot,kernel");
	QT_LIST(q, "bootargs", "tf.name=small -- quiet");
	QT_CELLS(q, "reg", 0, 0x50000000, 0, 0x200000);
	qt_end(q);
	qt_end(q);
}

/* Writes the tree; its size, or 0 where it does not fit. */
static inline size_t qemu_tree(void *buf, size_t size)
{
	struct qemu_tree q = { buf, 0 };

	q.error |= fdt_create(buf, (int)size);
	q.error |= fdt_add_reservemap_entry(buf, 0x43000000, 0x1000);
	q.error |= fdt_finish_reservemap(buf);
	qt_begin(&q, "");
	QT_LIST(&q, "compatible", "linux,dummy-virt");
	QT_CELLS(&q, "interrupt-parent", 0x8005);
	QT_CELLS(&q, "#address-cells", 2);
	QT_CELLS(&q, "#size-cells", 2);
	qt_memory(&q);
	qt_devices(&q);
	qt_chosen(&q);
	qt_end(&q);
	q.error |= fdt_finish(buf);
	return q.error ? 0 : fdt_totalsize(buf);
}

/*
 * A copy of a tree, aligned to 8 bytes, at most 7 bytes before a page that cannot be touched:
 * the host's libfdt is not compiled with a sanitizer, but it cannot read past that.
 */
static inline void *at_the_edge(const void *tree, size_t size)
{
	static u8 *area;

	if (!area) {
		area = mmap(NULL, EDGE_MAX + 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (area == MAP_FAILED || mprotect(area + EDGE_MAX, 4096, PROT_NONE))
			__builtin_trap();
	}
	return memcpy(area + EDGE_MAX - (size + 7) / 8 * 8, tree, size);
}

static inline bool range_is_sound(const struct fdt_range *r)
{
	return r->size && r->size - 1 <= ~0UL - r->base.v;
}

/* What machine.h promises of a tree that was read. */
static inline bool machine_is_sound(const struct fdt_machine *m)
{
	bool ok = m->bank_count && m->bank_count <= FDT_MAX_BANKS && m->cpu_count <= FDT_MAX_CPUS &&
		  m->reserved_count <= FDT_MAX_RESERVED && m->module_count <= FDT_MAX_MODULES &&
		  m->node_count > 0 && m->node_count <= FDT_MAX_NODES && m->dma_last > 0;

	for (u32 i = 0; ok && i < m->bank_count; i++) {
		const struct fdt_range *b = &m->banks[i];
		bool apart = i && m->bank_node[i] == m->bank_node[i - 1];

		ok = range_is_sound(b) && m->bank_node[i] < m->node_count &&
		     (!i || b[-1].base.v + (b[-1].size - 1) < b->base.v - apart);
	}
	for (u32 i = 0; ok && i < m->cpu_count; i++)
		ok = m->cpu_node[i] < m->node_count;
	for (u32 i = 0; ok && i < m->reserved_count; i++)
		ok = range_is_sound(&m->reserved[i]);
	for (u32 i = 0; ok && i < m->module_count; i++) {
		const struct fdt_module *d = &m->modules[i];

		ok = range_is_sound(&d->range) && memchr(d->args, 0, FDT_MAX_ARGS) &&
		     (!i || d[-1].range.base.v <= d->range.base.v);
	}
	ok = ok && (!m->gic_version || range_is_sound(&m->gicd));
	ok = ok && (m->gic_version != 3 || range_is_sound(&m->gicr));
	ok = ok && (!m->uart.size || range_is_sound(&m->uart));
	ok = ok && (!m->uart_spi || (m->uart_spi >= 32 && m->uart_spi < 1020));
	return ok && memchr(m->args, 0, FDT_MAX_ARGS);
}

/* What it promises of the words about one that was refused. */
static inline bool words_are_sound(const char why[FDT_WHY])
{
	size_t n = strnlen(why, FDT_WHY);

	for (size_t i = 0; i < n; i++)
		if (why[i] < ' ' || why[i] > '~')
			return false;
	return n && n < FDT_WHY;
}

#endif
