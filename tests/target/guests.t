#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# The raw guests that test themselves, all of them beside each other in one machine, on each CPU
# model: what they were given, accesses outside memory, every form of device access, calls,
# system registers, interrupts, walks through nowhere, FP registers, memory nobody else sees.
# Given words, those guests only, on those CPU models only, or on the first.
#
# needs: all raw-guests
use strict;
use warnings;
use Test::More;
use Twofold;

my @guests = (
	raw('hello', name => 'hello', mem => '64M', args => 'day=1893553445'),
	raw('hello', name => 'large', leaf => '1g', args => 'day=1893553445'),
	raw('outside', name => 'outside', leaf => '4k'),
	raw('mmio', name => 'mmio', features => '-fwb'),
	raw('mmio', name => 'forced'),
	raw('call', name => 'call', leaf => '4k'),
	raw('sysreg', name => 'sysreg'),
	raw('walk', name => 'walk'),
	raw('gic', name => 'gic'),
	raw('fp', name => 'fp1', args => 'id=1'),
	raw('fp', name => 'fp2', args => 'id=254'),
	raw('own', name => 'own1', args => 'id=1'),
	raw('own', name => 'own2', args => 'id=2'),
	raw('peek', name => 'peek1', args => 'id=1', mem => '6M', leaf => '4k'),
	raw('peek', name => 'peek2', args => 'id=2', mem => '6M'),
	raw('peek', name => 'peek3', args => 'id=3', mem => '6M', populate => 'eager'),
);
my @cpus = qw(cortex-a72 neoverse-n1 max);
my %chosen = map { $_ => 1 } @ARGV;
if (%chosen) {
	@guests = grep { /name=(\w+)/ && $chosen{$1} } @guests;
	@cpus = grep { $chosen{$_} } @cpus or @cpus = 'cortex-a72';
}
my @names = map { /name=(\w+)/ } @guests;

# By set and way EL2 cleans what is held, in two steps each; nothing where write-back is forced.
sub set_way {
	my ($m, $cpu) = @_;
	my ($held) = answer($m, 'vm show mmio') =~ /taken: 0 pages, (\d+) blocks/;
	my ($steps) = answer($m, 'vm show mmio') =~ /exits .*sysreg (\d+)/;
	cmp_ok($steps, '>=', 3 * 2 * $held, "$cpu: by set and way: $held blocks in two steps each");

	my ($fewer) = answer($m, 'vm show forced') =~ /exits .*sysreg (\d+)/;
	cmp_ok($fewer, $cpu eq 'max' ? '<' : '>=', 3 * 2 * $held,
		"$cpu: in one where write-back is forced, for there is nothing to do");
	return;
}

sub reports {
	my ($m, $cpu) = @_;
	my @reports = grep { /refused: / } guest_lines($m, 'outside');
	cmp_ok(scalar @reports, '>=', 8, "$cpu: what broke a rule is reported");
	cmp_ok(scalar @reports, '<', 80, "$cpu: but not for ever");
	like($reports[0], qr/read of IPA 0x0 \(nothing\) by vcpu 0 at PC 0x4008\w+, VA 0x0: /,
		"$cpu: who accessed what from where");
	like($reports[0], qr/translation fault at level \d; below: nothing, above: gicd 0x8000000/,
		"$cpu: at which level it ended, and what is near");
	like(join("\n", @reports), qr/read of IPA 0x7fffffc .*, VA 0x7fffffc: /,
		"$cpu: to the very byte");
	like(answer($m, 'vm show outside'), qr/, faults 1[89]\d$/m, "$cpu: all are counted");
	return;
}

for my $cpu (@cpus) {
	my $m = machine(
		cpu => $cpu,
		guests => \@guests,
		qemu_args => [ '-rtc', 'base=2030-01-02T03:04:05' ],
		input => join('', map { "wait $_ '# end' 40\n" } @names)
			. join('', map { "vm show $_\n" } grep { /outside|mmio|forced/ } @names)
			. "s2 check\nexit 0\n",
	);
	passed($m, $cpu);
	guest_tap($m, $_, "$cpu: $_") for @names;
	set_way($m, $cpu) if 2 == grep { /mmio|forced/ } @names;
	reports($m, $cpu) if grep { $_ eq 'outside' } @names;
}
done_testing();
