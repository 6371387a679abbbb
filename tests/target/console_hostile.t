#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# The console and somebody who types whatever there is (Hostile.pm), beside a guest that is only
# looked at; and the ends of input that come at the wrong moment.  With TF_SOAK=1 (`make
# soak-console`) ROUNDS=20 sessions from SEED=1 on each CPU model, with Debian's kernel as the
# victim of one.
use strict;
use warnings;
use Test::More;
use Hostile;
use Twofold;

my $soak = $ENV{TF_SOAK};
my $seed = $ENV{SEED} // 1;
my $from = "$build/linux";
my $small = "kernel=$build/small.img,name=victim,mem=32M";
my $linux = "kernel=$from/vmlinuz,name=victim,mem=256M,cpus=2,ramdisk=$from/initrd.gz,"
	. "disk=$from/disk.img,args=console=ttyAMA0 quiet";

# One session.  The victim can be used again at its end, whatever was done to it; the witness has
# lived on.
sub hostile {
	my ($label, %o) = @_;
	my $ready = $o{ready} // 'small>';
	my $status = $o{seed} % 255 + 1;
	my $s = session(
		seed => $o{seed}, count => $o{count}, victim => 'victim', witness => 'witness',
		last => $o{last} // 'off',
		begin => "wait victim '$ready' 100\nwait witness 'beat 2' 20\n",
		end => "vm reset victim\nwait victim '$ready' 100\ns2 check\nvm show witness\n"
			. "send witness k\nwait witness 'key k' 20\nexit $status\n",
	);
	my $m = machine(
		cpu => $o{cpu} // 'cortex-a72', smp => $o{smp} // 2, limit => 240,
		held => 1, input => '', later => $s->{later},
		guests => [ $o{guest} // $small, raw('beat', name => 'witness', mem => '8M') ],
	);
	is($m->{status}, $status, "$label: the status is what it ends with") or diag $m->{out};
	judged($m, $s, $label);
	like(answer($m, 'vm show witness', -1), qr/^vm2 witness  running  starts 1$/m,
		"$label: the witness has not been touched");
	my $checks = () = $m->{out} =~ /^s2 check: ok/mg;
	ok($checks && $m->{out} !~ /^error: s2 check|^walk check: (?!ok)|DISAGREE/m,
		"$label: tables clean");
	return;
}

if ($soak) {
	for my $cpu (qw(cortex-a72 neoverse-n1 max)) {
		hostile("$cpu, seed $_", seed => $_, count => 200, cpu => $cpu, smp => 1 + $_ % 3)
			for $seed .. $seed + ($ENV{ROUNDS} // 20) - 1;
	}
	hostile("Linux, seed $seed", seed => $seed, count => 200, guest => $linux, ready => '# ',
		last => 'poweroff -f');
	done_testing();
	exit;
}
hostile("seed $_", seed => $_, count => 40, smp => $_) for 1, 2;

# ---- The end of input -------------------------------------------------------------------------

# Two guests; status and output.
sub ends {
	my ($input) = @_;
	my $m = machine(
		guests => [ map { raw('beat', name => $_, mem => '8M') } qw(a b) ],
		input => $input, limit => 20,
	);
	return ($m->{status}, $m->{out} =~ s/^\[[ab]\] .*\n//mgr);
}

my ($status, $out) = ends('con a;con b; con a;con a');
is($status, 0, 'in a line that attaches again and again: the end');
is(scalar(() = $out =~ /^back from [ab]$/mg), 4, 'each time it comes back');
($status, $out) = ends("wait a 'beat 3' 20; con b; wait a 'beat 5' 20; con a; mem scan x");
is($status, 1, 'behind waits: the end, and what failed');
like($out, qr/^error: WORD `x`/m, 'the line is run to its end');

# A guest that reads nothing, more bytes than find room there, and ^].
($status, $out) = ends("vm pause a;con a;vm\n" . 'k' x 5000 . "\x1dvm list\ns2 check\n");
is($status, 1, 'while a guest does not read: an error');
like($out, qr/^back from a\nerror: con: a has read nothing for 3 s: 904 bytes were not sent\n/m,
	'which says what was lost');
unlike($out, qr/^tf> vm$/m, 'and the rest of the line is not run');
like($out, qr/^tf> s2 check\ns2 check: ok/m, 'but the next one');

# ---- Words ------------------------------------------------------------------------------------

# What is no number, no name and no unique beginning is not taken for one.
($status, $out) = ends(<<'END');
s2 map a '0\x00x' 4096
s2 map a 0 '4096\x00'
s2 map a '0..4096\x00'
sysreg 'VBAR\x00'
s2 log a s
s2 log a st
s2 log a sto
s2 log a har
exit 3
END
is($status, 3, 'mistakes of a session do not end it');
is(scalar(() = $out =~ /^error: a range is START/mg), 3, 'a range has no NUL in it');
like($out, qr/^error: no register that guests have begins with `VBAR\\x00`/m, 'nor has a name');
is(scalar(() = $out =~ /^error: usage: s2 log/mg), 2, '`st` may be start or stop');
is(scalar(() = $out =~ /^error: a has no dirty log/mg), 2, '`sto` and `har` are words');
done_testing();
