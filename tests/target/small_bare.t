# SPDX-License-Identifier: BSD-2-Clause
#
# The small guest without a hypervisor below it: QEMU starts it at EL1.  What it finds wrong
# here is its own fault; what it finds wrong only above Twofold is not.
use strict;
use warnings;
use File::Temp qw(tempdir);
use IPC::Open3;
use Test::More tests => 17;

my $small = ($ENV{B} // 'build') . '/small.img';
my $dir = tempdir(CLEANUP => 1);

# Output and exit status of a run; QEMU gets no input and at most a minute.
sub boot {
	my ($cpu, $image, $args) = @_;
	open my $null, '<', '/dev/null' or die $!;
	my $pid = open3('<&' . fileno($null), my $out, undef, 'timeout', '60',
		'qemu-system-aarch64', '-M', 'virt,gic-version=3', '-cpu', $cpu, '-m', '128M',
		'-nographic', '-nic', 'none', '-no-reboot', '-kernel', $image, '-append', $args);
	my $text = do { local $/; <$out> };
	waitpid $pid, 0;
	return ($text // '', $? >> 8);
}

# The guest's own verdict: plan first and complete, nothing failed, the nonce at the end.
sub passes {
	my ($text, $status, $nonce) = @_;
	my ($plan) = $text =~ /\ATAP version 13\n1\.\.(\d+)\n/ or return 'no plan';
	my @lines = $text =~ /^((?:not )?ok .*)$/mg;
	return 'status ' . $status if $status != 0;
	return scalar(@lines) . " results of $plan" if @lines != $plan;
	for my $n (1 .. $plan) {
		return $lines[$n - 1] unless $lines[$n - 1] =~ /^ok $n - /;
	}
	return 'no nonce' unless $text =~ /^# nonce \Q$nonce\E$/m;
	return '';
}

# An Image that does nothing but branch to a copy of the guest 20 MiB further up.
sub moved {
	my $offset = 0x1400000;
	my $header = pack 'VVQ<Q<Q<Q<Q<Q<a4V', 0x14000000 | $offset >> 2, 0xd503201f, 0,
		$offset + 0x200000, 0xa, 0, 0, 0, "ARM\x64", 0;
	open my $in, '<:raw', $small or die "$small: $!";
	open my $to, '>:raw', "$dir/moved.img" or die $!;
	print $to $header, "\0" x ($offset - length $header), do { local $/; <$in> };
	close $to or die $!;
	return "$dir/moved.img";
}

for my $cpu (qw(cortex-a72 neoverse-n1 max)) {
	my $nonce = int rand 2**31;
	my ($text, $status) = boot($cpu, $small, "test nonce=$nonce");
	is(passes($text, $status, $nonce), '', "its own tests on $cpu") or diag $text;
}

my ($text, $status) = boot('cortex-a72', moved(), 'test nonce=moved');
is(passes($text, $status, 'moved'), '', 'its own tests, 20 MiB further up') or diag $text;
like($text, qr/^# image +0x41600000 /m, 'it runs where it was entered');

for my $crash (qw(read stack)) {
	($text, $status) = boot('cortex-a72', $small, "crash=$crash");
	like($text, qr/^guest panic: data abort, same EL: translation fault, level \d, /m,
		"a crash ($crash) is a panic");
	like($text, qr/^guest:   ESR 0x\w+  .*FSC translation fault$/m, 'its syndrome in words');
	like($text, qr/^guest: backtrace\nguest:   image\+0x/m, 'its backtrace');
	is($status, 0, 'and the machine is off');
}

($text, $status) = boot('cortex-a72', $small, 'touch=40 touch=2 what=ever fault=exec:0 off');
like($text, qr/^touch: 2 pages, 42 in all, 42 faults, /m, 'boot arguments act in order');
like($text, qr/^guest: boot argument passed over: what=ever$/m, 'and unknown ones are named');
like($text, qr/^fault: exec of IPA 0x0: /m, 'an address can be accessed');
is($status, 0, 'off is off');
