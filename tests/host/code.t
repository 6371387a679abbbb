#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# What QEMU cannot see wrong, looked up in instructions and sources.  At each level of optimization
# a lock is taken by an acquire and given back by a release, behind what is done under it, and a
# store-exclusive has a register of its own for its status.  PAR_EL1 is read behind an ISB.  A
# hardened exit calls the firmware before its first branch.  The vectors alone read the syndrome.
#
# needs: setup-done
use strict;
use warnings;
use File::Temp 'tempdir';
use Test::More;

my $cross = 'aarch64-linux-gnu-';
my $dir = tempdir(CLEANUP => 1);

sub spill {
	my ($name, $text) = @_;
	open my $f, '>', "$dir/$name" or die "$name: $!";
	print $f $text;
	close $f;
	return "$dir/$name";
}

# The instructions of each function: mnemonics with operands.
sub disassemble {
	my ($object) = @_;
	my (%code, $function);
	for (`${cross}objdump -d --no-show-raw-insn $object`) {
		$function = $1 if /^[0-9a-f]+ <(\w+)>:/;
		push @{ $code{$function} }, "$1 " . ($2 // '')
			if /^\s+[0-9a-f]+:\s+(\S+)(?:\s+(.*\S))?/;
	}
	return \%code;
}

sub compile {
	my ($source, @flags) = @_;
	system("${cross}gcc", @flags, qw(-ffreestanding -mgeneral-regs-only -I. -c -o), "$dir/x.o",
		$source) == 0 or return {};
	return disassemble("$dir/x.o");
}

# ---- Locks --------------------------------------------------------------------------------------

my $locks = spill('locks.c', <<'END');
#include "include/spin.h"

void check_failed(const char *file, int line, const char *what) { for (;;) ; }

static u64 data;

bool try(struct spin *l) { return spin_try(l); }
void take(struct spin *l) { spin_lock(l); data++; }
void give(struct spin *l) { data++; spin_unlock(l); }
END

for my $level (qw(-O0 -O1 -O2 -O3 -Os)) {
	my $code = compile($locks, '-std=c11', $level, '-mno-outline-atomics');
	my $all = join "\n", map { @{ $code->{$_} } } sort keys %$code;
	my @loads = $all =~ /^(ld\w*xr)\b/mg;
	cmp_ok(scalar @loads, '>', 0, "$level: there are exclusives");
	is(scalar(grep { $_ ne 'ldaxr' } @loads), 0, "$level: a lock is taken by an acquire");
	for (split /\n/, $all) {
		my ($status, $value, $at) = /^stl?xr w(\d+), [wx](\w+), \[[wx](\w+)\]/ or next;
		ok($status ne $value && $status ne $at, "$level: $_: a register for the status");
	}
	my $spin = $code->{spin_unlock} // $code->{give};
	is(scalar(grep { /^stlr w(?:zr|\d+)/ } @$spin), 1, "$level: it is given back by a release");
	next if $level eq '-O0';
	my ($release) = grep { $spin->[$_] =~ /^stlr/ } 0 .. $#$spin;
	my ($data) = grep { $spin->[$_] =~ /^str x/ } 0 .. $#$spin;
	ok(defined $data && $data < $release, "$level: behind what was done under it");
}

# ---- AT -----------------------------------------------------------------------------------------

my $at = compile('hyp/console/at.S')->{at_try} // [];
my @reads = grep { $at->[$_] =~ /^mrs x\d+, par_el1/ } 0 .. $#$at;
is(scalar(grep { /^at / } @$at), 8, 'eight ATs');
is(scalar @reads, 1, 'one read of what they found');
is($at->[ $reads[0] - 1 ], 'isb ', 'behind an ISB');

# ---- Exits ---------------------------------------------------------------------------------------

my $vectors = compile('hyp/boot/vectors.S')->{vectors_hardened} // [];
my @firmware = grep { $vectors->[$_] =~ /^smc\t?\s*#0x0/ } 0 .. $#$vectors;
is(scalar @firmware, 8, 'each of the eight ways out of a guest calls the firmware');
for my $n (@firmware) {
	my $way = join ' ', map { /^(\S+)/ } @$vectors[ $n - 5 .. $n ];
	like($way, qr/^(?:nop|udf|b) stp stp mrs ldr smc$/, 'before its first branch');
}

# ---- The syndrome -------------------------------------------------------------------------------

my @again;
for my $file (glob 'hyp/*/*.[ch]') {
	open my $f, '<', $file or die "$file: $!";
	while (<$f>) {
		push @again, "$file:$.: $_" if /read_sysreg\((?:esr|far|hpfar|elr|spsr)_el2\)/;
	}
}
is(join('', @again), '', 'the vectors alone read the syndrome');
done_testing();
