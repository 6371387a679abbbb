#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# A guest that does whatever it can think of (g_hostile.c), on two vCPUs, beside Debian's kernel,
# which boots, sums up what it should, and switches itself off; and beside guests that miss nothing.
# What ends the hostile guest is the console; then it comes again.  With TF_SOAK=1 (`make
# soak-hostile`) 10^6 actions on each CPU model, with SEED=N another seed.
use strict;
use warnings;
use Test::More;
use Twofold;

my $soak = $ENV{TF_SOAK};
my $seed = $ENV{SEED} // 1;
my $zeros = 'bb9f8df61474d25e71fa00722318cd387396ca1736605e1248821cc0de3d3af8';
my $from = "$build/linux";

# Console commands: while it is at work, when it has ended, and while it is lost for good.
sub hostile {
	my ($label, %o) = @_;
	my $m = machine(
		cpu => $o{cpu}, smp => 2, mem => '768M', limit => $o{limit} + 200,
		guests => [
			raw('hostile', name => 'hostile', cpus => 2, leaf => $o{leaf},
				args => "seed=$o{seed} actions=$o{actions}"),
			raw('beat', name => 'beat'), @{ $o{guests} // [] },
		],
		input => "wait beat 'beat 3' 20\nwalk check hostile 100 $o{seed}\ns2 check\n"
			. "vm show hostile\n" . ($o{input} // '')
			. "wait hostile '# end' $o{limit}\ns2 check\nvm show hostile\n"
			. "vm pause hostile\nvm resume hostile\nwait hostile never 1\n"
			. "vm show hostile\nvm reset hostile\nwait hostile '# seed' 20\n"
			. "wait beat beat 20\nwait beat beat 20\ns2 check\nvm stop hostile\nmem\n"
			. "s2 check\nexit 0\n",
	);
	passed($m, $label) or return $m;
	my @said = guest_lines($m, 'hostile');
	my $sum = 0;
	$sum += /^# (?:registers|calls|psci|plain|odd|interrupts|tables|waits): (\d+)$/ ? $1 : 0
		for @said;
	is($sum, $o{actions}, "$label: it has done all it could think of");
	unlike($m->{out}, qr/panic|Bail out/, "$label: EL2 lives");
	cmp_ok(scalar(grep { /refused/ } @said), '<', 40, "$label: in few words");
	my @faults = map { answer($m, 'vm show hostile', $_) =~ /repeats \d+, faults (\d+)/ } 1, 2;
	cmp_ok($faults[1], '>', $faults[0], "$label: lost without vectors it faults on");
	my @beats = grep { /^beat \d+$/ } guest_lines($m, 'beat');
	is_deeply(\@beats, [ map { "beat $_" } 1 .. @beats ],
		"$label: its neighbour misses nothing");
	return $m;
}

sub beside_linux {
	my ($label, %o) = @_;
	my $m = hostile($label, %o,
		guests => [ "kernel=$from/vmlinuz,name=linux,cpus=1,mem=256M,"
			. "ramdisk=$from/initrd.gz,args=console=ttyAMA0 quiet" ],
		input => "wait linux 'shell ready' $o{limit}\n"
			. "send linux 'echo zeros \$(head -c 4m /dev/zero | sha256sum)\\n'\n"
			. "wait linux $zeros 60\n"
			. "send linux 'dmesg | grep -Eci \"bug:|warning:|oops|call trace\"\\n'\n"
			. "send linux 'echo over\"\"all\\n'\nwait linux overall 20\n"
			. "send linux 'poweroff -f\\n'\nwait linux 'Power down' 30\n",
	);
	my $said = join "\n", guest_lines($m, 'linux');
	like($said, qr/^zeros $zeros/m, "$label: Linux sums up right");
	like($said, qr/^0$/m, "$label: and has no complaints");
	like($said, qr/Power down/, "$label: and ends by itself");
	return;
}

if ($soak) {
	for my $cpu (qw(cortex-a72 neoverse-n1 max)) {
		beside_linux("$cpu: 10^6, seed $seed", cpu => $cpu, leaf => '4k', seed => $seed,
			actions => 1_000_000, limit => 600);
	}
} else {
	hostile('max', cpu => 'max', leaf => '2m', seed => 2, actions => 20000, limit => 60);
	if (-e "$from/made") {
		beside_linux('cortex-a72', cpu => 'cortex-a72', leaf => '4k', seed => 3,
			actions => 40000, limit => 120);
	} else {
		hostile('cortex-a72', cpu => 'cortex-a72', leaf => '4k', seed => 3,
			actions => 40000, limit => 60);
	}
}
done_testing();
