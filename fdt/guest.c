/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's device tree, through libfdt's sequential writer.  The first error is kept and
 * everything after it does nothing, so the tree is written down as it reads.
 */
#include "fdt/guest.h"

#include <libfdt.h>

#include "include/bits.h"
#include "lib/fmt.h"
#include "lib/str.h"

enum { CLOCK_PHANDLE = 1, GIC_PHANDLE = 2, CLOCK_HZ = 24000000 };

/* The GIC binding's interrupt cells: kind, number, trigger. */
enum { GIC_SPI = 0, GIC_PPI = 1, TRIGGER_LEVEL_HIGH = 4 };
enum { NAME_MAX_LENGTH = 40 };

struct writer {
	void *fdt;
	int error; /* libfdt's first, or 0 */
};

static void begin(struct writer *w, const char *name)
{
	if (!w->error)
		w->error = fdt_begin_node(w->fdt, name);
}

/* A node that is called name@base. */
static void begin_at(struct writer *w, const char *name, u64 base)
{
	char full[NAME_MAX_LENGTH];

	fmt(full, sizeof(full), "%s@%lx", name, base);
	begin(w, full);
}

static void end(struct writer *w)
{
	if (!w->error)
		w->error = fdt_end_node(w->fdt);
}

static void put_bytes(struct writer *w, const char *name, const void *bytes, size_t n)
{
	if (!w->error)
		w->error = fdt_property(w->fdt, name, bytes, (int)n);
}

static void put_text(struct writer *w, const char *name, const char *text)
{
	put_bytes(w, name, text, strlen(text) + 1);
}

static void put_u32(struct writer *w, const char *name, u32 value)
{
	if (!w->error)
		w->error = fdt_property_u32(w->fdt, name, value);
}

static void put_u64(struct writer *w, const char *name, u64 value)
{
	if (!w->error)
		w->error = fdt_property_u64(w->fdt, name, value);
}

/* reg of two address and two size cells. */
static void put_reg(struct writer *w, u64 base, u64 size)
{
	fdt64_t cells[2] = { cpu_to_fdt64(base), cpu_to_fdt64(size) };

	put_bytes(w, "reg", cells, sizeof(cells));
}

/* A list of strings is an array of characters: its own NUL ends the last one. */
#define put_list(w, name, list) put_bytes(w, name, list, sizeof(list))

static void write_chosen(struct writer *w, const struct fdt_guest *g)
{
	char path[NAME_MAX_LENGTH];

	fmt(path, sizeof(path), "/pl011@%lx", g->uart_base.v);
	begin(w, "chosen");
	put_text(w, "stdout-path", path);
	put_text(w, "bootargs", g->args);
	if (g->ramdisk_size) {
		put_u64(w, "linux,initrd-start", g->ramdisk.v);
		put_u64(w, "linux,initrd-end", g->ramdisk.v + g->ramdisk_size);
	}
	if (g->seeded) {
		put_u64(w, "kaslr-seed", g->kaslr_seed);
		put_bytes(w, "rng-seed", g->rng_seed, sizeof(g->rng_seed));
	}
	end(w);
}

static void write_memory(struct writer *w, const struct fdt_guest *g)
{
	begin_at(w, "memory", g->ram_base.v);
	put_text(w, "device_type", "memory");
	put_reg(w, g->ram_base.v, g->ram_size);
	end(w);
}

static void write_cpus(struct writer *w, const struct fdt_guest *g)
{
	begin(w, "cpus");
	put_u32(w, "#address-cells", 1);
	put_u32(w, "#size-cells", 0);
	for (u32 n = 0; n < g->cpus; n++) {
		begin_at(w, "cpu", fdt_guest_mpidr(n));
		put_text(w, "device_type", "cpu");
		put_text(w, "compatible", "arm,armv8");
		put_u32(w, "reg", fdt_guest_mpidr(n));
		put_text(w, "enable-method", "psci");
		end(w);
	}
	end(w);
}

static void write_psci(struct writer *w)
{
	begin(w, "psci");
	put_list(w, "compatible", "arm,psci-1.0\0arm,psci-0.2");
	put_text(w, "method", "hvc");
	end(w);
}

/* The PL011's driver asks for two clocks, the PL031's for one; all are this one. */
static void write_clock(struct writer *w)
{
	begin(w, "apb-pclk");
	put_text(w, "compatible", "fixed-clock");
	put_u32(w, "#clock-cells", 0);
	put_u32(w, "clock-frequency", CLOCK_HZ);
	put_text(w, "clock-output-names", "clk24mhz");
	put_u32(w, "phandle", CLOCK_PHANDLE);
	end(w);
}

static void write_gic(struct writer *w, const struct fdt_guest *g)
{
	fdt64_t reg[4] = { cpu_to_fdt64(g->gicd_base.v), cpu_to_fdt64(g->gicd_size),
			   cpu_to_fdt64(g->gicr_base.v), cpu_to_fdt64(g->gicr_size) };

	begin_at(w, "intc", g->gicd_base.v);
	put_text(w, "compatible", "arm,gic-v3");
	put_u32(w, "#interrupt-cells", 3);
	put_bytes(w, "interrupt-controller", NULL, 0);
	put_u32(w, "#redistributor-regions", 1);
	put_bytes(w, "reg", reg, sizeof(reg));
	put_u32(w, "phandle", GIC_PHANDLE);
	end(w);
}

