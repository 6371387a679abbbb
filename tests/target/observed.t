#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# The hypervisor with its s2/ observed: every store to a table, barrier and TLBI of three CPUs with
# guests that live, are logged, split, protected and die, judged by the outside judge.
use strict;
use warnings;
use Test::More;
use Twofold;

my $trace = "$scratch/s2.trace";
my $life = "wait a '# end' 60\nvm stop a\nvm start a\n";
my $log = "s2 log small start page\nsend small 'mem\\n'\nwait small 'small>' 30\n"
	. "s2 log small harvest\n"
	. "s2 age small\ns2 protect small 0x40000000 1M r\ns2 protect small 0x40000000 1M rwx\n"
	. "s2 log small stop\ns2 stat small\n";
my $m = machine(
	smp => 3,
	qemu_args => [ '-kernel', "$build/observed.elf", '-chardev', "file,id=trace,path=$trace",
		'-device', 'pci-serial,chardev=trace' ],
	guests => [
		raw('hello', name => 'a', mem => '16M', leaf => '4k'),
		raw('hello', name => 'b', mem => '32M', populate => 'eager'),
		"kernel=$build/small.img,name=small,mem=64M,args=",
	],
	input => "wait small 'small>' 60\n$log" . $life x 2
		. "s2 check\nvm stop a\nvm stop b\nvm stop small\nexit 0\n",
);
passed($m, 'observed');
is(scalar(grep { /^not ok/ } guest_lines($m, $_)), 0, "guest $_ found nothing wrong") for 'a', 'b';

my $said = `tools/s2-trace-check $trace 2>&1`;
is($?, 0, 'nothing found in the trace') or diag $said;
open my $f, '<', $trace or die "$trace: $!\n";
my (%events, %cpus);
while (<$f>) {
	my (undef, undef, $cpu, $event) = split ' ';
	$events{$event}++;
	$cpus{$cpu}++;
}
close $f;
is($events{root}, 5, 'five lives of three VMs');
is($events{droot}, $events{root}, 'all of them ended');
cmp_ok(scalar keys %cpus, '>=', 2, 'on several CPUs');
cmp_ok($events{w}, '>', 2000, 'stores');
cmp_ok($events{tlbi}, '>', 20, 'TLBIs');
note(join ', ', map { "$_ $events{$_}" } sort keys %events);

# The judge sees this trace, not any: without its DSBs after TLBIs it is refused.
open $f, '<', $trace or die;
my ($n, $out) = (0, '');
while (<$f>) {
	next if / dsb ish$/;
	s/^S2EV \d+/'S2EV ' . $n++/e;
	$out .= $_;
}
close $f;
open $f, '>', "$trace.bad" or die;
print $f $out;
close $f;
$said = `tools/s2-trace-check $trace.bad 2>&1`;
is($? >> 8, 1, 'without its DSBs it is refused');
like($said, qr/^line \d+: \w+: /, 'with the line and the rule');
done_testing();
