#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Exits that call the firmware, as on a CPU whose branch predictors it must clear
# (tf.harden-exits; hyp/vm/workaround.h): guests see no difference, on every CPU, and each exit
# costs exactly the instructions that its vectors do more.
#
# needs: all raw-guests
use strict;
use warnings;
use Test::More;
use Twofold;

# stp, mrs, ldr, smc, ldp; QEMU's firmware does its part without an instruction.
use constant MORE => 5;
my @names = qw(call fp gic);

sub machine_with {
	my ($what, @hyp_args) = @_;
	my $bench = "kernel=$build/guests/g_bench.bin,name=bench,mem=64M,leaf=4k,pmu=direct";
	my $m = machine(
		guests => [ $bench, map { raw($_, name => $_) } @names ],
		qemu_args => [ '-icount', 'shift=0,sleep=off' ], smp => 2, hyp_args => \@hyp_args,
		input => join('', map { "wait $_ '# end' 60\n" } @names)
			. "wait bench 'measured all' 60\ns2 check\nexit 0\n",
	);
	passed($m, $what);
	guest_tap($m, $_) for @names;
	my ($cost) = map { /^row t3 (\d+)/ ? $1 : () } guest_lines($m, 'bench');
	my $line = qr/^CPU \d: each exit of a guest calls the firmware's workaround 0x80008000$/m;
	is(scalar(() = $m->{out} =~ /$line/g), @hyp_args ? 2 : 0,
		"$what: that both CPUs call it is said");
	return $cost;
}

my $plain = machine_with('exits as they are');
my $hardened = machine_with('exits that call the firmware', 'tf.harden-exits');
is($hardened, $plain + MORE, "a hypercall costs $plain, and hardened as much more as that is");
done_testing();
