#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Lives of a guest: a hundred starts leave the pool as it was and find fresh memory each time;
# reset and off by PSCI; the machine's end with its last guest.
use strict;
use warnings;
use Test::More;
use Twofold;

use constant ROUNDS => 100;

my $round = "vm start a; vm start b; wait a '# end' 10; wait b '# end' 10\nvm stop a; vm stop b\n";
my $m = machine(
	guests => [
		raw('hello', name => 'a', mem => '16M', leaf => '4k'),
		raw('hello', name => 'b', mem => '16M', populate => 'eager'),
		raw('beat', name => 'beat'),
	],
	input => "vm stop a; vm stop b\nmem\ns2 stat beat\n" . $round x ROUNDS
		. "mem\ns2 check\nvm start a\nvm show a\nwait a '# end' 5\ns2 check\n"
		. "vm stop a\nexit 0\n",
);
if (passed($m, 'a hundred starts')) {
	is(pool($m, 1), pool($m, 0), 'the pool is as it was, block by block');
	like(answer($m, 'vm show a'), qr/starts @{[ROUNDS + 2]}$/m, 'there were as many starts');
	my @lines = guest_lines($m, 'a');
	my @ends = grep { $_ eq '# end' } @lines;
	cmp_ok(scalar @ends, '>=', ROUNDS, 'each of them ran to its end');
	is(scalar(grep { /^not ok/ } @lines), 0, 'and found everything fresh');
	cmp_ok(scalar(grep { /memory is zero/ } @lines), '>=', ROUNDS, 'memory above all');
	is(scalar(grep { /^not ok/ } guest_lines($m, 'b')), 0, 'the neighbour, too');
	my @seeds = map { /^# seed (\w+)/ ? $1 : () } @lines, guest_lines($m, 'b');
	my %different = map { $_ => 1 } @seeds;
	is(scalar keys %different, scalar @seeds, 'no seed came twice');
	cmp_ok(scalar @seeds, '>=', 4 * ROUNDS, 'of very many');
}

$m = machine(
	guests => [ raw('reset', name => 'r'), raw('beat', name => 'beat') ],
	input => ("wait r 'data 1111' 5\nsend r r\n" x 2)
		. "wait r 'data 1111' 5\ns2 check\nvm show r\nsend r o\n"
		. "wait r never 10\nwait beat beat 5\nvm list\nvm show r\n"
		. "vm start r\nwait r 'data 1111' 5\n"
		. "vm reset r\nwait r 'data 1111\\n' 5\ns2 check\nexit 0\n",
);
passed($m, 'reset and off');
my @up = grep { /^up/ } guest_lines($m, 'r');
is_deeply(\@up, [ ('up: mark 0, data 1111') x 5 ], 'each start has fresh memory');
like(answer($m, 'vm show r'), qr/starts 3$/m, 'two resets are two starts');
like(answer($m, 'vm list'), qr/r +off .*beat +running/s, 'off, and nobody else');
like(answer($m, 'vm show r', 1), qr/switched itself off/, 'by itself');

# The machine ends with its last guest, with status 0 and the word, while somebody still types.
my @guests = (raw('reset', name => 'r'), raw('reset', name => 's'));
my $input = "wait r 'data 1111' 5\nsend r r\n"
	. "wait r 'data 1111' 5\nwait s 'data 1111' 5\ns2 check\n";
$m = machine(exit_when_off => 1, held => 1, limit => 60, guests => \@guests,
	input => "${input}send r o\nsend s o\n");
passed($m, 'all guests off');
$m = machine(exit_when_off => 1, held => 1, limit => 2, guests => \@guests,
	input => "${input}send r o\nwait r never 10\n");
is($m->{status}, 124, 'not before the last one is off');
$m = machine(guests => \@guests, input => "${input}vm stop r\nvm stop r\n");
is($m->{status}, 1, 'a command that fails is status 1 at the end of input');
like($m->{out}, qr/^error: r is stopped: it cannot be stopped again/m, 'and says why');
done_testing();
