#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# The host command between a person, or a pipe, and QEMU: every byte arrives, everything ends.
use strict;
use warnings;
use lib 'tests/host';
use Fcntl;
use POSIX ();
use Sandbox;
use Test::More;
use Time::HiRes qw(sleep time);

use constant { TIOCSPTLCK => 0x40045431, TIOCGPTN => 0x80045430, TIOCSCTTY => 0x540e };

my $twofold = "$dir/build/twofold";

# Waits until something is true, five seconds at most.
sub wait_until {
	my ($what) = @_;
	for (1 .. 500) {
		return 1 if $what->();
		sleep 0.01;
	}
	return 0;
}

# The pid that the fake QEMU has left, once it runs.
sub qemu_pid {
	return if !wait_until(sub { -e "$dir/pid" });
	open my $f, '<', "$dir/pid" or die;
	return <$f>;
}

# A process that has ended may still wait for its parent to see it.
sub gone {
	my ($pid) = @_;
	return wait_until(sub {
		open my $f, '<', "/proc/$pid/stat" or return 1;
		return (<$f> // ') Z') =~ /\) Z/;
	});
}

# Runs a shell command around the host command; its status and output.
sub sh {
	my ($command) = @_;
	my $out = `$command`;
	return ($? >> 8, $out);
}

my ($status, $out);

# What the pipe brings arrives, then ^] (back from `con`, as often as a line can say that) and ^D,
# once; nothing of the answer is lost.
my $end = '1d' x 64 . '04';
my $echo = 'my $in = ""; while ($in !~ /\x04/) { sysread STDIN, $in, 65536, length $in or last; }
	my $r = ""; vec($r, 0, 1) = 1; my $more = select $r, undef, undef, 0.2;
	print unpack("H*", $in), $more ? " more" : ""; exit 5;';
fake_qemu($echo);
for ([ 'a\n', "610a$end" ], [ 'a', "610a$end" ], [ 'a\r', "610d$end" ], [ '', $end ],
	[ '\035q\001\003\n', "1d7101030a$end" ]) {
	($status, $out) = sh("printf '$_->[0]' | $twofold run");
	is("$status $out", "5 $_->[1]", "input '$_->[0]', its end, and QEMU's status");
}
($status, $out) = sh("$twofold run <&-");
is("$status $out", "5 $end", 'a standard input that is closed has ended');
($status, $out) = sh("$twofold run <$dir/build/small.img | tail -c 132");
is($out, "0a$end", 'a file');

# Much in both directions, while neither side waits for the other.
fake_qemu('my ($n, $b) = 0; print "x" x 3000000; while (sysread STDIN, $b, 65536) { $n += length $b;
	last if $b =~ /\x04/ } print " $n", "y" x 3000000; exit 7;');
($status, $out) = sh("head -c 2000000 /dev/zero | tr '\\0' z | $twofold run; echo \$?");
is($out, 'x' x 3000000 . ' 2000066' . 'y' x 3000000 . "7\n",
	'megabytes both ways, and the last byte');
($status, $out) = sh("$twofold run </dev/null | (sleep 1; cat) | wc -c");
is($out, "6000003\n", 'a slow reader loses nothing');

# The machine does not wait for the reader.
fake_qemu('print "x" x 5000000; open my $f, ">", "' . $dir
	. '/done"; print $f "not held up\n"; exit 0;');
($status, $out) = sh("$twofold run </dev/null | (sleep 2; cat $dir/done; wc -c)");
is($out, "not held up\n5000000\n", 'a reader that is late holds nobody up');

# QEMU ends in every way.
fake_qemu('kill "KILL", $$; sleep 9;');
is((sh("$twofold run </dev/null"))[0], 137, 'QEMU killed by a signal: 128 + its number');
$ENV{TWOFOLD_QEMU} = '/none/such';
is((sh("$twofold run </dev/null 2>$dir/err"))[0], 127, 'no QEMU: 127');
like(`cat $dir/err`, qr{cannot run /none/such: No such file}, 'which is said');
fake_qemu('open my $f, ">", "' . $dir . '/mask"; open my $s, "<", "/proc/self/status";
	print $f grep { /Sig(Blk|Ign)/ } <$s>; exit 0;');
sh("$twofold run </dev/null");
my ($blocked, $ignored) = `cat $dir/mask` =~ /:\s+(\w+)/g;
is(hex($blocked), 0, 'QEMU has no signal blocked');
is(hex(substr $ignored, -4) & 1 << POSIX::SIGPIPE - 1, 0, 'and does not ignore SIGPIPE, as we do');

# Time.
my $deaf = '$| = 1; print "ready\n"; sleep 60;';
fake_qemu($deaf);
my $start = time;
is((sh("$twofold run --timeout 1 </dev/null 2>$dir/err"))[0], 124, 'a time-out gives 124');
cmp_ok(time - $start, '<', 5, 'in time');
like(`cat $dir/err`, qr/stopped after 1 s/, 'which is said');
ok(gone(qemu_pid()), 'QEMU is gone');
fake_qemu('$SIG{TERM} = "IGNORE"; print "ready\n"; sleep 60 while 1;');
is((sh("$twofold run --timeout 1 </dev/null 2>$dir/err"))[0], 124,
	'even one that does not want to');
ok(gone(qemu_pid()), 'is gone');

# Signals.
for (qw(INT TERM HUP QUIT)) {
	fake_qemu($deaf);
	my $pid = open my $f, '-|', 'sh', '-c', "exec $twofold run </dev/null" or die;
	is(scalar <$f>, "ready\n", "SIG$_: running");
	kill $_, $pid;
	close $f;
	is($? >> 8, 128 + POSIX->can("SIG$_")->(), "SIG$_ gives 128 + its number");
	ok(gone(qemu_pid()), "SIG$_ leaves no QEMU");
}
fake_qemu($deaf);
my $pid = open my $f, '-|', 'sh', '-c', "exec $twofold run </dev/null" or die;
is(scalar <$f>, "ready\n", 'SIGKILL: running');
kill 'KILL', $pid;
close $f;
ok(gone(qemu_pid()), 'SIGKILL leaves no QEMU');
fake_qemu('print "x\n" while 1;');
($status, $out) = sh("{ $twofold run </dev/null; echo \$? >$dir/status; } | head -n 1");
is(`cat $dir/status`, "141\n", 'nobody reads: 128 + SIGPIPE');
ok(gone(qemu_pid()), 'and QEMU is gone');

# ^Z of a shell's job: QEMU stops too, and goes on.
fake_qemu($deaf);
$pid = open $f, '-|', 'sh', '-c', "exec $twofold run </dev/null" or die;
<$f>;
my $qemu = qemu_pid();
my $state = sub { open my $s, '<', "/proc/$_[0]/stat" or return 'gone'; (<$s> =~ /\) (\w)/)[0] };
kill 'TSTP', $pid;
ok(wait_until(sub { $state->($pid) eq 'T' && $state->($qemu) eq 'T' }), 'SIGTSTP stops both');
kill 'CONT', $pid;
ok(wait_until(sub { $state->($pid) eq 'S' && $state->($qemu) eq 'S' }), 'SIGCONT continues both');
kill 'TSTP', $pid;
wait_until(sub { $state->($pid) eq 'T' });
kill 'TERM', $pid;
kill 'CONT', $pid;
close $f;
is($? >> 8, 143, 'one that was stopped ends as well');
ok(gone($qemu), 'with its QEMU');

# A terminal, and the command on it: $name is kept open by us, $before is its mode from before.
my ($master, $slave, $name, $before);

sub mode { return `stty -a <$name` }

sub on_terminal {
	my ($unlock, $number) = (pack('i', 0), pack('i', 0));
	sysopen $master, '/dev/ptmx', O_RDWR or die "/dev/ptmx: $!";
	ioctl $master, TIOCSPTLCK, $unlock or die "unlock: $!";
	ioctl $master, TIOCGPTN, $number or die "number: $!";
	$name = '/dev/pts/' . unpack 'i', $number;
	sysopen $slave, $name, O_RDWR | O_NOCTTY or die "$name: $!";
	$before = mode();
	unlink "$dir/pid";
	$pid = fork // die;
	return if $pid;
	POSIX::setsid();
	ioctl $slave, TIOCSCTTY, my $force = 0;
	POSIX::dup2(fileno $slave, $_) for 0 .. 2;
	exec $twofold, 'run' or die;
}

# Types, and reads until the answer is there.
sub type {
	my ($keys, $answer) = @_;
	my $got = '';
	syswrite $master, $keys;
	wait_until(sub {
		my $r = '';
		vec($r, fileno $master, 1) = 1;
		sysread $master, $got, 4096, length $got if select $r, undef, undef, 0;
		return $got =~ $answer;
	});
	return $got;
}

fake_qemu('print "ready\n";
	while (sysread STDIN, my $b, 1) { print unpack("H*", $b), "\n"; exit 9 if $b eq "E" }');
on_terminal();
is(type('', qr/ready\r\n/), "ready\r\n", 'terminal: a newline returns the carriage');
isnt(mode(), $before, 'the terminal is taken');
is(type("\x03\x1a\x04\x13\x1c\r", qr/0d\r\n/), join("\r\n", qw(03 1a 04 13 1c 0d), ''),
	'every key is a key: ^C ^Z ^D ^S ^\\ Enter');
is(type("\x1d", qr/1d\r\n/), "1d\r\n", '^] is passed on at once');
is(type("\x1dxq", qr/71\r\n/), "1d\r\n78\r\n71\r\n", '^] and another key, and then q');
ok(kill(0, $pid), 'still there');
type("\x1d", qr/1d\r\n/);
type('q', qr/$/);
waitpid $pid, 0;
is($? >> 8, 130, '^] q, typed one by one, ends with 130');
is(mode(), $before, 'the terminal is given back');
ok(gone(qemu_pid()), 'QEMU is gone');

for ([ 'QEMU that ends', sub { type('E', qr/45/) }, 9 ],
	[ 'SIGTERM', sub { kill 'TERM', $pid }, 143 ],
	[ '^] ^] q', sub { type("\x1d\x1dq", qr/$/) }, 130 ]) {
	my ($what, $how, $want) = @$_;
	on_terminal();
	type('', qr/ready\r\n/);
	$how->();
	waitpid $pid, 0;
	is($? >> 8, $want, "$what: $want");
	is(mode(), $before, "$what: the terminal is given back");
}

# The debugger's socket.
fake_qemu('print join " ", @ARGV; exit 0;');
($status, $out) = sh("TMPDIR=$dir $twofold run --gdb </dev/null 2>$dir/err");
my ($socket) = $out =~ m{ -S -gdb unix:(\S+),server=on,wait=off};
ok($socket && $socket =~ m{^\Q$dir\E/twofold\.\w+/gdb$}, '--gdb: QEMU waits on a socket');
like(`cat $dir/err`, qr{gdb-multiarch -ex 'target remote \Q$socket\E' \Q$dir\E/build/hyp.elf},
	'how to attach is said');
ok(!-e $socket =~ s{/gdb$}{}r, 'and nothing is left of it');
done_testing();
