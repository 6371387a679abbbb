#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# PSCI from outside: guests that are stopped, reset and started while their vCPUs start, suspend
# and switch off each other; a suspended guest; the seeds that calls and trees give.
use strict;
use warnings;
use Test::More;
use Twofold;

use constant ROUNDS => 12;

for my $smp (1, 3) {
	my $m = machine(
		smp => $smp,
		guests => [
			raw('storm', name => 'storm', cpus => 4, args => 'cpus=4', leaf => '4k'),
			raw('beat', name => 'beat'),
		],
		input => "wait storm 'storm 1' 20\nvm stop storm\nmem\nvm start storm\n"
			. join('', map {
				($_ % 2 ? "wait storm 'storm ' 20\n" : "wait beat beat 5\n")
					. ($_ % 3
					? "vm reset storm\n"
					: "vm stop storm\nvm start storm\n")
			} 1 .. ROUNDS)
			. "wait storm 'storm 1' 20\nwait storm 'storm 12' 60\ns2 check\n"
			. "vm pause storm\nvm show storm\nvm resume storm\n"
			. "wait storm 'storm ' 20\nvm stop storm\nmem\ns2 check\nexit 0\n",
	);
	passed($m, "$smp CPUs: a storm of calls");
	is(pool($m, 1), pool($m, 0), "$smp CPUs: the pool is as it was");
	my @turns = map { /^storm \d+: (\d+) (\d+) (\d+)/ ? [ $1, $2, $3 ] : () }
		guest_lines($m, 'storm');
	ok((grep { $_->[0] && $_->[1] && $_->[2] } @turns),
		"$smp CPUs: all of its vCPUs had turns");
	unlike($m->{out}, qr/Bail out/, "$smp CPUs: and took no exception");
}

# Reset by RESET2; suspended for good, and started again by the console.  Ten beats behind its last
# word it sleeps, also on a machine that was kept waiting and makes up for its beats.
my $m = machine(
	guests => [ raw('reset', name => 'r'), raw('beat', name => 'beat') ],
	input => "wait r 'data 1111' 5\nsend r 2\nwait r 'data 1111' 5\nsend r s\n"
		. "wait r 'to sleep' 5\nsend beat x\nwait beat 'key x' 5\n"
		. "wait beat beat 5\n" x 10 . "vm show r\nvm pause r\nvm resume r\n"
		. "wait beat beat 5\nvm show r\ns2 check\nvm reset r\nwait r 'data 1111' 5\n"
		. "send r s\nwait r 'to sleep' 5\nwait beat beat 5\nvm stop r\ns2 check\nexit 0\n",
);
passed($m, 'reset and suspended');
like(answer($m, 'vm show r', $_), qr/vcpu0 +waiting/, 'it sleeps') for 0, 1;
like(answer($m, 'vm show r'), qr/starts 2$/m, 'after one reset');
unlike($m->{out}, qr/Bail out/, 'and does not wake');

# What the tree and TRNG_RND64 of two guests give, in the order in which they say it.
sub seeds {
	my (%o) = @_;
	my @hello = $o{args} ? () : raw('hello', name => 'h');
	my $run = machine(
		guests => [ @hello, raw('call', name => 'c', args => $o{args}) ],
		hyp_args => $o{seed} ? ["tf.seed=$o{seed}"] : [],
		qemu_args => $o{qemu} // [],
		input => (@hello ? "wait h '# end' 20\n" : '')
			. "wait c '# end' 20\ns2 check\nexit 0\n",
	);
	passed($run, $o{label});
	guest_tap($run, 'c', $o{label}) if $o{args};
	return join ' ',
		map { /^# seed (\w+)/ ? $1 : () } guest_lines($run, 'h'), guest_lines($run, 'c');
}

my $seven = seeds(seed => 7, label => 'tf.seed=7');
like($seven, qr/^\w{16} \w{16} \w{16}$/, 'three seeds are said');
is(seeds(seed => 7, label => 'tf.seed=7 again'), $seven, 'and the same the second time');
my @others = ($seven, seeds(seed => 8, label => 'tf.seed=8'),
	map { seeds(label => "boot $_") } 1, 2);
my %once = map { $_ => 1 } map { split ' ' } @others;
is(scalar keys %once, 3 * @others, 'each other boot has others');
is(seeds(label => 'no seed', args => 'seeded=0', qemu => [ '-M', 'dtb-randomness=off' ]),
	'', 'a machine without a seed gives none');
$m = machine(hyp_args => ['tf.seed=seven'], guests => [ raw('hello', name => 'h') ]);
like($m->{out}, qr/cannot start: tf.seed= wants a number/, 'a seed that is none is refused');
is($m->{status}, 3, 'with status 3');
done_testing();
