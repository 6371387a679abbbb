#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Stage 2 in every shape that a CPU has: granules, 52-bit IPAs, features used and not used.  In
# each a guest writes known pages, by itself and by its entropy device, and the dirty log in both
# grains, the access flags and the permissions give exactly these.  What a CPU lacks is refused
# with the reason.
use strict;
use warnings;
no warnings 'portable'; # addresses beyond 32 bits
use Test::More;
use Twofold;

use constant { K => 1024, BASE => 0x40000000, AREA => 0x40800000, AREA_END => 0x41000000 };

# What g_dirty touches, by its keys: pages of 4 KiB.
my @pages = map { AREA + $_ * 4 * K } 0, 3, 4, 5, 511, 512, 700, 1535;
my @by_device = (BASE + 0xe00000, BASE + 0xe01000);

# What each CPU has: granules in KiB, and the features that stage 2 then uses.
my %granules = ('cortex-a72' => [ 4, 64 ], 'neoverse-n1' => [ 4, 16, 64 ], max => [ 4, 16, 64 ]);
my %plain = ('neoverse-n1' => '-haf-hd-xnx', max => '-haf-hd-xnx-fwb-ttl-range-bbm');
my %has = ('cortex-a72' => 'none', 'neoverse-n1' => 'haf hd xnx',
	max => 'haf hd xnx fwb ttl range bbm');

# The pages of 4 KiB in the leaves of a size that the given ones lie in.
sub leaves {
	my ($size, @at) = @_;
	my %seen = map { $_ - $_ % $size => 1 } @at;
	return [ map { my $l = $_; map { $l + $_ * 4 * K } 0 .. $size / 4 / K - 1 }
			sort { $a <=> $b } keys %seen ];
}

