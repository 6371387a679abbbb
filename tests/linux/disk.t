#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Debian's kernel with disks: what the host put on one is what the guest reads, what the guest
# writes it reads again, and a reset finds the disk as it was; a slice of the pool that is written,
# discarded and written again; random numbers.  Two guests of two vCPUs, on one CPU and on two.
use strict;
use warnings;
use Digest::SHA;
use Test::More;
use Twofold;

my $disk = "$build/linux/disk.img";
my $original = Digest::SHA->new(256)->addfile($disk)->hexdigest;
my $zeros = Digest::SHA->new(256)->add("\0" x (16 << 20))->hexdigest;

sub linux {
	my ($name, %o) = @_;
	my $rest = join ',', map { "$_=$o{$_}" } sort keys %o;
	return "kernel=$build/linux/vmlinuz,name=$name,mem=256M,cpus=2,"
		. "ramdisk=$build/linux/initrd.gz,$rest,args=console=ttyAMA0 quiet";
}

# Shell commands, one after the other; an echo of what is typed is not taken for the end.
my $steps = 0;

sub shell {
	my ($guest, @commands) = @_;
	my $input = '';
	for (@commands) {
		$steps++;
		$input .= "send $guest '$_; echo e\"\"nd$steps\\n'\nwait $guest end$steps 60\n";
	}
	return $input;
}

for my $smp (1, 2) {
	my $m = machine(
		mem => '1G', limit => 200, qemu_args => [ '-smp', $smp ],
		guests => [ linux('one', disk => $disk), linux('two', disk => '16M') ],
		input => "wait one 'shell ready' 60\nwait two 'shell ready' 60\n"
			. shell('one', 'cd /disk; sha256sum -c SHA256SUMS; cd /', 'umount /disk',
				'mount -t ext4 /dev/vda /disk',
				'dd if=/dev/urandom of=/disk/new bs=64k count=100; sync',
				'sha256sum /disk/new', 'umount /disk',
				'mount -t ext4 /dev/vda /disk', 'sha256sum /disk/new',
				'fstrim -v /disk', 'sha256sum /disk/new')
			. shell('two', 'sha256sum /dev/vda',
				'dd if=/bin/busybox of=/dev/vda bs=4k seek=100 conv=fsync',
				's=$(stat -c %s /bin/busybox)',
				'get() { dd if=/dev/vda bs=4k skip=100 | head -c $s; }',
				'get | cmp - /bin/busybox && echo same',
				'echo 3 >/proc/sys/vm/drop_caches',
				'get | cmp - /bin/busybox && echo same',
				'blkdiscard /dev/vda', 'sha256sum /dev/vda',
				'dd if=/dev/zero of=/dev/vda bs=64k seek=255 count=2 || echo long',
				'cat /sys/class/misc/hw_random/rng_current',
				'head -c 32 /dev/hwrng | sha256sum',
				'head -c 32 /dev/hwrng | sha256sum')
			. "vm show one\nvm show two\ns2 check\n"
			. "vm reset one\nwait one 'shell ready' 60\n"
			. shell('one', 'ls -1 /disk', 'cd /disk; sha256sum -c SHA256SUMS; cd /',
				'umount /disk')
			. "s2 check\nsend one 'exit\\n'\nsend two 'exit\\n'\n"
			. "wait one 'Power down' 20\nwait two 'Power down' 20\ns2 check\nexit 0\n",
	);
	passed($m, "$smp CPUs");
	my @one = guest_lines($m, 'one');
	my @two = guest_lines($m, 'two');
	is(scalar(grep { /^\S+: OK$/ } @one), 2 * 4,
		"$smp CPUs: the host's files, before and after");
	my @new = map { /^(\w{64})  \/disk\/new/ } @one;
	is(scalar @new, 3, "$smp CPUs: a file is written");
	is(scalar(grep { $_ eq $new[0] } @new), 3, "$smp CPUs: and read again, after a trim, too");
	is(scalar(grep { /^new\s*$/ } @one), 0, "$smp CPUs: it is gone after a reset");
	is(scalar(grep { /^README\s*$/ } @one), 1, "$smp CPUs: the rest is there");
	my @sums = map { /^(\w{64})  \/dev\/vda/ } @two;
	is_deeply(\@sums, [ ($zeros) x 2 ],
		"$smp CPUs: a slice of the pool is zeros, and again when discarded");
	is(scalar(grep { $_ eq 'same' } @two), 2, "$smp CPUs: what is written there is read again");
	ok(scalar(grep { /^long$/ } @two), "$smp CPUs: nothing is behind its end");
	ok(scalar(grep { /^virtio_rng/ } @two), "$smp CPUs: random numbers come by virtio");
	my @random = map { /^(\w{64})  -/ } @two;
	ok(@random == 2 && $random[0] ne $random[1], "$smp CPUs: and differ");
	like(answer($m, 'vm show one'),
		qr/^ +read \d+ write \d+ flush \d+ discard \d+.* errors 0 /m,
		"$smp CPUs: requests of all kinds, no errors");
	is(scalar(grep { /Power down/ } @one, @two), 2, "$smp CPUs: both switch themselves off");
	unlike($m->{out}, qr/I\/O error|EXT4-fs error|Call trace/, "$smp CPUs: no complaints");
}

# Read-only, so that nothing is written by the mount: byte by byte what the host has.
my $m = machine(
	mem => '1G', limit => 100,
	guests => [ linux('ro', disk => $disk, 'disk-access' => 'ro') ],
	input => "wait ro 'shell ready' 60\n"
		. shell('ro', 'umount /disk; sha256sum /dev/vda',
			'cat /sys/block/vda/ro') . "s2 check\nexit 0\n",
);
passed($m, 'read-only');
is_deeply([ map { /^(\w{64})  \/dev\/vda/ } guest_lines($m, 'ro') ], [ $original ],
	'the guest sums up what the host does');
is(Digest::SHA->new(256)->addfile($disk)->hexdigest, $original, 'the file is as it was');
done_testing();
