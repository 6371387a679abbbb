#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
# needs: build/unit/t_fmt.elf
#
# The second way out: a test image whose TAP nobody reads ends all the same, says how much is
# lost, and does not pass; one that is read passes.
use strict;
use warnings;
use Fcntl;
use POSIX ();
use Test::More;
use Twofold;

my $pipe = "$scratch/tap";
POSIX::mkfifo("$pipe.$_", 0600) or die "$pipe.$_: $!\n" for qw(in out);
sysopen my $tap, "$pipe.out", O_RDWR | O_NONBLOCK or die "$pipe.out: $!\n";

sub image {
	return qemu(
		kernel => "$build/unit/t_fmt.elf", limit => 20,
		args => [ '-chardev', "pipe,id=tap,path=$pipe",
			'-device', 'pci-serial,chardev=tap' ],
	);
}

my $m = image();
is($m->{status}, 0, 'a pipe with room for it all: passed');
sysread $tap, my $said, 65536;
like($said, qr/^1\.\.\d+\n.*# nonce $m->{nonce}\n\z/ms, 'to the last byte');
unlike($m->{out}, qr/lost/, 'nothing is lost');

# Until it is full: nobody reads a byte of what comes now.
my $filled = 0;
while (my $n = syswrite $tap, 'x' x 4096) { $filled += $n }
cmp_ok($filled, '>', 4096, 'a pipe that is full');
$m = image();
is($m->{status}, 1, 'the image ends by itself, and has not passed');
my ($lost) = $m->{out} =~ /^test image: nobody reads the channel: (\d+) bytes of TAP lost$/m;
my $all = length($said);
cmp_ok($lost // 0, '>=', $all - 64, "it says what is lost: $all but what the device took");
cmp_ok($lost // 0, '<=', $all, 'and no more');
done_testing();
