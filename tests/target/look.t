# SPDX-License-Identifier: BSD-2-Clause
#
# The console looks through one guest's world in the middle of what another does: as soon as that
# one has said a line, again and again.  Whoever goes on has its own world, not the one looked at.
#
# needs: all raw-guests
use strict;
use warnings;
use Twofold;
use Test::More;

my @looks = map { "wait beat 'beat " . (2 * $_ + 1) . "' 5\nwalk check hostile 100 $_\n" }
	1 .. 12;
my $m = machine(
	smp => 2,
	guests => [
		raw('hostile', name => 'hostile', cpus => 2, leaf => '4k',
			args => 'seed=3 actions=40000'),
		raw('beat', name => 'beat'),
	],
	input => join('', @looks) . "s2 check\nexit 0\n",
);
passed($m, 'the machine');
my @beats = guest_lines($m, 'beat');
cmp_ok(scalar(grep { /^beat \d+$/ } @beats), '>=', 25, 'the one that speaks goes on');
is(scalar(grep { /Bail/ } @beats), 0, 'as itself');
done_testing();
