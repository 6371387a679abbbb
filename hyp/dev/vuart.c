/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The emulated PL011.
 * 1. Of the bytes the console has taken the last LINE_MAX stay readable, for a `wait` whose text
 *    they may begin, and behind them there is always room for vuart_end_line().
 * 2. The FIFO never loses a byte it has taken; what does not fit is the sender's to keep.
 * 3. Every register is 32 bits wide, whatever the access (hyp/dev/reg32.h).
 */
#include "hyp/dev/vuart.h"

#include "hyp/console/console.h"
#include "hyp/dev/reg32.h"
#include "hyp/dev/vgic_cpu.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/vm.h"
#include "include/bits.h"
#include "lib/line.h"

enum {
	UARTDR = 0x000,
	UARTFR = 0x018,
	UARTIBRD = 0x024,
	UARTFBRD = 0x028,
	UARTLCR_H = 0x02c,
	UARTCR = 0x030,
	UARTIFLS = 0x034,
	UARTIMSC = 0x038,
	UARTRIS = 0x03c,
	UARTMIS = 0x040,
	UARTICR = 0x044,
	UARTDMACR = 0x048,
	UARTID = 0xfe0,
};

#define FR_RXFE BIT(4)
#define FR_TXFF BIT(5)
#define FR_TXFE BIT(7)
#define INT_RX BIT(4)
#define INT_TX BIT(5)
#define INT_RX_TIMEOUT BIT(6)
#define LCR_FEN BIT(4)
#define IFLS_RX BITS(5, 3)

/*
 * What is to be free: for a byte; for the transmit interrupt, behind which a driver writes half a
 * FIFO without looking.
 */
enum { ROOM_BYTE = LINE_MAX + 2, ROOM_INTERRUPT = ROOM_BYTE + 31 };

/* UARTPeriphID0-3, UARTPCellID0-3: a PL011 r1p5. */
static const u8 id[8] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

/* Whether n bytes can be written.  If not, vuart_has_room() will be called. */
static bool has_room(struct vuart *u, u64 n)
{
	return likely(u->spool.limit - u->spool.written >= n) || spool_wants(&u->spool, n);
}

/* What only the guest's writes take, and vuart_has_room() gives. */
static void look_for_room(struct vuart *u)
{
	u->low = !has_room(u, ROOM_INTERRUPT);
	u->flags = u->low && !has_room(u, ROOM_BYTE) ? FR_TXFF : FR_TXFE;
}

void vuart_init(struct vuart *u, char *ring)
{
	u->spool = (struct spool){ .ring = ring, .size = VUART_RING, .limit = VUART_RING };
}

void vuart_reset(struct vuart *u)
{
	u->fifo_head = 0;
	u->fifo_count = 0;
	u->ibrd = 0;
	u->fbrd = 0;
	u->lcr_h = 0;
	u->cr = 0x300;
	u->ifls = 0x12;
	u->imsc = 0;
	u->dmacr = 0;
	u->sent = false;
	look_for_room(u);
}

static u8 take_byte(struct vuart *u)
{
	u8 byte;

	if (u->fifo_count == 0)
		return 0;
	byte = u->fifo[u->fifo_head];
	u->fifo_head = (u->fifo_head + 1) % VUART_FIFO;
	u->fifo_count--;
	return byte;
}

/* Bytes that raise the receive interrupt; fewer raise the timeout's. */
static u32 receive_level(const struct vuart *u)
{
	static const u8 of_32[8] = { 4, 8, 16, 24, 28, 28, 28, 28 };

	return u->lcr_h & LCR_FEN ? of_32[get(IFLS_RX, u->ifls)] : 1;
}

static u32 raw_interrupts(const struct vuart *u)
{
	u64 raw = u->sent && !u->low ? INT_TX : 0;

	if (u->fifo_count)
		raw |= INT_RX_TIMEOUT;
	if (u->fifo_count >= receive_level(u))
		raw |= INT_RX;
	return (u32)raw;
}

