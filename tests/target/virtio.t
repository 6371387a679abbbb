#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# virtio devices: guests that drive disk and random numbers well, then as badly as can be, with a
# module, a read-only module and a slice of the pool behind the disk.  After a reset each finds the
# disk as it was, and the pool gets everything back.
use strict;
use warnings;
use Test::More;
use Twofold;

use constant SIZE => 1024 * 1024;

my $bytes = join '', map { chr(($_ * 7 + ($_ >> 9)) & 255) } 0 .. SIZE - 1;
my $disk = Twofold::spill("$scratch/disk", $bytes);
my %disks = (
	file => [ disk => $disk, args => 'disk=' . SIZE ],
	ro => [ disk => $disk, 'disk-access' => 'ro', args => 'fixed=1 disk=' . SIZE ],
	zeros => [ disk => '3M', args => 'blank=1 disk=3M' ],
);
my @names = sort keys %disks;

for my $cpu (qw(cortex-a72 max)) {
	my $ends = join '', map { "wait $_ '# end' 40\n" } @names;
	my $m = machine(
		cpu => $cpu,
		guests => [ (map { raw('virtio', name => $_, @{ $disks{$_} }) } @names),
			raw('peek', name => 'peek', args => 'id=1', mem => '6M',
				populate => 'eager') ],
		input => $ends . <<'END' . $ends . <<'END',
vm show file
vm show ro
vm show zeros
s2 check
s2 map file 0 0x10000000
vm stop file
vm stop ro
vm stop zeros
vm show file
s2 check
mem
vm start file
vm start ro
vm start zeros
END
s2 check
vm stop file
vm stop ro
vm stop zeros
mem
s2 check
exit 0
END
	);
	passed($m, $cpu);
	for my $name (@names) {
		my @lines = guest_lines($m, $name);
		is(scalar(grep { /^# end$/ } @lines), 2, "$cpu: $name ran twice to its end");
		is(join("\n", grep { /^not ok|^Bail|^# have/ } @lines), '',
			"$cpu: $name, all is well");
		cmp_ok(scalar(grep { /^ok \d+/ } @lines), '>=', 2 * 50, "$cpu: $name, all of it");
		is(scalar(grep { /^# nonce \Q$m->{nonce}\E$/ } @lines), 2,
			"$cpu: $name said its word");
	}
	like(answer($m, 'vm show file'),
		qr/^disk +1M at 0x\w+, copied on write  taken [1-9]\d* of 259 frames/m,
		"$cpu: the disk is shown");
	like(answer($m, 'vm show ro'), qr/read-only  taken 0 of 0 frames/,
		"$cpu: nothing was written to the read-only one");
	like(answer($m, 'vm show zeros'), qr/^disk +3M  taken [1-9]/m,
		"$cpu: one without a module is shown, too");
	like(answer($m, 'vm show zeros'), qr/^rng +requests \d+/m,
		"$cpu: random numbers are counted");
	like(answer($m, 'vm show file', 1), qr/taken 0 of 259 frames/,
		"$cpu: a stopped one holds nothing");
	like(answer($m, 's2 map file 0 0x10000000'),
		qr/0x0a000000 .*trap +disk\n0x0a000200 .*trap +rng/,
		"$cpu: both stand in the map");
	is(pool($m, 1), pool($m, 0),
		"$cpu: the pool is as it was, block by block");
	is(scalar(grep { /^not ok/ } guest_lines($m, 'peek')),
		0,
		"$cpu: the neighbour saw nothing of it");
}
ok(Twofold::slurp($disk) eq $bytes, 'the file is as it was');
done_testing();
