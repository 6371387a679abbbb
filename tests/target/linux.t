#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Debian's kernel, unmodified: to a shell, a few commands there, and off, on several CPU models,
# with several vCPUs on several CPUs.  Three boots; with TF_SOAK=1 (`make soak-linux`) all of
# them, and one of them 20 times.  Skipped only where the kernel cannot be fetched.
use strict;
use warnings;
use Test::More;
use Twofold;

my $from = "$build/linux";
if (!-e "$from/made") {
	local $ENV{B} = $build;
	my ($status, $out) = Twofold::run(300, '', 'tools/setup', '--linux');
	my ($why) = $out =~ /([^\n]*)\n*\z/;
	plan(skip_all => "Debian's kernel cannot be fetched: $why") if $status;
	($status, $out) = Twofold::run(120, '', 'tools/linux');
	is($status, 0, 'the guest is put together') or diag($out);
}

# What is typed is echoed: the words that are waited for are not in it.
my @commands = (
	'echo cpus $(grep -c ^processor /proc/cpuinfo)',
	'echo kernel $(uname -r)',
	'echo day $(date +%F)',
	'up() { cut -d. -f1 /proc/uptime; }; a=$(up); sleep 2; echo slept $(($(up) - a))',
	'echo ticks $(grep arch_timer /proc/interrupts)',
	'echo zeros $(head -c 4m /dev/zero | sha256sum)',
	'echo forks $(for i in $(seq 100); do echo $i | cat; done | wc -l)',
	'echo complaints $(dmesg | grep -Eci "bug:|warning:|stall|oops|call trace")',
	'echo d""one',
);

sub boot {
	my ($cpu, $vcpus, $smp, $args) = @_;
	my $label = "$cpu, $vcpus vCPUs on $smp CPUs" . ($args ? ", $args" : '');
	my $m = machine(
		cpu => $cpu,
		smp => $smp,
		mem => '512M',
		limit => 180,
		qemu_args => [ '-rtc', 'base=2030-01-02T03:04:05' ],
		guests => [ "kernel=$from/vmlinuz,name=linux,cpus=$vcpus,mem=256M,"
			. "ramdisk=$from/initrd.gz,args=console=ttyAMA0 quiet $args" ],
		input => "wait linux 'shell ready' 60\n"
			. join('', map { "send linux '$_\\n'\n" } @commands)
			. "wait linux done 40\ns2 check\nvm show linux\n"
			. "send linux 'poweroff -f\\n'\n"
			. "wait linux 'Power down' 20\nwait linux never 20\n"
			. "s2 check\nvm list\nexit 0\n",
	);
	passed($m, $label) or return;
	my $said = join "\n", guest_lines($m, 'linux');
	like($said, qr/^cpus $vcpus$/m, "$label: all vCPUs run");
	like($said, qr/^slept [2-9]$/m, "$label: time goes on");
	like($said, qr/^day 2030-01-02$/m, "$label: and is the machine's");
	my ($ticks) = $said =~ /^ticks \S+ ((?:\d+ )+)/m;
	my @ticks = grep { $_ > 0 } split ' ', $ticks // '';
	is(scalar @ticks, $vcpus, "$label: each has its timer");
	like($said, qr/^zeros bb9f8df61474d25e71fa00722318cd387396ca1736605e1248821cc0de3d3af8 /m,
		"$label: sums are right");
	like($said, qr/^forks 100$/m, "$label: a hundred processes and a pipe");
	like($said, qr/^complaints 0$/m, "$label: the kernel has nothing to complain about");
	like(answer($m, 'vm list'), qr/linux +off/, "$label: switched off from inside");
	return;
}

if ($ENV{TF_SOAK}) {
	for my $args ('', 'nokaslr') {
		for my $cpu (qw(cortex-a72 max)) {
			for my $vcpus (1, 2, 4) {
				boot($cpu, $vcpus, $_, $args) for 1, 2, 4;
			}
		}
	}
	boot('cortex-a72', 2, 2, "round=$_") for 1 .. 20;
} else {
	boot('cortex-a72', 1, 1, '');
	boot('cortex-a72', 2, 2, 'nokaslr');
	boot('max', 2, 2, '');
}
done_testing();
