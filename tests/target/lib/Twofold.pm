# SPDX-License-Identifier: BSD-2-Clause
#
# Machines for the target tests: build/twofold with guests and console commands, or QEMU itself.
#
#	my $m = machine(guests => [ raw('hello', name => 'a') ], input => "wait a '# end' 20\n");
#	passed($m, 'the machine');
#	guest_tap($m, 'a');
#
# A machine has status, out (all of its output, CR removed) and nonce (what EL2 has to say back
# at its end), and left, the number of processes it left behind.  It keeps true:
# 1. only processes started here are ended, each by its pid, and none is left;
# 2. a run that takes longer than its limit is ended and has status 124.
package Twofold;
use strict;
use warnings;
use Exporter 'import';
use File::Temp 'tempdir';
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
our @EXPORT = qw($build $scratch machine qemu raw passed guest_tap guest_lines figure answer pool);

our $build = $ENV{B} // 'build';
our $scratch = tempdir(CLEANUP => 1);
my $runs = 0;

# Random, so that no old output and no guest's guess can be taken for it.
sub nonce {
	open my $f, '<:raw', '/dev/urandom' or die "/dev/urandom: $!\n";
	read $f, my $bytes, 8;
	return unpack 'H*', $bytes;
}

sub slurp {
	my ($path) = @_;
	open my $f, '<:raw', $path or die "$path: $!\n";
	local $/;
	return <$f> // '';
}

sub spill {
	my ($path, $text) = @_;
	open my $f, '>:raw', $path or die "$path: $!\n";
	print $f $text;
	close $f or die "$path: $!\n";
	return $path;
}

# Runs a command with text as its standard input, which then ends, or with `held` stays open; its
# status and output, what it said on standard error in front (QEMU writes there, piece by piece, in
# the middle of what the machine says: a warning where every guest sleeps).  `later` is a list of
# [ pattern, seconds, text ] that goes on with the input:
# so long after the output so far has come to match.  With `deaf` nobody reads the output for so
# many seconds.
our $held = 0;
our (@later, $deaf);

# What is to be sent by now, once; undef where it is not time.
sub due {
	my ($so_far) = @_;
	my $next = $later[0] or return;
	$next->[3] //= time if slurp($so_far) =~ $next->[0];
	return if !$next->[3] || time < $next->[3] + $next->[1];
	return (shift @later)->[2];
}

# Copies what comes to a file, but not at once.
sub listen_late {
	my ($path) = @_;
	pipe my $from, my $to or die "pipe: $!\n";
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		close $to;
		sleep $deaf;
		open my $out, '>:raw', $path or POSIX::_exit(126);
		while (sysread $from, my $bytes, 65536) { syswrite $out, $bytes }
		POSIX::_exit(0);
	}
	return ($pid, $to);
}

sub run {
	my ($limit, $input, @command) = @_;
	my $base = "$scratch/run" . $runs++;
	spill("$base.in", $input);
	spill("$base.err", '');
	spill("$base.out", ''); # who is looked at before it has written anything has said nothing
	pipe my $from, my $to or die "pipe: $!\n";
	syswrite $to, $input if $held;
	my ($listener, $out) = $deaf ? listen_late("$base.out") : ();
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		close $to;
		open my $in, '<', "$base.in" or POSIX::_exit(126);
		open STDIN, '<&', $held ? $from : $in or POSIX::_exit(126);
		$out ? open STDOUT, '>&', $out : open STDOUT, '>', "$base.out"
			or POSIX::_exit(126);
		open STDERR, '>', "$base.err" or POSIX::_exit(126);
		exec @command or POSIX::_exit(127);
	}
	my ($end, $signal, $late) = (time + $limit, 'TERM', 0);
	close $out if $out;
	while (waitpid($pid, POSIX::WNOHANG()) == 0) {
		sleep 0.01;
		my $text = due("$base.out");
		syswrite $to, $text if defined $text;
		next if time < $end;
		kill $signal, $pid;
		($signal, $end, $late) = ('KILL', time + 2, 1);
	}
	my $status = $late ? 124 : $? & 127 ? 128 + ($? & 127) : $? >> 8;
	waitpid $listener, 0 if $listener;
	# What the console took back from the screen was not said.
	my $out_lines = slurp("$base.out") =~ s/[^\n]*\r\e\[K//gr =~ s/\r//gr;
	return ($status, slurp("$base.err") . $out_lines);
}

# max without pointer authentication in software, which nobody can wait for.
sub cpu_name {
	my ($cpu) = @_;
	return $cpu eq 'max' ? 'max,pauth-impdef=on' : $cpu;
}

