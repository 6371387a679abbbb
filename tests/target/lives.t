#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Lives of a guest: a hundred starts leave the pool as it was and find fresh memory each time;
# reset and off by PSCI; the machine's end with its last guest.
use strict;
use warnings;
use Math::BigInt;
use Test::More;
use Twofold;

# With TF_SOAK=1 (`make soak-lives`) a thousand.
use constant ROUNDS => $ENV{TF_SOAK} ? 1000 : 100;
use constant SMALLS => $ENV{TF_SOAK} ? 1000 : 10;

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
# The small guest, up to its shell, again and again.
my $small = "vm start small; wait small 'small>' 20; vm stop small\n";
$m = machine(
	limit => 60 + 3 * SMALLS,
	guests => [ "kernel=$build/small.img,name=small,mem=32M,leaf=2m",
		raw('beat', name => 'beat') ],
	input => "wait small 'small>' 20\nvm stop small\ns2 check\nmem\n" . $small x SMALLS
		. "mem\ns2 check\nvm start small\nvm show small\nexit 0\n",
);
passed($m, 'the small guest');
is(pool($m, 1), pool($m, 0), 'the pool is as it was, block by block');
like(answer($m, 'vm show small'), qr/starts @{[SMALLS + 2]}$/m, 'after so many starts');
unlike($m->{out}, qr/error: wait/, 'each of them came to its shell');

# What a guest wrote is in no frame when it has stopped: in pages, in blocks, with one that goes on.
sub words {
	my ($n) = @_;
	return map { sprintf '0x%x', Math::BigInt->new($_)->bmul('0x9e3779b97f4a7c15')
			->band('0xffffffffffffffff') } 1 .. $n;
}
my @words = words(3);
$m = machine(
	smp => 2,
	guests => [
		raw('fill', name => 'pages', leaf => '4k', args => 'word=1'),
		raw('fill', name => 'blocks', leaf => '2m', args => 'word=2'),
		raw('fill', name => 'stays', leaf => '4k', args => 'word=3'),
		raw('spin', name => 'spin'),
	],
	input => join('', map { "wait $_ filled 20\n" } qw(pages blocks stays))
		. join('', map { "mem scan $_\n" } @words)
		. "vm stop pages\nvm reset blocks\nvm stop blocks\n"
		. join('', map { "mem scan $_\n" } @words)
		. "vm start pages\nwait pages filled 20\nmem scan $words[0]\nsend pages x\n"
		. "s2 check\nvm stop stays\nmem scan $words[2]\nvm stop pages\ns2 check\nexit 0\n",
);
passed($m, 'filled');
for my $i (0 .. 2) {
	cmp_ok(answer($m, "mem scan $words[$i]") =~ /in (\d+) frames/ ? $1 : 0, '>', 3000,
		"guest $i has filled its memory");
}
like(answer($m, "mem scan $words[$_]", 1), qr/in no frame/, "stopped: nothing of it is left: $_")
	for 0, 1;
like(answer($m, "mem scan $words[2]", 1), qr/in \d+ frames/, 'who runs has kept it');
like(answer($m, "mem scan $words[0]", 2), qr/in \d+ frames/, 'filled again');
like(answer($m, "mem scan $words[2]", 2), qr/in no frame/, 'the last one, too');
done_testing();
