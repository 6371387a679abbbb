#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# The small guest's own tests behind stage 2, in pages and in blocks, on demand and eagerly; and
# both walks of 100000 random addresses: EL2's software against AT, on each CPU model.
use strict;
use warnings;
use Test::More;
use Twofold;

sub small {
	my ($name, $leaf, $populate, $mem) = @_;
	return "kernel=$build/small.img,name=$name,mem=$mem,leaf=$leaf,"
		. "populate=$populate,args=test";
}

my %sets = (
	'cortex-a72' => [ small('pages', '4k', 'demand', '32M'), small('blocks', '2m', 'demand',
		'64M'),
		small('eager', '4k', 'eager', '16M'), small('ready', '2m', 'eager', '32M') ],
	'neoverse-n1' => [ small('pages', '4k', 'demand', '32M') ],
	'max' => [ small('pages', '4k', 'demand', '16M'), small('blocks', '2m', 'eager', '32M') ],
);

# The tests end with the guest off; these go on: the small guest's shell, once with all of its
# memory there, a guest whose tables are partly nowhere, one without any.
my @others = ("kernel=$build/small.img,name=shell,mem=16M,leaf=4k",
	"kernel=$build/small.img,name=full,mem=16M,leaf=2m,populate=eager",
	raw('walk', name => 'lost'), raw('hello', name => 'flat'));
my %walks = (shell => 100000, full => 100000, lost => 20000, flat => 5000);

for my $cpu (sort keys %sets) {
	my @guests = @{ $sets{$cpu} };
	my @names = map { /name=(\w+)/ } @guests;
	my $m = machine(
		cpu => $cpu,
		guests => [ @guests, @others ],
		limit => 180,
		input => join('', map { "wait $_ '# end' 60\n" } @names, 'lost', 'flat')
			. join('', map { "walk check $_ $walks{$_} 42\n" } sort keys %walks)
			. "s2 check\nexit 0\n",
	);
	passed($m, $cpu) or next;
	guest_tap($m, $_, "$cpu: $_") for @names, 'lost', 'flat';
	for (sort keys %walks) {
		my $said = answer($m, "walk check $_ $walks{$_} 42");
		my ($translated, $faulted) = $said =~
			/^walk check: ok, $walks{$_} addr.* (\d+) translated, (\d+) faulted/m;
		cmp_ok($translated // 0, '>', 1000, "$cpu: $_: both walks translate alike");
		cmp_ok($faulted // 0, '>', 1000, "$cpu: $_: and fault alike");
		diag($said) if !defined $faulted;
	}
}
done_testing();
