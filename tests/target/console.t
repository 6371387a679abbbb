#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# The console through a pipe: what a session ends with, and what it makes of everything that is
# not a command: an error message, nothing else.
use strict;
use warnings;
use Test::More;
use Twofold;

my @guests = (raw('beat', name => 'g', mem => '8M', leaf => '4k'));

sub session {
	my ($input, %o) = @_;
	return machine(guests => \@guests, input => $input, limit => 180, %o);
}

# ---- How a session ends ---------------------------------------------------------------------

is(session("s2 check\nvm\nexit 3\n")->{status}, 3, 'exit N is the status');
is(session("s2 check\nvm\n")->{status}, 0, 'the end of input is 0');
is(session("s2 check\nvm")->{status}, 0, 'also without a last newline');
is(session('')->{status}, 0, 'also without any input');
is(session("vm show nobody\nvm\n")->{status}, 1, 'or 1 where a command failed');
is(session("vm show nobody\nexit 0\n")->{status}, 0, 'exit N is what it says');
is(session("exit 256\n")->{status}, 1, 'a status ends at 255');
is(session("exit 255\n")->{status}, 255, 'which is one');
my $m = session("vm; nonsense; exit 7\nexit 9\n");
is($m->{status}, 9, 'behind a command that fails the line is not run');

# Commands wait for each guest's first instruction.
$m = session("vm list\nvm show g\ns2 check\nexit 0\n");
passed($m, 'the first command');
unlike(answer($m, 'vm list'), qr/ 0x40080000$/m, 'runs when guests have begun');

# ---- What is no command ------------------------------------------------------------------------

my @junk = (
	"\0", "a\0b", "\e", "\e[", "\e[999999999999A", "\e[A\e[B\e[C\e[D", "\x80\xff", "\xc3\xa4",
	"\t", "\t\t\t", "'", "\"", "'\\", "'\\x", ';', ';;;;', ' ', '%n', '%s%s%s%n', "\x7f" x 300,
	"\b" x 300, "\x01\x05\x0b\x15\x17", 'x' x 200, 'x' x 255, 'x' x 5000, "'" . 'y' x 5000,
		'vm ' x 100,
	join(' ', 1 .. 200), '-1', '0x', 'help help help help', "vm\0show g", "vm show g\x80",
		"\x0c\x10\x0e",
);
$m = session(join("\n", @junk) . "\ns2 check\nvm show g\nsend g x\nwait g 'key x' 5\nexit 0\n");
passed($m, scalar(@junk) . ' lines of junk');
like(answer($m, 'vm show g', -1), qr/^vm1 g  running/m, 'and the next command works');
cmp_ok(scalar(() = $m->{out} =~ /^error: /mg), '>', 15, 'errors are said');

$m = session("\b" x 100000 . "s2 check\nexit 0\n");
passed($m, 'a hundred thousand backspaces');
$m = session('z' x 100000 . "\ns2 check\nexit 0\n");
passed($m, 'a line of a hundred thousand bytes');
like($m->{out}, qr/^error: a line has at most \d+ characters/m, 'is too long');

# ---- What is no argument -----------------------------------------------------------------------

# Every command that help lists, with every kind of nonsense in every place.
my $help = answer(session("help\nexit 0\n"), 'help');
my @commands = grep { !/^exit|^con\b/ } map { s/ +$//r } $help =~ /^  (\w+(?: [a-z]+)?)[ A-Z\[]/mg;
cmp_ok(scalar @commands, '>', 15, 'help lists the commands: ' . join ', ', @commands);
my @wrong = ('%n', '%s%n%x', '18446744073709551616', '0x10000000000000000',
	'99999999999999999999999999',
	'-1', '', '0x', "'\\xff'", '..', '1..', '0xffffffffffffffff..0', '18446744073709551615',
		"'" . 'w' x 90 . "'");
my @lines;
for my $command (@commands) {
	push @lines, map { "$command $_" } @wrong;
	push @lines, map { ("$command g $_", "$command g 0 $_",
		"$command g '$_' 0") } grep { !/'/ } @wrong;
}
@lines = grep { !/^vm (?:stop|reset|pause)/ } @lines;
$m = session(join("\n", @lines) . "\ns2 check\nvm show g\nsend g x\nwait g 'key x' 5\nexit 0\n");
passed($m, scalar(@lines) . ' wrong arguments');
like(answer($m, 'vm show g', -1), qr/^vm1 g  running/m, 'nothing else has happened');
unlike($m->{out}, qr/panic/, 'nobody panics');
cmp_ok(scalar(() = $m->{out} =~ /^error: /mg), '>', @lines / 2, 'errors are said');
like($m->{out}, qr/^error: .*%n/m, '%n is text');
done_testing();
