#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Shares of the CPUs: by weight, by pins, with more vCPUs than CPUs; how late a timer wakes a vCPU.
# Time is counted by instructions (-icount), so that a run repeats whatever else the machine does;
# the counter runs at 62.5 MHz, a tick is 16 ns.
use strict;
use warnings;
use Test::More;
use Twofold;

use constant TICK_NS => 16;

sub count_of {
	my ($m, $name) = @_;
	my ($count) = map { /^count (\d+)$/ } guest_lines($m, $name);
	return $count // 0;
}

# Guests [ name, options of raw(), arguments ] that count at the same time; their counts.
sub counted {
	my ($label, $smp, $window, @guests) = @_;
	my $m = machine(
		smp => $smp,
		guests => [
			map {
				my ($name, %o) = @$_;
				my $args = delete $o{args} // '';
				my $cpus = $o{cpus} // 1;
				raw('busy', name => $name, leaf => '4k', %o,
					args => "cpus=$cpus from=600 for=$window $args");
			} @guests
		],
		qemu_args => [ '-icount', 'shift=4,sleep=off' ],
		limit => 120,
		input => join('', map { "wait $_->[0] '# end' 100\n" } @guests)
			. "s2 check\nexit 0\n",
	);
	passed($m, $label) or return;
	guest_tap($m, $_->[0], "$label: $_->[0]") for @guests;
	my @counts = map { count_of($m, $_->[0]) } @guests;
	note("$label: ", join ', ', map { "$guests[$_][0] $counts[$_]" } 0 .. $#guests);
	return @counts;
}

# Whether counts stand to each other as given, within percent.
sub proportion {
	my ($label, $percent, $counts, @want) = @_;
	my ($sum, $all) = (0, 0);
	$sum += $_ for @$counts;
	$all += $_ for @want;
	my @parts = map { $sum ? $counts->[$_] * $all / ($sum * $want[$_]) : 0 } 0 .. $#want;
	my @off = map { 100 * ($_ - 1) } @parts;
	my ($worst) = sort { $b <=> $a } map { abs } @off;
	cmp_ok($worst, '<=', $percent, sprintf '%s: shares of %s within %d %% (%.1f %%)',
		$label, join(':', @want), $percent, $worst);
	return;
}

my @c = counted('1 CPU, equal', 1, 300, [ 'a' ], [ 'b' ]);
proportion('1 CPU, equal', 5, \@c, 1, 1);

@c = counted('1 CPU, weights', 1, 300, [ 'a', weight => 200 ], [ 'b', weight => 100 ]);
proportion('1 CPU, weights', 5, \@c, 2, 1);

# The weight is the guest's, however many vCPUs share it.
@c = counted('1 CPU, 3 vCPUs and 1', 1, 300, [ 'a', cpus => 3 ], [ 'b' ]);
proportion('1 CPU, 3 vCPUs and 1', 5, \@c, 1, 1);

@c = counted('2 CPUs, 2 vCPUs each', 2, 300, [ 'a', cpus => 2 ], [ 'b', cpus => 2 ]);
proportion('2 CPUs, 2 vCPUs each', 5, \@c, 1, 1);

@c = counted('2 CPUs, three', 2, 300, [ 'a' ], [ 'b' ], [ 'c' ]);
proportion('2 CPUs, three', 5, \@c, 1, 1, 1);

# Two on CPU 0 by weight, one alone on CPU 1, all the while.
@c = counted('pinned', 2, 300, [ 'a', pin => '0', weight => 300 ], [ 'b', pin => '0x1' ],
	[ 'c', pin => '1-1' ]);
proportion('pinned', 5, \@c, 3, 1, 4);

@c = counted('8 CPUs, 12 vCPUs', 8, 300, map { [ $_, cpus => 4 ] } qw(a b c));
proportion('8 CPUs, 12 vCPUs', 5, \@c, 1, 1, 1);

# One that sleeps most of the time gets all it wants beside one that never does.
@c = counted('a sleeper', 1, 300, [ 'a', args => 'nap=9' ], [ 'b' ]);
cmp_ok($c[0], '>=', 0.08 * ($c[0] + $c[1]), 'a sleeper has its tenth');

# ---- Pins that cannot be -------------------------------------------------------------------------

my $m = machine(smp => 2, guests => [ raw('busy', name => 'a', pin => '1-3') ]);
is($m->{status}, 3, 'a CPU that is not there: the machine does not start');
like($m->{out}, qr/a: tf\.pin names CPU 3; the machine has 2, from 0 on/, 'and says which');

# ---- Lateness ------------------------------------------------------------------------------------

for ([ 'alone' ], [ 'beside a busy guest', raw('spin', name => 'busy') ]) {
	my ($label, @others) = @$_;
	my $w = machine(
		guests => [
			raw('wake', name => 'wake', leaf => '4k', args => 'rounds=12'),
			@others,
		],
		qemu_args => [ '-icount', 'shift=0,sleep=off' ],
		input => "wait wake ready 60\nsend wake x;wait wake '# end' 100\n"
			. "s2 check\nexit 0\n",
		limit => 120,
	);
	passed($w, "wake-up $label") or next;
	guest_tap($w, 'wake', "wake-up $label");
	for my $timer (qw(virtual physical)) {
		my ($mean, $worst) = map { /^$timer late: mean (\d+) worst (\d+) / ? ($1, $2) : () }
			guest_lines($w, 'wake');
		$_ = ($_ // 1e9) * TICK_NS for $mean, $worst;
		cmp_ok($worst, '<=', 20000, "wake-up $label, $timer timer: "
			. "$mean instructions late, $worst at worst");
	}
}
done_testing();
