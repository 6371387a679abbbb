#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# What exits cost, in instructions: every row of `make bench-target` that needs no Linux is
# measured, really happened as often as it is said, meets its target, and is the same when
# it is measured again.  (That the counters are hidden from who does not ask for them, g_sysreg
# sees.)
use strict;
use warnings;
use Test::More;
use Twofold;

my @rows = qw(t1 t2 t3 t4 t5 t6 t7 t10);

sub rows {
	my ($status, $out) = Twofold::run(300, '', 'tests/bench/run-target', $build,
		"$scratch/rows.jsonl", @rows);
	is($status, 0, 'all was measured, and happened') or diag($out);
	return -e "$scratch/rows.jsonl" ? Twofold::slurp("$scratch/rows.jsonl") : '';
}

my $first = rows();
for my $cpu ('cortex-a72', 'max') {
	for my $row (@rows) {
		my ($line) = grep { /"row":"$row","cpu":"$cpu"/ } split /\n/, $first;
		like($line // '', qr/"met":true/, "$cpu: $row meets its target")
			or diag($line // 'it is not there');
	}
}
is(rows(), $first, 'measured again, every figure is the same');

# Two guests that count, and take turns with one that never rests: what others do is in no count.
my @guests = map {
	"kernel=$build/guests/g_bench.bin,name=$_,mem=64M,leaf=4k,pmu=direct,args=rounds=1"
} 'a', 'b';
my $m = machine(
	guests => [ @guests, raw('spin', name => 'busy') ],
	qemu_args => [ '-icount', 'shift=0,sleep=off' ],
	input => "wait a 'measured all' 60\nwait b 'measured all' 60\n"
		. "vm stop busy\ns2 check\nexit 0\n",
);
passed($m, 'two that count beside one that is busy');
my ($alone) = $first =~ /"row":"t3","cpu":"cortex-a72","unit":"insn","median":(\d+)/;
for my $name ('a', 'b') {
	my ($median) = map { /^row t3 (\d+)/ ? $1 : () } guest_lines($m, $name);
	is($median, $alone, "$name counts its own hypercalls and nothing else");
}
done_testing();
