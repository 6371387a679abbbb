# SPDX-License-Identifier: BSD-2-Clause
#
# A console session of somebody who types whatever there is, by seed: commands of the console's own
# table with right, wrong, missing, too many and endless arguments, bytes that mean nothing, keys
# that edit, ^C and ^] where they may come, and input while a command runs.
#
#	my $s = session(seed => 7, count => 100, victim => 'v', witness => 'w');
#	my $m = machine(guests => …, held => 1, later => $s->{later});
#	judged($m, $s, 'seed 7');
#
# It keeps true:
# 1. commands that change a guest name the victim alone; the witness is only looked at;
# 2. ^] follows everything, and ^C what may bring back an older line;
# 3. behind each thing typed stands a question, `esr 0xN`, with a number of its own: the prompt has
#    come back where that is answered, in order;
# 4. one thing typed gives at most as many errors as it has lines.
package Hostile;
use strict;
use warnings;
use Exporter 'import';
use Test::More;
our @EXPORT = qw(session judged);

use constant MARK => 0x1a5000;

# The n'th question, and how its answer begins.
sub question { return sprintf "\n\x1d\x1d\x1d\x1desr 0x%x\n", MARK + $_[0] }
sub answer_to { return sprintf 'ISS 0x%x', MARK + $_[0] }

sub pick { return $_[ rand @_ ] }
sub chance { return rand() < $_[0] }

