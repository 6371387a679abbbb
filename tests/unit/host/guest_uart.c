/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/dev/vuart.h while nobody takes what the guest writes: to the byte where it waits, what it
 * sees then, and when it goes on.
 */
#include "hyp/console/console.h"
#include "hyp/dev/vgic_cpu.h"
#include "hyp/vm/sched.h"
#include "hyp/vm/vm.h"
#include "lib/line.h"
#include "lib/str.h"
#include "tests/harness/tap.h"

enum { DR = 0, FR = 0x18, IMSC = 0x38, ICR = 0x44, TXFF = 0x20, TXFE = 0x80, TX = 0x20 };

/* The last byte finds a line, an end for it and one more free. */
enum { MOST = VUART_RING - LINE_MAX - 1, A_FIFO = 32 };

static struct vm vm;
static char ring[VUART_RING];
static struct vcpu *const v = &vm.vcpu[0];
static u64 told, yields;
static bool line, interrupt_waits;

/* ---- What is around it ----------------------------------------------------------------------- */

void sched_wait(struct vcpu *waits)
{
	if (!interrupt_waits)
		waits->state = VCPU_WAITING;
}

void sched_yield(struct vcpu *yields_to)
{
	(void)yields_to;
	yields++;
}

void sched_wake(struct vcpu *woken)
{
	if (woken->state == VCPU_WAITING)
		woken->state = VCPU_READY;
}

void vgic_cpu_set_line(struct vcpu *to, u32 intid, bool high)
{
	EXPECT(to == v && intid == VM_UART_SPI);
	line = high;
}

void console_guest_output(struct vm *by, u8 byte)
{
	EXPECT(by == &vm);
	EXPECT_EQ((u8)spool_at(&vm.uart.spool, vm.uart.spool.written - 1), byte);
	told++;
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void begin(void)
{
	memset(&vm, 0, sizeof(vm));
	vm.state = VM_RUNNING;
	vm.config.cpus = 2;
	for (u32 i = 0; i < 2; i++) {
		vm.vcpu[i].vm = &vm;
		vm.vcpu[i].state = VCPU_READY;
	}
	vuart_init(&vm.uart, ring);
	vuart_reset(&vm.uart);
	told = yields = 0;
	line = interrupt_waits = false;
}

static u64 flags(void)
{
	return vuart_read(&vm, FR, 4) & (TXFF | TXFE);
}

/* So many bytes, each of which finds room. */
static void write_bytes(u64 n)
{
	for (u64 i = 0; i < n; i++) {
		EXPECT_EQ(flags(), TXFE);
		EXPECT(vuart_write(v, DR, 4, (u8)(vm.uart.spool.written * 13)));
	}
}

/* The console takes them, and calls the guest where it is told to. */
static bool take(u64 n)
{
	bool call = spool_take(&vm.uart.spool, vm.uart.spool.taken + n);

	if (call)
		vuart_has_room(&vm);
	return call;
}

static void waits_when_full(void)
{
	begin();
	write_bytes(MOST);
	EXPECT_EQ(told, MOST);
	EXPECT_EQ(flags(), TXFF);
	EXPECT_EQ(v->state, VCPU_READY); /* who only looks does not wait */
	EXPECT(!vuart_write(v, DR, 4, 'x'));
	EXPECT_EQ(v->state, VCPU_WAITING);
	EXPECT_EQ(vm.vcpu[1].state, VCPU_READY);
	EXPECT_EQ(told, MOST);
	EXPECT_EQ(vm.uart.spool.written, MOST);
	for (u64 p = 0; p < MOST; p++)
		EXPECT_EQ((u8)ring[p], (u8)(p * 13));
}

/* All of them, where more than one have stored; not before it is worth it. */
static void goes_on_when_called(void)
{
	begin();
	write_bytes(MOST);
	for (u32 i = 0; i < 2; i++)
		EXPECT(!vuart_write(&vm.vcpu[i], DR, 4, 'x'));
	EXPECT(!take(1000));
	EXPECT_EQ(flags(), TXFF);
	EXPECT(take(VUART_RING / 4));
	EXPECT_EQ(flags(), TXFE);
	for (u32 i = 0; i < 2; i++) {
		EXPECT_EQ(vm.vcpu[i].state, VCPU_READY);
		EXPECT(vuart_write(&vm.vcpu[i], DR, 4, 'x'));
	}
	write_bytes(VUART_RING / 4 + 1000 - 2);
	EXPECT_EQ(flags(), TXFF);
	EXPECT(!vuart_write(v, DR, 4, 'x'));
}

/* Room that came without a call is found by the store itself. */
static void finds_room_by_itself(void)
{
	begin();
	write_bytes(MOST);
	EXPECT(!take(1));
	EXPECT(vuart_write(v, DR, 4, 'x'));
	EXPECT(!vuart_write(v, DR, 4, 'x'));
}

/* One that has an interrupt which it has masked does not sleep, and is no burden either. */
static void yields_where_it_may_not_sleep(void)
{
	begin();
	write_bytes(MOST);
	interrupt_waits = true;
	EXPECT(!vuart_write(v, DR, 4, 'x'));
	EXPECT_EQ(v->state, VCPU_READY);
	EXPECT_EQ(yields, 1);
}

/* Behind the transmit interrupt a FIFO's bytes find room without a look. */
static void interrupts_with_room(void)
{
	begin();
	EXPECT(vuart_write(v, IMSC, 4, TX));
	EXPECT(!line);
	write_bytes(MOST - A_FIFO);
	EXPECT(line);
	write_bytes(1);
	EXPECT(!line);
	write_bytes(A_FIFO - 1);
	EXPECT(!line);
	EXPECT(take(VUART_RING / 2));
	EXPECT(line);
	EXPECT(vuart_write(v, ICR, 4, TX));
	EXPECT(!line);
}

static void a_life_that_stops_full(void)
{
	begin();
	write_bytes(MOST);
	EXPECT(!vuart_write(v, DR, 4, 'x'));
	vm.state = VM_STOPPED;
	v->state = VCPU_OFF;
	vuart_end_line(&vm.uart);
	EXPECT_EQ(vm.uart.spool.written, MOST + 1);
	EXPECT_EQ(spool_at(&vm.uart.spool, MOST), '\n');
	vuart_end_line(&vm.uart); /* it is ended */
	EXPECT_EQ(vm.uart.spool.written, MOST + 1);
	vuart_reset(&vm.uart); /* the next life finds it so */
	EXPECT_EQ(flags(), TXFF);
	EXPECT(take(VUART_RING / 2));
	EXPECT_EQ(flags(), TXFE);
	EXPECT_EQ(v->state, VCPU_OFF);
}

TESTS(T(waits_when_full), T(goes_on_when_called), T(finds_room_by_itself),
      T(yields_where_it_may_not_sleep), T(interrupts_with_room), T(a_life_that_stops_full))
