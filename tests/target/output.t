#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# What guests write: nothing is lost, whoever writes however much, and however long the terminal
# does not take it; only who has written too much waits meanwhile.
use strict;
use warnings;
use Test::More;
use Twofold;

# FNV-1a with 64 bits, in two halves: perl's numbers are too short for the product.
sub fnv {
	my ($hi, $lo, $text) = @_;
	for my $c (unpack 'C*', $text) {
		$lo ^= $c;
		my $low = $lo * 0x1b3;
		$hi = ($hi * 0x1b3 + ($lo << 8) + ($low >> 32)) & 0xffffffff;
		$lo = $low & 0xffffffff;
	}
	return ($hi, $lo);
}

# Whether a flood's lines are those it wrote, each by the checksum it carries of all before it; the
# times at which they were written.
sub whole {
	my ($m, $guest, $lines, $label) = @_;
	my ($hi, $lo) = (0xcbf29ce4, 0x84222325);
	my (@times, $said, $wrong);
	for (guest_lines($m, $guest)) {
		$said = $1 if /^sum (\w+)$/;
		next if !/^(\d+) (\d+) (\w{16}) \w*$/;
		$wrong //= $_ if $1 != @times || $3 ne sprintf '%08x%08x', $hi, $lo;
		push @times, $2;
		($hi, $lo) = fnv($hi, $lo, "$_\n");
	}
	my $good = !defined $wrong && @times == $lines
		&& ($said // '') eq sprintf '%08x%08x', $hi, $lo;
	ok($good, "$label: all $lines lines of $guest are there");
	diag('line ', $wrong // 'none', ' is wrong; ', scalar @times, ' came') if !$good;
	return @times;
}

# The longest time between two of them: how long, and from when.
sub gap {
	my @times = @_;
	my ($longest, $from) = (0, 0);
	for (1 .. $#times) {
		my $gap = $times[$_] - $times[ $_ - 1 ];
		($longest, $from) = ($gap, $times[ $_ - 1 ]) if $gap > $longest;
	}
	return ($longest, $from);
}

sub within {
	my ($from, $long, @times) = @_;
	return scalar grep { $_ > $from && $_ < $from + $long } @times;
}

my $ends = join '', map { "wait $_ '# end' 100\n" } qw(flood driver rare);

# Two that write as fast as they can, one as drivers do; one that says something now and then.
sub guests {
	my (%lines) = @_;
	return [
		raw('flood', name => 'flood', args => "key=1 lines=$lines{flood}"),
		raw('flood', name => 'driver', args => "key=1 poll=1 lines=$lines{driver}"),
		raw('flood', name => 'rare', args => "key=1 nap=20 pad=3 lines=$lines{rare}"),
	];
}

my $begin = join '', map { "wait $_ ready 20\n" } qw(flood driver rare);
$begin .= join '', map { "send $_ x\n" } qw(rare driver flood);

# ---- A terminal that reads --------------------------------------------------------------------

for my $cpus (1, 2) {
	my %lines = (flood => 3000, driver => 1000, rare => 25);
	my $m = machine(
		smp => $cpus,
		guests => guests(%lines),
		input => "${begin}${ends}s2 check\nexit 0\n",
	);
	passed($m, "$cpus CPUs") or next;
	whole($m, $_, $lines{$_}, "$cpus CPUs") for sort keys %lines;
	# While the others still write, the rare one's lines come as it says them.
	my ($first) = $m->{out} =~ /\A(.*?)^\[(?:flood|driver)\] # end/ms;
	cmp_ok(scalar(() = $first =~ /^\[rare\] \d/mg), '>=', 3,
		"$cpus CPUs: the rare one's lines stand between theirs");
}

# ---- ^S and ^Q ---------------------------------------------------------------------------------

# More than everything in front of the UART holds, while nothing leaves it.
my %lines = (flood => 4000, driver => 4000, rare => 100);
my $m = machine(
	smp => 2,
	guests => guests(%lines),
	held => 1,
	input => "wait flood ready 20\nwait driver ready 20\nwait rare ready 20\nvm list\n",
	later => [
		[ qr/^tf> vm list\r/m, 0, "send rare x;send driver x;send flood x\n\x13" ],
		[ qr/^tf> vm list\r/m, 3, "\x11" ],
		[ qr/^tf> vm list\r/m, 0, "${ends}s2 check\nexit 0\n" ],
	],
);
if (passed($m, '^S')) {
	my %times = map { $_ => [ whole($m, $_, $lines{$_}, '^S') ] } keys %lines;
	for my $guest (qw(flood driver)) {
		my ($long, $from) = gap(@{ $times{$guest} });
		cmp_ok($long, '>=', 1000, "^S: $guest waits for $long ms");
		my $said = within($from, $long, @{ $times{rare} });
		cmp_ok($said, '>=', $long / 20 / 8, "^S: in which the rare one writes $said lines");
	}
	my ($looked) = join("\n", guest_lines($m, 'driver')) =~ /looked (\d+) times more/;
	cmp_ok($looked // 0, '>', 0, '^S: the driver saw TXFF');
}

# A guest that waits for room is stopped, started, and loses nothing that it had written.
$m = machine(
	smp => 2,
	guests => [ raw('flood', name => 'flood', args => 'key=1 lines=9000'),
		raw('beat', name => 'beat') ],
	held => 1,
	input => "wait flood ready 20\nvm list\n",
	later => [
		[ qr/^tf> vm list\r/m, 0, "send flood x\n\x13" ],
		[ qr/^tf> vm list\r/m, 1.5,
			"vm stop flood\nvm start flood\nwait flood ready 20\n" ],
		[ qr/^tf> vm list\r/m, 1, "\x11" ],
		[ qr/^tf> vm list\r/m, 0, "vm show flood\ns2 check\nexit 0\n" ],
	],
);
if (passed($m, 'stopped while it waits')) {
	my @lives = $m->{out} =~ /^\[flood\] (ready)$/mg;
	is(scalar @lives, 2, 'both lives have said that they are ready');
	my @numbers = map { /^(\d+) \d+ \w{16}/ ? $1 : () } guest_lines($m, 'flood');
	is_deeply(\@numbers, [ 0 .. $#numbers ], 'all of its lines up to there came');
	cmp_ok(scalar @numbers, '>=', 500, scalar(@numbers) . ' of them');
	cmp_ok(scalar @numbers, '<', 9000, 'and not all it wanted');
}

# ---- A terminal that does not read --------------------------------------------------------------

%lines = (flood => 9000, driver => 100, rare => 200);
$m = machine(
	smp => 2,
	guests => guests(%lines),
	deaf => 6,
	input => "${begin}${ends}s2 check\nexit 0\n",
);
if (passed($m, 'deaf')) {
	my %times = map { $_ => [ whole($m, $_, $lines{$_}, 'deaf') ] } keys %lines;
	my ($long) = gap(@{ $times{rare} });
	cmp_ok($long, '<', 1500, "deaf: nobody waits for more than $long ms");
}
done_testing();
