#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# The QEMU command that -n prints: what sh makes of it, and where modules are placed.
use strict;
use warnings;
use lib 'tests/host';
use Sandbox;
use Test::More;

my $MIB = 1 << 20;

# The words of the command, as sh reads what -n printed.
sub words {
	my ($status, $out, $err) = twofold('run', '-n', @_);
	is($status . $err, '0', 'printed: ' . substr "@_", 0, 50) or return;
	file('words.sh', "set -- $out\nfor w; do printf '%s\\0' \"\$w\"; done\n");
	return split /\0/, `sh '$dir/words.sh'`;
}

# Every value of an option.
sub values_of {
	my ($option, @words) = @_;
	return map { $words[ $_ + 1 ] } grep { $words[$_] eq $option } 0 .. $#words - 1;
}

my @w = words();
is($w[0], 'qemu-system-aarch64', 'the binary');
is_deeply([ map { (values_of($_, @w))[0] } qw(-M -cpu -smp -m -nic -display -monitor -kernel) ],
	[ 'virt,virtualization=on,gic-version=3', 'cortex-a72', 1, '1024M', 'none', 'none', 'none',
	"$dir/build/hyp.elf" ], 'the board');
is((values_of('-semihosting-config', @w))[0], 'enable=on,target=gdb', 'semihosting only exits');
ok((grep { $_ eq '-no-reboot' } @w) && !(grep { $_ eq '-append' } @w), 'no reboot, no arguments');
is((values_of('-device', @w))[0],
	"guest-loader,addr=0x40400000,kernel=$dir/build/small.img,bootargs="
		. 'tf.name=small tf.mem=128M tf.cpus=1 tf.leaf=2m tf.populate=demand --',
		'the small guest, behind hypervisor and tree');

@w = words('--cpu', 'max', '--mem=2G', '--hyp-arg', 'tf.nonce=7', '--exit-when-off', '--tap',
	"$dir/a,b",
	'--qemu-arg', '-d', '--qemu-arg', "it's \$HOME\n`x` \\");
is((values_of('-cpu', @w))[0], 'max,pauth-impdef=on', 'max is made quick');
is((values_of('-m', @w))[0], '2048M', 'memory');
is((values_of('-append', @w))[0], 'tf.nonce=7 tf.exit-when-off', "the hypervisor's arguments");
ok((grep { $_ eq "file,id=tap,path=$dir/a,,b" } values_of('-chardev', @w)), 'the TAP channel');
ok((grep { $_ eq 'pci-serial,chardev=tap' } values_of('-device', @w)), 'and its UART');
is_deeply([ @w[ -2, -1 ] ], [ '-d', "it's \$HOME\n`x` \\" ],
	'arguments for QEMU, last and unharmed');

file('ram', "\0" x (3 * $MIB));
chdir $dir or die;
mkdir "$dir/other";
file('other/linux.img', image(100, 0, 32 * $MIB));
@w = words('-g', 'kernel=other/linux.img,mem=256M,leaf=1G,populate=eager,args=a=b,c d -- e',
	'-g', 'kernel=@/small.img,ramdisk=ram',
	'-g', 'kernel=build/small.img,name=x,mem=8M,granule=16K,ipa=36,features=-fwb+hd,disk=ram,'
		. 'weight=200,pin=0-1');
is_deeply([ values_of('-device', @w) ], [
	'guest-loader,addr=0x40400000,kernel=other/linux.img,bootargs='
		. 'tf.name=linux tf.mem=256M tf.cpus=1 tf.leaf=1g '
		. 'tf.populate=eager -- a=b,,c d -- e',
	"guest-loader,addr=0x40600000,kernel=$dir/build/small.img,bootargs="
		. 'tf.name=small tf.mem=128M tf.cpus=1 tf.leaf=2m tf.populate=demand '
		. 'tf.ramdisk=0x40800000 --',
	'guest-loader,addr=0x40800000,initrd=ram',
	'guest-loader,addr=0x40c00000,kernel=build/small.img,bootargs='
		. 'tf.name=x tf.mem=8M tf.cpus=1 tf.weight=200 tf.pin=0-1 tf.leaf=2m '
		. 'tf.granule=16k tf.ipa=36 tf.features=-fwb+hd '
		. 'tf.populate=demand tf.disk=0x40e00000 --',
	'guest-loader,addr=0x40e00000,initrd=ram',
], 'three guests with what belongs to them');

# Placement, for many sizes of RAM and modules: nothing shares a byte with anything.
my %size = (kernel => 100 * 1024, initrd => 0);
my ($bad, $cases) = (0, 0);
for my $mem (32, 64, 66, 128, 256, 258, 512, 1024, 4096) {
	for my $disk (1, 2 * $MIB, 2 * $MIB + 1, 5 * $MIB, 20 * $MIB, 130 * $MIB) {
		my $file = "$dir/disk";
		file($file, '');
		truncate $file, $disk;
		my @args = map { ('-g', "kernel=\@/small.img,name=g$_,mem=4M,disk=$file") } 1 .. 3;
		my ($status, $out, $err) = twofold('run', '-n', '--mem', "${mem}M", @args);
		# Each disk twice: as it is, and what may be written of it.
		my $least = 4 * $MIB + 3 * (4 * $MIB + 2 * $MIB + 2 * $disk);
		if ($status) {
			# Holes cost at most a hole's and a module's size each.
			$bad++ if $least + 3 * (2 * $MIB + $disk) < $mem * $MIB;
			diag("$mem M, disks of $disk: $err") if $bad;
			next;
		}
		$cases++;
		my $half = $mem / 2 < 128 ? $mem / 2 : 128;
		my @taken = ([ 0, 2 ], [ 2, 1 ], [ $half - $half % 2, 2 ]);
		$_ = [ $_->[0] * $MIB, $_->[1] * $MIB ] for @taken;
		for ($out =~ /(addr=\S+,(?:kernel|initrd))/g) {
			my ($addr, $kind) = /addr=(\w+),(\w+)/;
			push @taken, [ hex($addr) - 0x40000000, $kind eq 'kernel' ? 4096 : $disk ];
		}
		@taken = sort { $a->[0] <=> $b->[0] } @taken;
		for my $i (0 .. $#taken) {
			my ($start, $size) = @{ $taken[$i] };
			my $end = $i < $#taken ? $taken[ $i + 1 ][0] : $mem * $MIB;
			$bad++ if $start + $size > $end || $start % (2 * $MIB);
		}
		$bad++ if @taken != 9;
	}
}
is($bad, 0, "nothing overlaps in $cases machines");
cmp_ok($cases, '>', 30, 'which are many');

fake_qemu('print join "\n", @ARGV; exit 3;');
my ($status, $out, $err) = twofold('run', '--qemu-arg', 'a b');
is($status, 3, 'what is printed is what is run');
my $binary = $ENV{TWOFOLD_QEMU};
is_deeply([ $binary, split /\n/, $out ], [ words('--qemu-arg', 'a b') ], 'word for word');
done_testing();
