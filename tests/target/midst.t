#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# VMs that are stopped, reset, paused and started in the middle of what another of their vCPUs does:
# a fault, a disk's request, CPU_ON, a write to the console, a reset of its own or by two at once.
# needs: all raw-guests
use strict;
use warnings;
use Test::More;
use Twofold;

# With TF_SOAK=1 (`make soak-lives`) 400, on one, two and four CPUs.
use constant ENDS => $ENV{TF_SOAK} ? 400 : 10;

my @busy = qw(faults disk calls talks reset resets both);
my @kinds = map {
	raw('midst', name => $busy[$_], mem => '24M', leaf => '4k', cpus => $_ == 2 ? 3 : 2,
		disk => '1M', args => "what=$_")
} 0 .. $#busy;
my @ends = ('vm reset X', 'vm stop X; vm start X', 'vm pause X; vm reset X',
	'vm stop X; vm start X; vm reset X', "wait X busy 20\nvm reset X");
my $ends = join '', map {
	my $n = $_;
	map { my $end = $ends[ ($n + $_) % @ends ] . "\n"; $end =~ s/X/$busy[$_]/gr } 0 .. $#busy
} 1 .. ENDS;
# More lives than the console gives: each says one line, so that as many lines are as many starts.
my %lives = map { my $guest = $_; $guest => 6 + (() = $ends =~ /(?:start|reset) \Q$guest\E\b/g) }
	qw(reset resets);
my $stop = join '', map { "vm stop $_\n" } @busy;
for my $smp ($ENV{TF_SOAK} ? (1, 2, 4) : 3) {
	my $m = machine(
		smp => $smp,
		limit => 120 + 20 * ENDS,
		guests => \@kinds,
		input => join('', map { "wait $_ 'bad 0' 20\n" } @busy) . "${stop}s2 check\nmem\n"
			. join('', map { "vm start $_\n" } @busy) . $ends
			. "vm pause disk\nvm pause faults\ns2 check\n"
			. "vm resume disk\nvm resume faults\n"
			. join('', map { "wait $_ 'bad 0' 20\n" } @busy)
			. join('', map { "wait $_ 'bad 0' 20\n" x $lives{$_} } sort keys %lives)
			. "vm show reset\nvm show resets\nmem scan 0x517ec0de5ec2e7ed\n${stop}mem\n"
			. "mem scan 0x517ec0de5ec2e7ed\ns2 check\nexit 0\n",
	);
	passed($m, "$smp CPUs: in the middle of something") or next;
	is(pool($m, 1), pool($m, 0), "$smp CPUs: the pool is as it was");
	like(answer($m, 'mem scan 0x517ec0de5ec2e7ed'), qr/in \d+ frames/, "$smp CPUs: they write");
	like(answer($m, 'mem scan 0x517ec0de5ec2e7ed', 1), qr/in no frame/,
		"$smp CPUs: nothing that was written is left");
	for my $guest (@busy) {
		my @said = map { /^busy: (?:\d+|up), bad (\d+)/ ? $1 : () }
			guest_lines($m, $guest);
		ok(@said && !grep({ $_ } @said),
			"$smp CPUs: $guest: all fresh, " . @said . ' times');
	}
	unlike($m->{out}, qr/Bail out|came back|^error/m, "$smp CPUs: nobody is lost");
	for my $guest (qw(reset resets)) {
		my ($starts) = answer($m, "vm show $guest") =~ /starts (\d+)/;
		cmp_ok($starts, '>=', $lives{$guest}, "$smp CPUs: $guest: resets itself, too");
	}
}

# Begun and ended at once, on CPUs that had nothing to do: one of them has taken the vCPU out of its
# queue, and waits for its VM's lock, when it is stopped.
for my $smp (2, 4) {
	my $m = machine(
		smp => $smp,
		guests => [ grep { /name=(?:both|faults),/ } @kinds ],
		input => "wait both 'bad 0' 20\nvm stop both\nvm stop faults\ns2 check\nmem\n"
			. ("vm start both; vm stop both\nvm start faults; vm start both;"
				. " vm stop both; vm reset faults; vm stop faults\n") x (2 * ENDS)
			. "s2 check\nmem\nvm start both\nwait both 'bad 0' 20\n"
			. "s2 check\nexit 0\n",
	);
	passed($m, "$smp CPUs: begun and ended at once") or next;
	is(pool($m, 1), pool($m, 0), "$smp CPUs: the pool is as it was");
	unlike($m->{out}, qr/Bail out|^error/m, "$smp CPUs: nobody is lost");
}
done_testing();
