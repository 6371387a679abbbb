#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Both groups of a guest's GIC, and more active interrupts than list registers (g_group.c): on one
# CPU beside another guest, so that the CPU interface is switched all the while, and on several.
#
# needs: all raw-guests
use strict;
use warnings;
use Test::More;
use Twofold;

# CPU model, CPUs, vCPUs.
for ([ 'cortex-a72', 1, 1 ], [ 'cortex-a72', 2, 3 ], [ 'max', 1, 2 ]) {
	my ($cpu, $smp, $n) = @$_;
	my $m = machine(
		cpu => $cpu,
		smp => $smp,
		guests => [
			raw('group', name => 'group', cpus => $n, args => "cpus=$n", leaf => '4k'),
			raw('beat', name => 'beat'),
		],
		input => "wait group '# end' 40\ns2 check\nexit 0\n",
	);
	my $label = "$cpu, $n vCPUs on $smp";
	passed($m, $label);
	guest_tap($m, 'group', "$label: group");
}
done_testing();
