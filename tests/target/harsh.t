#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# The hypervisor on a machine that is harsher at every exit than QEMU (tests/target/harsh/): what
# may be UNKNOWN is junk, no syndrome can be read twice, AT aborts, and guests have SErrors to
# order.  Each SError is its guest's, once, whatever it came behind and wherever the vCPU goes
# meanwhile.  Given words, only these parts of it.
#
# needs: all build/harsh.elf raw-guests
use strict;
use warnings;
use Test::More;
use Twofold;

my @harsh = ('-kernel', "$build/harsh.elf");
my %chosen = map { $_ => 1 } @ARGV ? @ARGV : qw(serrors unload reset others walks log);

# Guests whose TAP is to be passed on, and others that have none.
sub harsh {
	my ($label, %o) = @_;
	my @names = map { /name=(\w+)/ } @{ $o{guests} };
	my $m = machine(
		cpu => 'cortex-a72', limit => 60, qemu_args => \@harsh, %o,
		guests => [ @{ $o{guests} }, @{ $o{beside} // [] } ],
		input => join('', map { "wait $_ '# end' 20\n" } @names)
			. ($o{input} // '') . "s2 check\nexit 0\n",
	);
	passed($m, $label) or return $m;
	unlike($m->{out}, qr/^error: wait/m, "$label: all in time");
	guest_tap($m, $_, "$label: $_") for @names;
	return $m;
}

# Who orders SErrors, one that is in nobody's way, one that always runs, all on one CPU.
sub serrors {
	my ($cpu) = @_;
	my $m = harsh("$cpu: SErrors", cpu => $cpu,
		guests => [ raw('serror', name => 'serror'),
			raw('serror', name => 'innocent', args => 'mode=1') ],
		beside => [ raw('spin', name => 'spin') ],
		input => "vm show serror\nvm show innocent\n");
	my ($given) = answer($m, 'vm show serror') =~ /exits .*serror (\d+)/;
	cmp_ok($given // 0, '>=', 25, "$cpu: SErrors are counted");
	unlike(answer($m, 'vm show innocent'), qr/serror \d/, "$cpu: at whom they are");
	my $said = join "\n", guest_lines($m, 'serror');
	like($said, qr/caused an SError \(syndrome 0xbf00000$_\) at or before PC 0x4008/,
		"$cpu: and said in words") for 1, 2;
	unlike($said, qr/syndrome 0x(?!bf0000)/, "$cpu: in true ones");
	return;
}

if ($chosen{serrors}) {
	serrors($_) for 'cortex-a72', 'max';
}

# Its vCPUs are taken from their CPUs meanwhile, and an innocent guest moves among them.
harsh('three CPUs', smp => 3, guests => [
	raw('serror', name => 'serror', cpus => 3, args => 'unload=1'),
	raw('serror', name => 'innocent', args => 'mode=1') ]) if $chosen{unload};

# One that is left pending does not outlive its guest.
if ($chosen{reset}) {
	my $m = harsh('a reset', guests => [],
		beside => [ raw('serror', name => 'left', args => 'mode=2') ],
		input => "wait left 'pending 1' 20\nvm reset left\nwait left 'pending 1' 20\n"
			. "vm stop left\nvm start left\nwait left 'pending 1' 20\n");
	is(scalar(grep { $_ eq '# pending 0 at the entry' } guest_lines($m, 'left')), 3,
		'none is left over after a reset, or a stop');
}

# Other guests find nothing wrong with such a machine.
if ($chosen{others}) {
	harsh("$_: others", cpu => $_,
		guests => [ map { raw($_, name => $_, leaf => '4k') } qw(outside mmio call walk) ])
		for 'cortex-a72', 'neoverse-n1', 'max';
}
# An AT that takes an abort at EL2 is said, and nothing is left of it; PAR_EL1 is the guest's.
if ($chosen{walks}) {
	my $m = harsh('AT aborts', guests => [], beside => [ raw('beat', name => 'beat') ],
		input => "wait beat 'beat 1' 20\n" . "walk beat 0x40085000\n" x 3
			. "wait beat beat 20\nwait beat beat 20\n");
	like(answer($m, 'walk beat 0x40085000', $_),
		qr/AT S12E1R +the instruction took an abort at EL2/, 'AT aborts: said') for 0 .. 2;
	my @said = guest_lines($m, 'beat');
	is(scalar(grep { /has changed/ } @said), 0, 'AT aborts: PAR_EL1 is as it was');
	cmp_ok(scalar(grep { /^beat/ } @said), '>=', 3, 'AT aborts: which the guest has seen');
}

# Where HPFAR_EL2 has no IPA of a fault, it is found: the log is exact, what is refused is named.
# A walk that sets an access flag writes, whether it is one for a read or for a fetch.
sub logged {
	my ($cpu, $features) = @_;
	my $both = "send t d\nwait t all 20\nsend t f\nwait t all 20\n";
	my $m = harsh("$cpu: log", cpu => $cpu, guests => [], beside => [
			raw('dirty', name => 'w', mem => '32M', features => $features),
			raw('tables', name => 't', features => $features) ],
		input => "wait w ready 20\ns2 log w start page\nsend w w\nwait w wrote 20\n"
			. "s2 log w harvest\ns2 log w stop\ns2 protect w 0x40c00000 64K r\n"
			. "send w p\nwait w refused 20\n"
			. "wait t cleared 20\ns2 log t start page\n$both"
			. "s2 log t harvest\ns2 log t stop\nsend t a\nwait t cleared 20\n"
			. "s2 protect t 0x40800000 8K r\n$both");
	like(answer($m, 's2 log w harvest'), qr/^0x40$_ /m, "$cpu: 0x40$_ is in the log")
		for qw(800000 803000 9ff000 abc000 dff000);
	like($m->{out}, qr/^\[w\] refused: write of IPA 0x40c00000 \(ram\)/m,
		"$cpu: what is refused has its address");
	my @said = grep { /^exceptions/ } guest_lines($m, 't');
	if ($cpu eq 'cortex-a72') {
		is(scalar(grep { /^exceptions 1, / } @said), 4, "$cpu: has no flags by hardware");
		return;
	}
	is_deeply([ @said[0, 1] ], [ ('exceptions 0, class 0x0, flag 1, that is all') x 2 ],
		"$cpu: flags are set in logged tables, for a read and for a fetch");
	like(answer($m, 's2 log t harvest'), qr/^0x40800000 /m, "$cpu: which the log knows");
	is_deeply([ @said[2, 3] ],
		[ map { "exceptions 1, class 0x$_, flag 0, that is all" } qw(25 21) ],
		"$cpu: and cannot be in tables that are read-only");
	like($m->{out}, qr/^\[t\] refused: table walk$_ of IPA 0x4080/m,
		"$cpu: a walk$_ is called so") for '', ' for a fetch';
	return;
}

if ($chosen{log}) {
	logged('cortex-a72', '-fwb');
	logged('neoverse-n1', '-hd');
}
done_testing();
