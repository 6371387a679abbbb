#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Virtual time: each guest's own, from near 0 when it is started or reset, the same for its vCPUs,
# and standing still while it is paused.  In the first machine time is counted by instructions
# (-icount), so that bounds are tight and two seconds pass at once; in the second CPUs run side by
# side.
# needs: all raw-guests
use strict;
use warnings;
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
my @first = map { /^first (\d+) us, the machine (\d+) us ahead$/ ? [ $1, $2 ] : () }
	guest_lines($m, 'a');
my @clock = map { /^first (\d+) us, the machine (\d+) us ahead$/ ? [ $1, $2 ] : () }
	guest_lines($m, 'clock');
is(scalar @first, 2, 'two lives');
cmp_ok($_->[0], '<', SOON_US, "time begins near 0: $_->[0] us, $_->[1] us of the machine's before")
	for @first, @clock;
cmp_ok($first[1][1], '>=', $first[0][1] + 4 * PAUSE * 1000, 'and anew when it is reset');
isnt($first[1][1], $clock[0][1], "guests' times are their own");

# What the console shows: the same at the beginning and the end of each pause.
my @shown = $m->{out} =~ /^time +([\d.]+ s(?:, standing still)?  CNTVCT 0x[0-9a-f]+)/mg;
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
done_testing();
