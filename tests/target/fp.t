# SPDX-License-Identifier: BSD-2-Clause
#
# Whose FP registers are in the machine: whoever has a CPU for itself gets them without a trap,
# those that share one trap for them, and all keep what is theirs.
#
# needs: all raw-guests
use strict;
use warnings;
use Twofold;
use Test::More;

my @names = qw(alone one other);
my $m = machine(
	smp => 2,
	guests => [
		raw('fp', name => 'alone', pin => 0, args => 'id=1'),
		raw('fp', name => 'one', pin => 1, args => 'id=2'),
		raw('fp', name => 'other', pin => 1, args => 'id=254'),
	],
	input => join('', map { "wait $_ '# end' 40\nvm show $_\n" } @names) . "s2 check\nexit 0\n",
);
passed($m, 'the machine');
guest_tap($m, $_) for @names;
my ($alone, $one, $other) = map { answer($m, "vm show $_") =~ /^exits\b.*\bfp (\d+)/m ? $1 : 0 }
	@names;
is($alone, 0, 'no trap where nobody else wants the CPU');
cmp_ok($one + $other, '>', 3, 'traps where two share one, each time the other was there between');
done_testing();