# Rows of the console's table: noun, verb or '', arguments.
sub commands {
	open my $f, '<', 'hyp/console/command.c' or die "hyp/console/command.c: $!\n";
	my $text = do { local $/; <$f> };
	return map { [ $_->[0], $_->[1] eq 'NULL' ? '' : $_->[1] =~ tr/"//dr, $_->[2] ] }
		map { /"(\w+)", ("\w+"|NULL),\s*"(.*?)"/ ? [ $1, $2, $3 ] : () }
		$text =~ /^\t\{ ("\w+", (?:"\w+"|NULL),\s*".*?")/msg;
}

my @numbers = (qw(0 1 4095 4096 0x40000000 0x40000fff 0x40080000 0x3fffffff 0x09000000 2M 8M 1G 255
	256 0x7fffffffffffffff 0x8000000000000000 9223372036854775808 18446744073709551615
	18446744073709551616 18446744073709551617 0xffffffffffffffff 0x10000000000000000
	0xfffffffffffff000 0xffffff8000000000 -1 -0 +1 0x 0X1 1k 1z 1kk k 16777215T
	16777216T 1e3 1.5
	0b1 010 0xg), "'1\\x00'", "'0x4\\x000'", "''", "' 1'");
my @ranges = (qw(.. 1.. ..1 0..1 1..0 0x40000000+8M 0x40000000+0 0+18446744073709551615 1+ + ++
	0..18446744073709551616 0xffffffffffffffff+1 0xffffffffffffffff+2 0x40000000..0x40800000
	0....1), "'0\\x00..1'", "'0x40000000+1\\x00'", '0' x 63, '0' x 64);
my @words = ('%s%n', "'\\xff'", "'a b'", "''", '"\'"', 'r', 'w', 'el0', 'start', 's',
	'st', 'harvest',
	'page', 'rwx', 'rr', '-', 'help', 'check', "'\\e'", "'\\x1b[2J'", 'x' x 60, "\\", 'nobody',
	'17', '0x1', "'\\x0'", "\"\\x00\"");

sub argument {
	my ($usage) = @_;
	return pick(@numbers) if $usage =~ /IPA|VA|SIZE|BYTES|WORD|HEX|SEED/;
	return pick('0', '1', '20', @numbers) if $usage eq 'N'; # of walk check: few, or refused
	return pick(@ranges, @numbers) if $usage =~ /RANGE/;
	return pick(@words, @numbers, @ranges);
}

# One that may be there: a beginning, the whole, or with a slip.
sub name {
	my ($name) = @_;
	return substr $name, 0, 1 + rand length $name if chance(0.2);
	return $name . pick('x', 's', '%n', "'\\x00'") if chance(0.05);
	return $name;
}

# Nobody but the victim is changed; nothing takes long by itself.
sub is_harmless {
	my ($noun, $verb) = @_;
	return "$noun $verb" !~
		/^(?:vm (?:pause|resume|stop|start|reset)|s2 (?:log|age|protect)|con|send|wait) *$/;
}

sub command {
	my ($o, $row) = @_;
	my ($noun, $verb, $usage) = @$row;
	my @words = (name($noun), $verb ? name($verb) : ());
	my $most = is_harmless($noun, $verb) && chance(0.3) ? $o->{witness} : $o->{victim};
	for (split ' ', $usage =~ s/'TEXT'/TEXT/r) {
		last if chance(0.1);
		next if /^\[/ && chance(0.3);
		push @words, $_ eq 'VM' && !chance(0.05) ? $most
			: $_ eq '[VM]' ? $most
			: $_ eq 'SECONDS' ? pick(0, 0, '0x0', '-1', 86401, '1z', '')
			: argument(s/[\[\]]//gr);
	}
	push @words, map { argument('') } 0 .. rand 4 if chance(0.15);
	push @words, argument('') x 90 if chance(0.02);
	# A `con` has keys behind it, and the way back.
	return join(' ', @words) . "\n" . pick('', 'mem', "\r", "\e[A\e", 'x' x 50) . "\x1d"
		if $noun eq 'con';
	return join pick(' ', ' ', "  "), @words;
}

# A command of the table; none that ends the machine, but one that wants to and must not.
sub any_command {
	my ($o) = @_;
	my $row = pick(@{ $o->{commands} });
	return $row->[0] eq 'exit' ? pick('exit 256', 'exit -1', 'exit 0 0', "exit ''", 'exit 1k')
		: command($o, $row);
}

# No ^D, which may end the input, and no ^S, which holds it up.
sub garbage {
	my ($n) = @_;
	return join '', map { chr } grep { $_ != 4 && $_ != 0x13 } map { int rand 256 } 1 .. $n;
}

my @keys = ("\b", "\x7f", "\x01", "\x05", "\x02", "\x06", "\x0b", "\x15", "\x17",
	"\x0c", "\x10", "\x0e",
	"\t", "\e[A", "\e[B", "\e[C", "\e[D", "\e[3~", "\eOH", "\e[99999~", "\e[[A", "\e",
	"\e[", "\e[1;",
	"\eO", "\0", "\x1d", 'vm', ' ', 'x', 'show ', "'", '"', ';', "\\");

sub edited {
	my $text = join '', map { pick(@keys) } 0 .. rand 60;
	return $text =~ s/exit|con//gr;
}

my @unclosed = ("send V 'abc", 'send V "abc', "send V 'abc\\", "send V '\\x",
	"send V '\\x1", "'", '"', "'\\",
	"vm show 'V", "send V \"'", "\\", "help '", "vm;'", "';'", "send V '\\q'",
	"s2 map V '0'\"");

# What a line of it is, with the end that belongs to it.
my @kinds = (
	[ 30, sub { any_command($_[0]) . "\n" } ],
	[ 6, sub { join(pick(';', '; ', ';;', ' ;'), map { any_command($_[0]) =~ s/\n.*//sr }
		grep { 1 } 0 .. 1 + rand 4) =~ s/\b(?:con|co|wai?t?)\b/vm/gr . "\n" } ],
	[ 6, sub { garbage(1 + rand 120) . "\n\x03" } ],
	[ 8, sub { edited() . "\n\x03" } ],
	[ 5, sub { pick(@unclosed) =~ s/V/$_[0]{victim}/gr . "\n" } ],
	[ 3, sub { substr(any_command($_[0]), 0, 6) . "\x03" . pick('', "\n", "\x03\x03") } ],
	[ 2, sub { pick(any_command($_[0]) =~ s/\n.*//sr) . "\x1d\x1d\n" } ],
	[ 2, sub { "vm sh\x1d\x01\x04\x04\x04\n" } ],
	[ 1, sub { 'z' x pick(254, 255, 256, 257, 4095, 65536) . "\n" } ],
	[ 1, sub { pick("vm show $_[0]{victim} ", "send $_[0]{victim} '") . 'y' x 65536 . "\n" } ],
	[ 1, sub { "\b" x pick(300, 65536) . "vm\n" } ],
	[ 1, sub { "\x13" . any_command($_[0]) . "\n\x11" } ],
	[ 3, sub { "wait $_[0]{victim} 'what never comes' 100\nvm\nfo\x03" } ],
	[ 2, sub { "wait $_[0]{witness} 'what never comes' 100; exit 99\n\x03" } ],
	[ 2, sub { my $v = $_[0]{victim};
		join(pick(';', "\n"), map { "vm $_ $v" }
			map { pick(qw(stop reset pause resume start stop)) }
			0 .. 4) . "\n" } ],
	[ 2, sub { my $v = $_[0]{victim};
		"vm " . pick(qw(pause stop reset))
			. " $v\nwait $v nothing 0\ncon $v\nhello\x1d" } ],
	[ 1, sub { my $v = $_[0]{victim}; "con $v;con $v; con $v\nab\x1dcd\x1d\x1d" } ],
	[ 1, sub { my $v = $_[0]{victim}; "vm reset $v\ncon $v\n\n\n$_[0]{last}\n\x1d" } ],
	[ 2, sub { pick('mem scan 0', "walk check $_[0]{witness} 300 7", 's2 check') . "\n"
		. garbage(40) . "\x03" . "mem scan 1\n" } ],
);

sub one_thing {
	my ($o) = @_;
	my $all = 0;
	$all += $_->[0] for @kinds;
	my $at = rand $all;
	for (@kinds) {
		return $_->[1]->($o) if ($at -= $_->[0]) < 0;
	}
	die;
}

# Some of it comes at once, some only after an answer, some a while after that.  Where a ^C is in it
# nothing before may be under way still: it would end another's wait.
sub session {
	my (%o) = @_;
	srand $o{seed};
	my %s = (%o, commands => [ commands() ], things => [], later => []);
	my ($chunk, $when) = ($o{begin} . question(0), qr/^/);
	my $flush = sub {
		push @{ $s{later} }, [ $when, pick(0, 0, 0.02, 0.1), $chunk ];
		($chunk, $when) = ('', $_[0]);
	};
	for my $n (1 .. $o{count}) {
		my $thing = one_thing(\%s);
		my $before = answer_to($n - 1);
		push @{ $s{things} }, $thing;
		$flush->(qr/^$before\b/m) if $thing =~ /\x03/ || chance(0.3);
		if (chance(0.3)) {
			$chunk .= substr $thing, 0, rand length $thing, '';
			$flush->(qr/^/);
		}
		$chunk .= $thing . question($n);
	}
	$chunk .= $o{end};
	$flush->();
	return \%s;
}

# What the console said to each of it.
sub judged {
	my ($m, $s, $label) = @_;
	my ($out, $answered, $wrong) = ($m->{out}, 0);
	my $begun = answer_to(0);
	$out =~ s/\A.*?^$begun\b.*?\n//ms;
	for my $n (1 .. $s->{count}) {
		my $answer = answer_to($n);
		$out =~ s/\A(.*?)^$answer\b.*?\n//ms or last;
		my $said = $1;
		my $lines = () = $s->{things}[ $n - 1 ] =~ /[\r\n\x03]/g;
		my @errors = $said =~ /^error: (.*)$/mg;
		$answered++;
		next if @errors <= $lines + 1 && !grep { !/^[ -~]{8,}$/ } @errors;
		$wrong //= $s->{things}[ $n - 1 ] =~ s/([^ -~\n])/sprintf '\\x%02x', ord $1/ger
			. "\n--\n$said";
	}
	is($answered, $s->{count}, "$label: the prompt came back from each thing typed");
	is($wrong, undef, "$label: at most one error a line, in words");
	unlike($m->{out}, qr/panic/i, "$label: EL2 lives");
	return;
}

1;
