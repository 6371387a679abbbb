#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Several CPUs under the hypervisor, several in a guest: PSCI and interrupts between vCPUs;
# guests are shown, paused, stopped and started while they run on other CPUs (200 times each with
# TF_SOAK=1, `make soak-lives`).
use strict;
use warnings;
use Test::More;
use Twofold;

# ---- vCPUs ------------------------------------------------------------------------------------

# CPU model, CPUs, vCPUs: fewer CPUs than vCPUs, as many, more.
for ([ 'cortex-a72', 1, 3 ], [ 'cortex-a72', 2, 4 ], [ 'max', 4, 3 ], [ 'cortex-a72', 8, 8 ]) {
	my ($cpu, $smp, $n) = @$_;
	my $m = machine(
		cpu => $cpu,
		smp => $smp,
		guests => [
			raw('psci', name => 'psci', cpus => $n, args => "cpus=$n"),
			raw('gic', name => 'gic', cpus => $n, args => "cpus=$n", leaf => '4k'),
			raw('thumb', name => 'thumb'),
		],
		input => "wait psci '# end' 40\nwait gic '# end' 40\nwait thumb '# end' 40\n"
			. "s2 check\nexit 0\n",
	);
	my $label = "$cpu, $n vCPUs on $smp";
	passed($m, $label);
	guest_tap($m, $_, "$label: $_") for qw(psci gic thumb);
}

# ---- Guests that run elsewhere ------------------------------------------------------------------

use constant ROUNDS => $ENV{TF_SOAK} ? 200 : 40;

my $show = join '', map { "vm show $_\n" } qw(spin1 spin2 spin3 beat);
my $round = "vm start a; wait a '# end' 10; vm show spin1; vm stop a\n";
for my $smp (2, 4) {
	my $m = machine(
		smp => $smp,
		guests => [
			raw('spin', name => 'spin1'),
			raw('spin', name => 'spin2', leaf => '4k'),
			raw('spin', name => 'spin3'),
			raw('beat', name => 'beat'),
			raw('hello', name => 'a', mem => '16M', leaf => '4k'),
		],
		input => "wait a '# end' 20\nvm stop a\nwait spin1 spinning 5\n"
			. "wait spin2 spinning 5\nmem\n" . $show . $round x ROUNDS . "mem\n"
			. "vm pause spin1; vm pause spin2\nvm list\nvm show spin1\n"
			. "vm resume spin1\n"
			. "walk spin1 0x40080000\nvm reset spin2\nwait spin2 spinning 10\n"
			. "send beat x\nwait beat 'key x' 5\nwait beat beat 5\n"
			. ("vm reset spin3\nwait spin3 spinning 10\n" x 5)
			. "vm stop spin1; vm start spin1\nwait spin1 spinning 10\nvm list\n"
			. "s2 check\n"
			. "vm stop spin1; vm stop spin2; vm stop spin3; vm stop beat\nvm list\n"
			. "mem\n"
			. "s2 check\nexit 0\n",
	);
	passed($m, "$smp CPUs") or next;
	is(pool($m, 1), pool($m, 0), "$smp CPUs: " . ROUNDS . ' starts and no leak');
	my @lines = guest_lines($m, 'a');
	cmp_ok(scalar(grep { $_ eq '# end' } @lines), '>=', ROUNDS, "$smp CPUs: all ran");
	is(scalar(grep { /^not ok/ } @lines), 0, "$smp CPUs: and found everything fresh");
	like(answer($m, 'vm list'), qr/spin1 +paused.*spin3 +running/s, "$smp CPUs: one is paused");
	is(scalar(() = answer($m, 'vm list', 1) =~ /running/g), 4, "$smp CPUs: four of them run");
	is(scalar(() = answer($m, 'vm list', 2) =~ /running/g), 0, "$smp CPUs: none of them runs");
	my @beats = grep { /^beat \d+$/ } guest_lines($m, 'beat');
	is_deeply(\@beats, [ map { "beat $_" } 1 .. @beats ], "$smp CPUs: no beat is missed");
}
done_testing();