/* Secure physical, physical, virtual, EL2's: PPIs 13, 14, 11, 10; a guest has the middle two. */
static void write_timer(struct writer *w)
{
	static const u32 ppi[4] = { 13, 14, 11, 10 };
	fdt32_t cells[12];

	for (u32 i = 0; i < 4; i++) {
		cells[3 * i] = cpu_to_fdt32(GIC_PPI);
		cells[3 * i + 1] = cpu_to_fdt32(ppi[i]);
		cells[3 * i + 2] = cpu_to_fdt32(TRIGGER_LEVEL_HIGH);
	}
	begin(w, "timer");
	put_list(w, "compatible", "arm,armv8-timer\0arm,armv7-timer");
	put_bytes(w, "interrupts", cells, sizeof(cells));
	put_bytes(w, "always-on", NULL, 0);
	end(w);
}

/* Shared memory with the device needs no maintenance: EL2 reaches it through the same caches. */
static void write_virtio(struct writer *w, const struct fdt_virtio *v)
{
	fdt32_t interrupt[3] = { cpu_to_fdt32(GIC_SPI), cpu_to_fdt32(v->spi - 32),
				 cpu_to_fdt32(TRIGGER_LEVEL_HIGH) };

	begin_at(w, "virtio_mmio", v->base.v);
	put_text(w, "compatible", "virtio,mmio");
	put_reg(w, v->base.v, v->size);
	put_bytes(w, "interrupts", interrupt, sizeof(interrupt));
	put_bytes(w, "dma-coherent", NULL, 0);
	end(w);
}

static void write_uart(struct writer *w, const struct fdt_guest *g)
{
	fdt32_t interrupt[3] = { cpu_to_fdt32(GIC_SPI), cpu_to_fdt32(g->uart_spi - 32),
				 cpu_to_fdt32(TRIGGER_LEVEL_HIGH) };
	fdt32_t clocks[2] = { cpu_to_fdt32(CLOCK_PHANDLE), cpu_to_fdt32(CLOCK_PHANDLE) };

	begin_at(w, "pl011", g->uart_base.v);
	put_list(w, "compatible", "arm,pl011\0arm,primecell");
	put_reg(w, g->uart_base.v, g->uart_size);
	if (g->gicd_size)
		put_bytes(w, "interrupts", interrupt, sizeof(interrupt));
	put_bytes(w, "clocks", clocks, sizeof(clocks));
	put_list(w, "clock-names", "uartclk\0apb_pclk");
	end(w);
}

static void write_rtc(struct writer *w, const struct fdt_guest *g)
{
	begin_at(w, "pl031", g->rtc_base.v);
	put_list(w, "compatible", "arm,pl031\0arm,primecell");
	put_reg(w, g->rtc_base.v, g->rtc_size);
	put_u32(w, "clocks", CLOCK_PHANDLE);
	put_text(w, "clock-names", "apb_pclk");
	end(w);
}

static void write_root(struct writer *w, const struct fdt_guest *g)
{
	begin(w, "");
	put_list(w, "compatible", "twofold,virt\0linux,dummy-virt");
	put_text(w, "model", "Twofold virtual machine");
	put_u32(w, "#address-cells", 2);
	put_u32(w, "#size-cells", 2);
	if (g->gicd_size)
		put_u32(w, "interrupt-parent", GIC_PHANDLE);
	write_chosen(w, g);
	write_memory(w, g);
	write_cpus(w, g);
	write_psci(w);
	if (g->gicd_size) {
		write_gic(w, g);
		write_timer(w);
	}
	write_clock(w);
	write_uart(w, g);
	if (g->rtc_size)
		write_rtc(w, g);
	for (u32 i = 0; g->gicd_size && i < g->virtio_count; i++)
		write_virtio(w, &g->virtio[i]);
	end(w);
}

static enum err check(const struct fdt_guest *g)
{
	if (!g->cpus || g->cpus > FDT_GUEST_MAX_CPUS || g->virtio_count > FDT_GUEST_VIRTIO)
		return ERR_INVALID;
	if (!range_within(g->ram_base.v, g->ram_size, ~0UL) ||
	    !range_within(g->uart_base.v, g->uart_size, ~0UL) ||
	    (g->rtc_size && !range_within(g->rtc_base.v, g->rtc_size, ~0UL)))
		return ERR_RANGE;
	/* The end of the ramdisk is written down, so it has to be a number, too. */
	if (g->ramdisk_size && !range_within(g->ramdisk.v, g->ramdisk_size, ~0UL - 1))
		return ERR_RANGE;
	return OK;
}

enum err fdt_guest_write(void *buf, size_t size, const struct fdt_guest *g, size_t *out)
{
	struct writer w = { .fdt = buf };
	enum err e = check(g);

	if (e != OK)
		return e;
	w.error = fdt_create(buf, size < INT32_MAX ? (int)size : INT32_MAX);
	if (!w.error)
		w.error = fdt_finish_reservemap(buf);
	write_root(&w, g);
	if (!w.error)
		w.error = fdt_finish(buf);
	if (w.error)
		return w.error == -FDT_ERR_NOSPACE ? ERR_NOMEM : ERR_INVALID;
	*out = fdt_totalsize(buf);
	return OK;
}
