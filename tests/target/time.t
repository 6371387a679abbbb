#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Virtual time: each guest's own, from 2^53 on when it is started or reset, the same for its vCPUs,
# and standing still while it is paused.  In the first machine time is counted by instructions
# (-icount), so that bounds are tight and two seconds pass at once; in the second CPUs run side by
# side; in the others a guest sets its timer to every edge there is, which must not stop QEMU.
# needs: all raw-guests
use strict;
use warnings;
no warnings 'portable'; # counters have 64 bits
use Test::More;
use Twofold;

use constant { PAUSE => 2000, SOON_US => 50000 };
my $over = "send clock 'x'\nwait clock 'over' 20\n";
my @whens = ('', "wait a never 1\n"); # it spins, at once; it sleeps already
my @kinds = ('', "walk a 0x40080000\n"); # what is done to it meanwhile

my $m = machine(
	guests => [
		raw('time', name => 'a', leaf => '4k', args => 'what=0 pause=' . PAUSE),
		raw('time', name => 'clock', leaf => '4k', args => 'what=2 pause=' . PAUSE),
	],
	qemu_args => [ '-icount', 'shift=4,sleep=off' ],
	limit => 60,
	input => join('', map {
			"wait a 'armed $_' 20\n$whens[$_ % 2]vm pause a\nvm show a\n"
				. "$kinds[$_ / 2]$over"
				. "vm show a\nvm resume a\n" } 0 .. 3)
		. "wait a '# end' 20\nvm reset a\nwait a 'armed 0' 20\n"
		. "vm stop a\nvm show a\ns2 check\nexit 0\n",
);
passed($m, 'pauses');
my @first = map { /^first (\d+) us, begun at (\d+) us of the machine's$/ ? [ $1, $2 ] : () }
	guest_lines($m, 'a');
my @clock = map { /^first (\d+) us, begun at (\d+) us of the machine's$/ ? [ $1, $2 ] : () }
	guest_lines($m, 'clock');
is(scalar @first, 2, 'two lives');
cmp_ok($_->[0], '<', SOON_US, "time begins: $_->[0] us, at $_->[1] us of the machine's")
	for @first, @clock;
cmp_ok($first[1][1], '>=', $first[0][1] + 4 * PAUSE * 1000, 'and anew when it is reset');
isnt($first[1][1], $clock[0][1], "guests' times are their own");

# What the console shows: the same at the beginning and the end of each pause.
my @shown = $m->{out} =~ /^time +([\d.]+ s(?:, standing still)?  CNTVCT 0x[0-9a-f]+)/mg;
cmp_ok(($shown[0] =~ /^([\d.]+) s/)[0], '<', 10, 'in seconds since it began');
is(scalar @shown, 8, 'the console shows the time, not that of a stopped one');
like($shown[$_], qr/standing still/, 'it stands still') for 0 .. 7;
is($shown[ 2 * $_ + 1 ], $shown[ 2 * $_ ], "nor does it move in pause $_") for 0 .. 3;
cmp_ok(hex(($shown[ 2 * $_ + 2 ] =~ /CNTVCT 0x(\w+)/)[0]), '>',
	hex(($shown[ 2 * $_ ] =~ /CNTVCT 0x(\w+)/)[0]), 'but in between') for 0 .. 2;

# The guest's own verdict is of its first life: its TAP ends before the second begins.
$m->{out} =~ s/^\[a\] # end\n\K.*//ms;
guest_tap($m, 'a', 'pauses');

# Three vCPUs on two CPUs, paused and resumed while they read the counter.
$m = machine(
	smp => 2,
	guests => [ raw('time', name => 'r', leaf => '4k', cpus => 3, args => 'what=1') ],
	input => "wait r 'racing' 20\n" . ("vm pause r\nvm resume r\n" x 300)
		. "send r 'x'\nwait r '# end' 20\ns2 check\nexit 0\n",
);
passed($m, 'a race');
guest_tap($m, 'r', 'a race');

for my $cpu (qw(cortex-a72 max)) {
	$m = machine(
		cpu => $cpu, limit => 60,
		guests => [ raw('time', name => 'e', args => 'what=3') ],
		input => "wait e 'ready' 20\nvm pause e\nwait e never 1\nvm show e\nvm resume e\n"
			. "send e 'x'\nwait e '# end' 20\ns2 check\nexit 0\n",
	);
	passed($m, "edges, $cpu");
	guest_tap($m, 'e', "edges, $cpu");
	my ($count, $offset) = answer($m, 'vm show e') =~ /CNTVCT 0x(\w+)  CNTVOFF 0x(\w+)/;
	cmp_ok(hex $count, '>=', 2**53, "$cpu: its counter begins there");
	cmp_ok(hex $offset, '>', 2**63, "$cpu: and is ahead of the machine's");
}
done_testing();