# -g's value for a raw guest of tests/target/guests.
sub raw {
	my ($kind, %o) = @_;
	my $args = join ' ', grep { defined } delete $o{args}, "mem=" . ($o{mem} //= '16M');
	my $rest = join ',', map { "$_=$o{$_}" } sort keys %o;
	return "kernel=$build/guests/g_$kind.bin,$rest,args=$args";
}

# A machine by the host command: guests, cpu, smp, mem, input, limit, hyp_args,
# qemu_args, exit_when_off, held, later, deaf.
sub machine {
	my (%o) = @_;
	my $nonce = nonce();
	my $limit = $o{limit} // 180;
	local $held = $o{held};
	local @later = @{ $o{later} // [] };
	local $deaf = $o{deaf};
	my @command = ("$build/twofold", 'run', '--cpu', $o{cpu} // 'cortex-a72', '--mem',
		$o{mem} // '512M', '--smp', $o{smp} // 1, '--timeout', $limit,
		'--hyp-arg', "tf.nonce=$nonce");
	push @command, '-g',
		$_ . (/,args=/ ? ' ' : ',args=') . "nonce=$nonce" for @{ $o{guests} // [] };
	push @command, '--hyp-arg', $_ for @{ $o{hyp_args} // [] };
	push @command, '--qemu-arg', $_ for @{ $o{qemu_args} // [] };
	push @command, '--exit-when-off' if $o{exit_when_off};
	my ($status, $out) = run($limit + 5, $o{input} // "exit 0\n", @command);
	return { status => $status, out => $out, nonce => $nonce, left => processes($nonce) };
}

# How many processes have a word in their command lines.
sub processes {
	my ($word) = @_;
	my $count = 0;
	for (glob '/proc/[0-9]*/cmdline') {
		open my $f, '<:raw', $_ or next;
		my $line = do { local $/; <$f> } // '';
		$count++ if index($line, $word) >= 0;
	}
	return $count;
}

# A machine without the host command, so that nothing is checked before QEMU starts.
sub qemu {
	my (%o) = @_;
	my $nonce = nonce();
	my @command = ('qemu-system-aarch64', '-M',
		$o{board} // 'virt,virtualization=on,gic-version=3',
		'-cpu', cpu_name($o{cpu} // 'cortex-a72'), '-m', $o{mem} // '256M', '-nic', 'none',
		'-display', 'none', '-monitor', 'none', '-serial', 'stdio', '-no-reboot',
		'-semihosting-config', 'enable=on,target=gdb', '-kernel',
			$o{kernel} // "$build/hyp.elf",
		'-append', join(' ', "tf.nonce=$nonce", @{ $o{hyp_args} // [] }),
			@{ $o{args} // [] });
	my ($status, $out) = run($o{limit} // 15, $o{input} // '', @command);
	return { status => $status, out => $out, nonce => $nonce };
}

# A run counts when EL2 ended it with 0 and said the nonce back, and every `s2 check` was clean.
sub passed {
	my ($m, $name) = @_;
	my $said = $m->{out} =~ /^# nonce \Q$m->{nonce}\E$/m;
	my @checks = $m->{out} =~ /^tf> s2 check\n(.*)$/mg;
	my $clean = grep { /^s2 check: ok/ } @checks;
	my $good = $m->{status} == 0 && $said && @checks && $clean == @checks && !$m->{left};
	ok($good, "$name: ended well, tables clean");
	diag("status $m->{status}, nonce ", $said ? 'said' : 'missing',
		", $clean of ", scalar @checks, ' checks',
		"\n", $m->{out}) if !$good;
	return $good;
}

# The lines a guest wrote, whole and in order.
sub guest_lines {
	my ($m, $guest) = @_;
	return $m->{out} =~ /^\[\Q$guest\E\] (.*)$/mg;
}

# Passes a guest's TAP on.  Its plan must be complete, its numbers in order, its nonce said.
sub guest_tap {
	my ($m, $guest, $label) = @_;
	$label //= $guest;
	my ($count, $planned, $nonce, $bailed) = (0, -1, 0, 0);
	for (guest_lines($m, $guest)) {
		if (/^(not )?ok (\d+)(?: - (.*))?$/) {
			$count++;
			my ($bad, $number, $name) = ($1, $2, $3 // '');
			ok(!$bad && $number == $count, "$label: $name");
		}
		$planned = $1 if /^1\.\.(\d+)$/;
		$nonce = 1 if /^# nonce \Q$m->{nonce}\E$/;
		$bailed = 1 if /^Bail out!/;
		diag("$label: $_") if /^#   |^# have|^# count|^Bail|EXPECT/;
	}
	ok($count == $planned && $count > 0 && $nonce && !$bailed, "$label: its plan is complete");
	diag("$count of $planned\n$m->{out}") if $count != $planned || !$nonce;
	return;
}

# What EL2 said between a command and the next prompt: the n'th time it was given, from 0;
# the last time with -1; without the lines of guests, which come when they come.
sub answer {
	my ($m, $command, $n) = @_;
	my @all = $m->{out} =~ /^tf> \Q$command\E\n(.*?)(?=^tf> |\z)/msg;
	return ($all[ $n // 0 ] // '') =~ s/^\[[\w.-]+\] .*\n//mgr;
}

# What `mem` said the n'th time, without what only grows: it tells where every block is.
sub pool {
	my ($m, $n) = @_;
	return answer($m, 'mem', $n) =~ s/  hit \d+  miss \d+  foreign \d+$//mgr
		=~ s/  steals \d+  claims \d+$//mgr;
}

# The n'th number behind some words, over the whole output; -1 where there is none.
sub figure {
	my ($m, $words, $n) = @_;
	my @all = $m->{out} =~ /$words\s*(\d+)/g;
	return $all[ $n // 0 ] // -1;
}

1;
