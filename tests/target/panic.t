#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# What the hypervisor says when it has gone wrong: an image does it on purpose. Status 2, at once,
# with the syndrome in words, registers, and a backtrace by names that trusts no pointer.
use strict;
use warnings;
use Test::More;
use Twofold;

# What is done, where it must be said to have happened, and the words.
my @kinds = (
	[ 'undefined', 'k_undefined', qr/ESR 0x02000000: unknown reason/ ],
	[ 'breakpoint', 'k_breakpoint', qr/ESR 0xf2000042: BRK; imm16 0x42/ ],
	[ 'write_text', 'k_write_text',
		qr/data abort, same EL; .*WnR write, FSC permission fault/ ],
	[ 'write_rodata', 'k_write_rodata',
		qr/data abort, same EL; .*WnR write, FSC permission fault/ ],
	[ 'execute_data', undef, qr/instruction abort, same EL; .*FSC permission fault/ ],
	[ 'read_null', 'k_read_null', qr/data abort, same EL; .*WnR read, FSC translation fault/ ],
	[ 'read_wild', 'k_read_wild', qr/data abort, same EL; .*WnR read, FSC translation fault/ ],
	[ 'overflow', 'deeper', qr/data abort, same EL; .*WnR write, FSC translation fault/ ],
	[ 'bad_frame', 'k_bad_frame', qr/unknown reason/ ],
	[ 'frame_circle', 'k_frame_circle', qr/unknown reason/ ],
	[ 'bad_stack', 'k_bad_stack', qr/unknown reason/ ],
	[ 'svc', 'k_svc', qr/SVC; imm16 7/ ],
);

my %said;
for (@kinds) {
	my ($kind, $where, $words) = @$_;
	my $m = qemu(kernel => "$build/images/p_panic.elf", hyp_args => [ "tf.panic=$kind" ],
		limit => 10);
	my $out = $said{$kind} = $m->{out};
	my $good = $m->{status} == 2
		&& $out =~ /^twofold panic: unexpected exception: synchronous, EL2$/m
		&& $out =~ $words;
	ok($good, "$kind is said in words, status 2");
	like($out, qr/^  at   0x\w{16}  \Q$where\E\+0x/m, "$kind happened in $where") if $where;
	like($out, qr/^  lr   0x\w{16}  \S+\+0x.*x29 0x\w{16}\n  x30 0x\w{16}\n  sp  0x\w{16}/ms,
		"$kind: all registers");
	is(scalar(() = $out =~ /twofold panic/g), 1, "$kind: once");
	diag($out) if !$good;
}

# The way there, by names; the stack pointer as it was.
like($said{undefined}, qr/lr .* run\+.*\n  from .* hyp_main\+.*\n  from .* boot_main\+.*\n/,
	'the way to it');
like($said{execute_data}, qr/lr .* k_execute_data\+/, 'the way to no code');
my ($sp) = $said{overflow} =~ /sp  0x(\w+)/;
my ($far) = $said{overflow} =~ /far 0x(\w+)/;
cmp_ok(abs(hex($sp) - hex($far)), '<', 0x300, 'the stack pointer stands in the guard');
like($said{overflow}, qr/from .* k_overflow\+.*from .* hyp_main\+/s, 'the whole stack is walked');
like($said{bad_stack}, qr/sp  0x0000000000000010 /, 'a bad stack pointer is shown');
cmp_ok(length $said{bad_frame}, '<', 3000, 'a bad frame pointer is not followed');
cmp_ok(length $said{frame_circle}, '<', 6000, 'a circle of frames has an end');

# Our own invariants: the condition, and where it stands.
my $m = qemu(kernel => "$build/images/p_panic.elf", hyp_args => ['tf.panic=check'], limit => 10);
is($m->{status}, 2, 'a failed CHECK is status 2');
like($m->{out},
	qr/^twofold panic: \S+p_panic\.c:\d+: CHECK\(zero == 1\)\n(  from .*\n)?.* k_check\+/m,
	'with its condition');
done_testing();
