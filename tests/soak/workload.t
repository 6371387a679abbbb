#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Two Debian guests of two vCPUs each, on two CPUs, at work at once for MINUTES (5): workload.sh
# writes, reads, sorts and forks, one guest on a file of its ext4, the other on a bare slice of the
# pool.  Every sum of every round is compared with what is made here; the stage-2 tables are
# checked while it goes on; a guest that counts misses nothing; both switch themselves off at the
# end.
use strict;
use warnings;
use Digest::SHA 'sha256_hex';
use Test::More;
use Twofold;

my $minutes = $ENV{MINUTES} // 5;
my $cpu = $ENV{CPU} // 'cortex-a72';
my $from = "$build/linux";
my %target = (one => '/disk/data', two => '/dev/vda');
my %disk = (one => "$from/disk.img", two => '16M');
my @names = sort keys %target;
my $slack = 240; # For two boots and the round that is under way, on a host that does other things.

# The kernel unpacks one archive behind the other.
sub initrd {
	mkdir "$scratch/root" or die "$scratch/root: $!\n";
	my ($status, $out) = Twofold::run(20, '', 'sh', '-c', "gzip -t $from/initrd.gz && "
		. "cp tests/soak/workload.sh $scratch/root/ && cd $scratch/root && "
		. 'echo workload.sh | cpio --quiet -o -H newc -R 0:0 | gzip >../extra');
	die "initrd: $out\n" if $status;
	return Twofold::spill("$scratch/initrd.gz",
		Twofold::slurp("$from/initrd.gz") . Twofold::slurp("$scratch/extra"));
}

sub linux {
	my ($name, $initrd) = @_;
	return "kernel=$from/vmlinuz,name=$name,mem=256M,cpus=2,ramdisk=$initrd,"
		. "disk=$disk{$name},args=console=ttyAMA0 quiet";
}

sub each_guest {
	my ($text) = @_;
	return join '', map { $text =~ s/NAME/$_/gr } @names;
}

sub numbers {
	my ($first, $count) = @_;
	return join '', map { "$_\n" } $first .. $first + $count - 1;
}

# What a guest must say of round N, whose target is $$content: workload.sh in Perl.
my $forks = sha256_hex(numbers(1, 300));
my $files = sha256_hex(join '', map { "$_: OK\n" } qw(README busybox ext4.ko jbd2.ko));

sub round {
	my ($guest, $n, $content) = @_;
	my $data = substr numbers(1_000_000 * $n, 200_000), 0, 1 << 20;
	substr $$content, $n % 8 * 16 * 16384, length $data, $data;
	return (dd => sha256_hex($data), sort => sha256_hex(numbers(1_000_000 * $n, 100_000)),
		forks => $forks, cat => sha256_hex($$content),
		$guest eq 'one' ? (files => $files) : ());
}

sub judge {
	my ($guest, @said) = @_;
	my %sum = map { /^round (\d+ \w+) (\w{64})$/ ? ($1 => $2) : () } @said;
	my ($rounds) = map { /^rounds (\d+)$/ } @said;
	my $content = "\0" x (16 << 20);
	for my $n (1 .. $rounds // 0) {
		my %must = round($guest, $n, \$content);
		my %is = map { $_ => delete $sum{"$n $_"} } keys %must;
		is_deeply(\%is, \%must, "$guest: round $n: " . join ', ', sort keys %must);
	}
	is_deeply(\%sum, {}, "$guest: and said nothing else");
	cmp_ok($rounds // 0, '>=', $minutes, "$guest: rounds");
	ok(scalar(grep { /^complaints 0$/ } @said), "$guest: its kernel has no complaints");
	ok(scalar(grep { /Power down/ } @said), "$guest: switched itself off");
	return;
}

my $initrd = initrd();
my $m = machine(
	cpu => $cpu, smp => 2, mem => '1G', limit => 60 * $minutes + 3 * $slack,
	guests => [ (map { linux($_, $initrd) } @names), raw('beat', name => 'beat') ],
	input => each_guest("wait NAME 'shell ready' $slack\n")
		. join('', map { "send $_ 'umount /dev/vda; mount -t ext4 /dev/vda /disk; "
			. "sh /workload.sh $target{$_} @{[60 * $minutes]}\\n'\n" } @names)
		. "wait beat never 15\ns2 check\n" x (4 * $minutes)
		. each_guest("wait NAME 'rounds ' $slack\nvm show NAME\n")
		. "s2 check\n" . each_guest("send NAME 'exit\\n'\n")
		. each_guest("wait NAME 'Power down' 60\n")
		. each_guest("wait NAME never 30\n") . "s2 check\nvm list\nexit 0\n",
);
passed($m, "$minutes minutes on $cpu");
judge($_, guest_lines($m, $_)) for @names;
my @beats = grep { /^beat \d+$/ } guest_lines($m, 'beat');
is_deeply(\@beats, [ map { "beat $_" } 1 .. @beats ], 'their neighbour misses nothing');
unlike($m->{out}, qr/panic|I\/O error|EXT4-fs error|Call trace/, 'no complaints at all');
like(answer($m, 'vm list'), qr/one +off.*two +off/s, 'both are off');
Twofold::spill("$build/workload.log", $m->{out});
diag("all of it: $build/workload.log") if !Test::More->builder->is_passing;
done_testing();