# The pages of 4 KiB in an answer's runs, of the area; and the number it gives, in pages.
sub found {
	my ($answer, $granule) = @_;
	my (@pages, $all);
	while ($answer =~ /^0x(\w+)  0x(\w+) /mg) {
		my ($first, $end) = (hex $1, hex $2);
		$all += ($end - $first) / $granule / K;
		push @pages, grep { $_ >= AREA && $_ < AREA_END } map { $first + $_ * 4 * K }
			0 .. ($end - $first) / 4 / K - 1;
	}
	my ($said) = $answer =~ /^(?:dirty|young): (\d+) of/m;
	return (\@pages, ($said // -1) == ($all // 0));
}

sub input {
	my ($n) = @_;
	return <<"END";
wait $n ready 40
s2 map $n 0x40800000 8M
s2 walk $n 0x40800000
s2 log $n harvest
s2 log $n start page
s2 log $n start block
send $n w
wait $n wrote 20
s2 log $n harvest
s2 log $n harvest
send $n v
wait $n 'used 32, device runs' 20
s2 log $n harvest
s2 stat $n
s2 log $n stop
s2 stat $n
s2 map $n 0x40800000 8M
s2 log $n start block
send $n w
wait $n wrote 20
s2 log $n harvest
send $n c
wait $n 'filled most' 20
s2 log $n stop
s2 age $n
send $n r
wait $n 'read 36' 20
s2 age $n
s2 protect $n 0x40c00000 64K r
s2 protect $n 0x40e00000 2M r
send $n p
wait $n 'refused 1, holds 0' 20
send $n v
wait $n 'used 0, device runs' 20
END
}

sub check_map {
	my ($m, $n, $granule, $label) = @_;
	my $map = answer($m, "s2 map $n 0x40800000 8M");
	my $flags = $granule == 4 ? qr/A--/ : qr/A-C/;
	my $level = $granule == 4 ? 2 : 3;
	my (@rows) = $map =~ /^0x\w+ +0x\w+ +\w+ +0x\w+ +$level +(\d+)  RWX  WB   IS  $flags/mg;
	my $leaves = 0;
	$leaves += $_ for @rows;
	is($leaves, $granule == 4 ? 4 : 8 * K / $granule,
		"$label: faults took runs of 2M" . ($granule == 4 ? '' : ', hinted contiguous'));
	like(answer($m, "s2 walk $n 0x40800000"), qr/: mem Normal WB, sh inner, S2AP RW, /,
		"$label: in words it is the memory that was asked for");
	return;
}

sub check_guest {
	my ($m, $n, $granule, $label) = @_;
	my $unit = $granule * K;
	my $leaf = $granule == 4 ? 2048 * K : $unit;
	check_map($m, $n, $granule, $label);
	like(answer($m, "s2 log $n harvest"), qr/^error: $n has no dirty log/,
		"$label: nothing to harvest");
	like(answer($m, "s2 log $n start block"), qr/^error: $n has a dirty log already/,
		"$label: one log at a time");
	my ($wrote, $counted) = found(answer($m, "s2 log $n harvest", 1), $granule);
	is_deeply($wrote, leaves($unit, @pages), "$label: grain page: exactly what it wrote");
	ok($counted, "$label: and the number");
	is_deeply((found(answer($m, "s2 log $n harvest", 2), $granule))[0], [],
		"$label: then nothing");
	is_deeply((found(answer($m, "s2 log $n harvest", 3), $granule))[0],
		leaves($unit, @by_device), "$label: exactly what its device wrote");
	my ($splits) = answer($m, "s2 stat $n") =~ /^splits +(\d+)  merges 0$/m;
	like(answer($m, "s2 stat $n", 1), qr/^splits +$splits  merges $splits$/m,
		"$label: what the log split is merged at its end");
	is(answer($m, "s2 map $n 0x40800000 8M", 1), answer($m, "s2 map $n 0x40800000 8M"),
		"$label: the map is as before, with its hints");
	is_deeply((found(answer($m, "s2 log $n harvest", 4), $granule))[0], leaves($leaf, @pages),
		"$label: grain block: whole leaves");
	is_deeply((found(answer($m, "s2 age $n"), $granule))[0],
		leaves($leaf, map { AREA + $_ * 4 * K } 0 .. 2047), "$label: all was young");
	is_deeply((found(answer($m, "s2 age $n", 1), $granule))[0], leaves($leaf, @pages),
		"$label: then what it read");
	like(join("\n", guest_lines($m, $n)), qr/refused: write .*does not permit that/,
		"$label: a write to what is read-only is refused");
	return;
}

# ---- Every shape --------------------------------------------------------------------------------

for my $cpu (qw(cortex-a72 neoverse-n1 max)) {
	my @guests = map { [ "g$_", $_, {} ] } @{ $granules{$cpu} };
	push @guests, [ 'plain', 4, { features => $plain{$cpu} } ] if $plain{$cpu};
	push @guests, [ 'w4', 4, { ipa => 52 } ], [ 'w16', 16, { ipa => 49 } ],
		[ 'w64', 64, { ipa => 52 } ] if $cpu eq 'max';
	my $m = machine(
		cpu => $cpu, mem => '1G', limit => 200,
		guests => [ map { raw('dirty', name => $_->[0], mem => '32M',
				granule => "$_->[1]k", %{ $_->[2] }) } @guests ],
		input => join('', map { input($_->[0]) } @guests) . "s2 check\n"
			. join('', map { "vm stop $_->[0]\n" } @guests) . "s2 check\nexit 0\n",
	);
	is((() = $m->{out} =~ /^error: /mg), 2 * @guests, "$cpu: no other errors");
	my @checks = $m->{out} =~ /^s2 check: ok/mg;
	is(scalar @checks, 2, "$cpu: tables clean, before and behind") or diag $m->{out};
	for (@guests) {
		my ($n, $granule, $keys) = @$_;
		my $used = $n eq 'plain' ? 'none' : $has{$cpu};
		my $bits = $keys->{ipa} // 40;
		like($m->{out},
			qr/^  stage 2 of $n: granule ${granule}K, IPA $bits bits .*: $used$/m,
			"$cpu: $n: its shape is said at boot");
		like(answer($m, "s2 stat $n"), qr/^features   $used$/m, "$cpu: $n: and asked for");
		check_guest($m, $n, $granule, "$cpu: $n");
	}
}

# ---- Leaves beyond the pool's blocks ------------------------------------------------------------

for my $cpu (qw(cortex-a72 neoverse-n1 max)) {
	my @guests = (
		[ 'giant', 4, '1G', '1 of 1G, 0 of 2M, 0 of 4K' ],
		[ 'half', 64, '512M', '1 of 512M, 0 of 64K' ]);
	push @guests, [ 'middle', 16, '64M', '2 of 32M, 0 of 16K' ] if $cpu ne 'cortex-a72';
	my $stats = join '', map { "s2 stat $_->[0]\n" } @guests;
	my $ready = join '', map { "wait $_->[0] ready 60\n" } @guests;
	my $m = machine(
		cpu => $cpu, mem => '4G', limit => 200,
		guests => [ map { raw('dirty', name => $_->[0], granule => "$_->[1]k",
				mem => $_->[2], leaf => '1g', populate => 'eager') } @guests ],
		input => $ready . $stats
			. "s2 check\nvm reset half\nwait half ready 60\ns2 stat half\n"
			. join('', map { "vm stop $_->[0]\n" } @guests) . "mem\ns2 check\nexit 0\n",
	);
	passed($m, "$cpu, large leaves");
	like(answer($m, "s2 stat $_->[0]"), qr/leaves: $_->[3]$/m, "$cpu: $_->[0]: $_->[3]")
		for @guests;
	like(answer($m, 's2 stat half', 1), qr/leaves: 1 of 512M/, "$cpu: once more after a reset");
	my ($free) = answer($m, 'mem') =~ /: (\d+) free/;
	my ($all) = answer($m, 'mem') =~ /^pool +(\d+) frames/m;
	cmp_ok($all - $free, '<', 512, "$cpu: given back whole");
}

# ---- Refusals -----------------------------------------------------------------------------------

my @refusals = (
	[ 'cortex-a72', 'granule=16k', qr/\(tf.granule=16k\): the CPU has no 16 KiB granule/ ],
	[ 'cortex-a72', 'features=+fwb', qr/the CPU has no FEAT_S2FWB/ ],
	[ 'cortex-a72', 'ipa=48', qr/more bits of IPA than the CPU has of PA/ ],
	[ 'neoverse-n1', 'ipa=52', qr/more bits of IPA than the CPU has of PA/ ],
	[ 'neoverse-n1', 'granule=16k,leaf=4k', qr/leaves of 4k are smaller than the granule/ ],
);

# QEMU 7.2 walks no 16 KiB granules from level 0, whatever its ID registers say; later ones do.
push @refusals, [ 'max', 'granule=16k,ipa=52',
	qr/the CPU says .* from level 0, and does not: translation fault/ ]
	if `qemu-system-aarch64 --version` =~ /version 7\./;
for (@refusals) {
	my ($cpu, $keys, $why) = @$_;
	my $m = machine(cpu => $cpu, limit => 20,
		guests => ["kernel=$build/guests/g_dirty.bin,name=d,$keys"]);
	is($m->{status}, 3, "$cpu: $keys does not start");
	like($m->{out}, qr/^twofold: cannot start: guests: d.*$why/m, "$cpu: $keys: and why");
}
done_testing();