static void update_line(struct vm *vm)
{
	vgic_cpu_set_line(&vm->vcpu[0], VM_UART_SPI,
			  (raw_interrupts(&vm->uart) & vm->uart.imsc) != 0);
}

static u32 read_register(struct vuart *u, u32 offset)
{
	switch (offset) {
	case UARTDR: return take_byte(u);
	case UARTFR: return u->fifo_count ? u->flags : u->flags | (u32)FR_RXFE;
	case UARTIBRD: return u->ibrd;
	case UARTFBRD: return u->fbrd;
	case UARTLCR_H: return u->lcr_h;
	case UARTCR: return u->cr;
	case UARTIFLS: return u->ifls;
	case UARTIMSC: return u->imsc;
	case UARTRIS: return raw_interrupts(u);
	case UARTMIS: return raw_interrupts(u) & u->imsc;
	case UARTDMACR: return u->dmacr;
	default: break;
	}
	if (offset >= UARTID && offset < UARTID + 4 * ARRAY_SIZE(id))
		return id[(offset - UARTID) / 4];
	return 0;
}

/*
 * False: the store is to be done again.  Until then v waits like one in WFI, so that its interrupts
 * still come; one that has masked what is pending gives its turn to others.
 */
static bool put_byte(struct vcpu *v, u8 byte)
{
	struct vuart *u = &v->vm->uart;

	look_for_room(u);
	if (u->flags & FR_TXFF) {
		sched_wait(v);
		if (v->state == VCPU_READY)
			sched_yield(v);
		return false;
	}
	(void)spool_put(&u->spool, (char)byte);
	u->sent = true;
	look_for_room(u);
	console_guest_output(v->vm, byte);
	return true;
}

/* Of a register that keeps it. */
static void write_register(struct vuart *u, u32 offset, u32 value)
{
	switch (offset) {
	case UARTICR: u->sent = u->sent && !(value & INT_TX); break;
	case UARTIBRD: u->ibrd = value & 0xffff; break;
	case UARTFBRD: u->fbrd = value & 0x3f; break;
	case UARTLCR_H: u->lcr_h = value & 0xff; break;
	case UARTCR: u->cr = value & 0xff87; break;
	case UARTIFLS: u->ifls = value & 0x3f; break;
	case UARTIMSC: u->imsc = value & 0x7ff; break;
	case UARTDMACR: u->dmacr = value & 7; break;
	default: break; /* error and IrDA registers, and what does not exist */
	}
}

u64 vuart_read(struct vm *vm, u32 offset, u32 size)
{
	u32 at = reg32_at(offset);
	u64 value = reg32_read(read_register(&vm->uart, at), offset, size);

	if (at == UARTDR) /* no other read changes anything */
		update_line(vm);
	return value;
}

bool vuart_write(struct vcpu *v, u32 offset, u32 size, u64 value)
{
	u32 at = reg32_at(offset), word = reg32_written(value, offset, size);
	bool done = true;

	if (at == UARTDR)
		done = put_byte(v, (u8)word);
	else
		write_register(&v->vm->uart, at, word);
	update_line(v->vm);
	return done;
}

void vuart_has_room(struct vm *vm)
{
	look_for_room(&vm->uart);
	if (vm->state == VM_STOPPED)
		return;
	update_line(vm);
	for (u32 i = 0; i < vm->config.cpus; i++)
		sched_wake(&vm->vcpu[i]);
}

void vuart_end_line(struct vuart *u)
{
	struct spool *s = &u->spool;

	if (s->taken < s->written && spool_at(s, s->written - 1) != '\n')
		(void)spool_put(s, '\n');
}

size_t vuart_send(struct vm *vm, const char *text, size_t n)
{
	struct vuart *u = &vm->uart;
	size_t sent = 0;

	while (sent < n && u->fifo_count < VUART_FIFO) {
		u->fifo[(u->fifo_head + u->fifo_count) % VUART_FIFO] = (u8)text[sent++];
		u->fifo_count++;
	}
	update_line(vm);
	sched_wake(&vm->vcpu[0]);
	return sent;
}
