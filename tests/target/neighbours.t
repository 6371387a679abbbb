#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Bad neighbours: guests that spin with everything masked or fault for ever, beside one that
# only wants its turn and a console that wants to be obeyed.
use strict;
use warnings;
use Test::More;
use Twofold;

for my $cpu (qw(cortex-a72 max)) {
	my $m = machine(
		cpu => $cpu,
		guests => [
			raw('spin', name => 'spin1'),
			raw('beat', name => 'beat'),
			raw('spin', name => 'spin2', leaf => '4k'),
			raw('walk', name => 'lost', args => 'loop=1'),
			raw('call', name => 'call'),
		],
		input => <<'END',
wait spin1 spinning 5
wait spin2 spinning 5
wait lost '# the end' 10
wait beat 'beat 3' 10
wait call '# end' 20
vm list
vm show spin1
vm show lost
send beat x
wait beat 'key x' 5
wait beat beat 5
wait beat beat 5
walk lost 0x40080000
walk check lost 3000 5
walk check beat 3000 5
vm pause beat
send beat y
vm resume beat
wait beat 'key y' 5
vm show lost
vm stop lost
vm show spin1
vm reset spin1
wait spin1 spinning 5
s2 check
vm stop spin1
vm stop spin2
wait beat beat 5
wait beat beat 5
vm list
vm start lost
wait lost '# the end' 10
s2 check
exit 0
END
	);
	passed($m, $cpu) or next;
	guest_tap($m, 'call', "$cpu: among bad neighbours");
	my ($irqs) = answer($m, 'vm show spin1', 1) =~ /exits .*irq (\d+)/;
	cmp_ok($irqs, '>=', 3, "$cpu: the spinning guest was interrupted $irqs times");
	is(scalar(() = answer($m, 'vm list') =~ /running/g), 5, "$cpu: all of them run");
	like(answer($m, 'vm list', 1), qr/spin1 +stopped.*beat +running.*spin2 +stopped/s,
		"$cpu: until they are stopped");

	# The guest without vectors takes its aborts one after the other; nobody is told each time.
	my @faults = map { answer($m, 'vm show lost', $_) =~ /repeats \d+, faults (\d+)/ } 0, 1;
	cmp_ok($faults[1], '>', $faults[0], "$cpu: the lost guest faults on and on");
	cmp_ok(scalar(grep { /refused/ } guest_lines($m, 'lost')), '<', 100, "$cpu: in few words");

	like(answer($m, 'walk lost 0x40080000'), qr/software and hardware agree/,
		"$cpu: a walk through tables that are nowhere is survived");
	like(answer($m, "walk check $_ 3000 5"), qr/^walk check: ok/, "$cpu: many of them: $_")
		for qw(lost beat);
	unlike($m->{out}, qr/PAR_EL1 has changed/, "$cpu: PAR_EL1 is what the guest's own AT left");

	# Four others want the CPU all the time: 50 ms may not become more than a few slices.
	my @beats = grep { /^beat \d+$/ } guest_lines($m, 'beat');
	is_deeply(\@beats, [ map { "beat $_" } 1 .. @beats ], "$cpu: the good one misses no beat");
	cmp_ok(scalar @beats, '>', 5, "$cpu: of many");
}

# A guest can end QEMU with status 0; the verdict is that it did not pass.
my $m = machine(guests => [ raw('exit', name => 'exit') ],
	input => "wait exit leaving 10\nsend exit x\nwait exit never 10\ns2 check\nexit 0\n");
is($m->{status}, 0, 'a guest ends QEMU with status 0');
unlike($m->{out}, qr/# nonce/, 'but EL2 has not said its word');

# Nor does a guest that says the word in EL2's place.
unlike($m->{out} . "[exit] # nonce $m->{nonce}\n", qr/^# nonce/m, 'a guest cannot say it');

$m = machine(guests => [ raw('spin', name => 'spin') ], limit => 3,
	input => "wait spin never 60\n");
is($m->{status}, 124, 'a machine that takes too long is ended');
is($m->{left}, 0, 'with all of its processes');
done_testing();
