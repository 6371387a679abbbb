#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# A level line that one guest holds high starves nobody: whatever it does about the interrupt (it
# never takes it, sleeps over it, takes and ends it for ever, takes and never ends it), with more of
# them than list registers, its neighbour works and is interrupted as beside one that holds none.
# Time is counted by instructions (-icount), as in sched.t: a tick is 16 ns, so is an instruction.
use strict;
use warnings;
use Test::More;
use Twofold;

use constant { FROM => 700, FOR => 300, TICK => 7, LONG_TICK => 38 };
use constant { PER_MS => 62500, SLICE_MS => 5 };
my %how = (masked => 1, wait => 2, storm => 3, active => 4, split => 5);

sub holder {
	my ($name, $args, $window) = @_;
	my ($how, $more) = ($how{$name} // 0, $how{$name} ? 1 : 0);
	$window //= 'from=' . FROM . ' for=' . FOR;
	return raw('hold', name => $name, leaf => '4k',
		args => "how=$how more=$more $window $args");
}

sub run_beside {
	my ($label, $tick, @others) = @_;
	my $m = machine(
		guests => [ map { holder($_, "tick=$tick") } 'w', @others ],
		qemu_args => [ '-icount', 'shift=4,sleep=off' ],
		limit => 120,
		input => join('', map { "wait $_ '# end' 60\n" } 'w', @others)
			. "s2 check\nexit 0\n",
	);
	passed($m, $label) or return (0, 0, ~0);
	guest_tap($m, $_, "$label: $_") for 'w', @others;
	for my $name (grep { $how{$_} } @others) {
		my ($took, $of) = map { /^held (\d+) of (\d+)$/ ? ($1, $2) : () }
			guest_lines($m, $name);
		note("$label: $name: $took of $of steps");
		cmp_ok($of, '>', 1000, "$label: $name goes on itself, too");
	}
	my ($loops, $ticks, $late) =
		map { /^worked (\d+) ticks (\d+) late (\d+)$/ ? ($1, $2, $3) : () }
		guest_lines($m, 'w');
	note("$label: $loops loops, $ticks ticks, at most $late late");
	return ($loops // 0, $ticks // 0, $late // ~0);
}

my ($half, $ticks, $late) = run_beside('beside one that works', TICK, 'other');
is($ticks, int(FOR / TICK), 'a timer fires at each tick');

# Beside one that holds lines: within 2 % of that.
for my $name (qw(storm active)) {
	my ($loops, $n, $worst) = run_beside($name, TICK, $name);
	cmp_ok($loops, '>=', 0.98 * $half, "$name: half of the CPU is the neighbour's");
	is($n, $ticks, "$name: so is its timer, tick by tick");
	cmp_ok($worst, '<=', (SLICE_MS + 1) * PER_MS, "$name: at most a slice late");
}

# All of them at once: a sixth, and its turn comes after five slices.
my @all = sort keys %how;
my ($loops, $n, $worst) = run_beside('all at once', LONG_TICK, @all);
cmp_ok($loops, '>=', 0.95 * $half / 3, 'all at once: a sixth of the CPU');
is($n, int(FOR / LONG_TICK), 'all at once: every tick');
cmp_ok($worst, '<=', (@all * SLICE_MS + 1) * PER_MS, 'all at once: at most five slices late');

# One that sleeps is woken as soon as beside any busy guest (sched.t), all the while.
my $m = machine(
	guests => [
		raw('wake', name => 'wake', leaf => '4k', args => 'rounds=12'),
		holder('storm', '', 'from=0 for=1500'),
	],
	qemu_args => [ '-icount', 'shift=4,sleep=off' ],
	limit => 120,
	input => "wait wake ready 60\nsend wake x;wait wake '# end' 60\n"
		. "vm list\ns2 check\nexit 0\n",
);
passed($m, 'wake-up');
guest_tap($m, 'wake', 'wake-up');
unlike($m->{out}, qr/^\[storm\] held/m, 'wake-up: the storm lasted');
for my $timer (qw(virtual physical)) {
	my ($mean, $most) = map { /^$timer late: mean (\d+) worst (\d+) / ? ($1, $2) : () }
		guest_lines($m, 'wake');
	cmp_ok($most // ~0, '<=', 20000, 'wake-up, ' . "$timer timer: "
		. ($mean // '?') . ' instructions late, ' . ($most // '?') . ' at worst');
}
done_testing();
