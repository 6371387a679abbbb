#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# From QEMU's command line to the first prompt: every mistake that can be made on the way has a
# message and status 3, and the hypervisor runs where it is loaded.
use strict;
use warnings;
use Test::More;
use Twofold;

my $kernel = "$build/guests/g_hello.bin";

sub module {
	my ($addr, $args, $file) = @_;
	return ('-device', sprintf('guest-loader,addr=0x%x,kernel=%s%s', $addr, $file // $kernel,
		defined $args ? ',bootargs=' . $args =~ s/,/,,/gr : ''));
}

sub ramdisk {
	my ($addr, $file) = @_;
	return ('-device', sprintf 'guest-loader,addr=0x%x,initrd=%s', $addr, $file // $kernel);
}

# What QEMU is given, and the words it must lead to.
sub refused {
	my ($name, $words, %o) = @_;
	my $m = qemu(%o);
	my $good = $m->{status} == 3 && $m->{out} =~ /^twofold: .*$words/m;
	ok($good, "refused: $name");
	diag("status $m->{status}\n$m->{out}") if !$good;
	return;
}

sub file {
	my ($name, $bytes) = @_;
	return Twofold::spill("$scratch/$name", $bytes);
}

# ---- The machine -----------------------------------------------------------------------------

refused('no EL2', qr/entered at EL1; it runs at EL2 .*virtualization=on/,
	board => 'virt,gic-version=3');
refused('EL3', qr/entered at EL3; .*secure=off/,
	board => 'virt,virtualization=on,secure=on,gic-version=3');
refused('GICv2', qr/GICv2; a GICv3 is needed/, board => 'virt,virtualization=on,gic-version=2');
refused('nine CPUs', qr/more than 8 CPUs/, args => [ '-smp', 9 ]);

# The ELF's addresses moved down: QEMU then gives it no tree and no word.
my $low = Twofold::slurp("$build/hyp.elf");
my $down = 0x400000 - 0x80000;
my ($phoff, $phnum) = (unpack('Q<', substr $low, 32, 8), unpack('S<', substr $low, 56, 2));
for my $field (24, map { ($phoff + 56 * $_ + 16, $phoff + 56 * $_ + 24) } 0 .. $phnum - 1) {
	substr $low, $field, 8, pack 'Q<', unpack('Q<', substr $low, $field, 8) - $down;
}
refused('linked below RAM base + 1 MiB', qr/no device tree: x0 is 0.*below RAM base \+ 1 MiB/,
	kernel => file('low.elf', $low));

my $tree = "$scratch/virt.dtb";
Twofold::run(10, '', 'qemu-system-aarch64', '-M',
	"virt,virtualization=on,gic-version=3,dumpdtb=$tree",
	'-cpu', 'cortex-a72', '-m', '256M', '-nic', 'none', '-display', 'none');
my $m = qemu(args => [ '-dtb', $tree, module(0x48000000) ], input => "vm\nexit 0\n");
like($m->{out}, qr/^no guests: .*with -dtb FILE its nodes are not in the tree/m,
	'-dtb is explained');
is($m->{status}, 0, 'and leaves a console');

# ---- What lies where -------------------------------------------------------------------------

refused('a module below RAM', qr/kernel 0 \(0x30000000-.*does not lie in RAM/,
	args => [ module(0x30000000) ]);
refused('a module above RAM', qr/kernel 0 \(0x50000000-.*does not lie in RAM/,
	args => [ module(0x50000000) ]);
refused('a module that leaves RAM', qr/kernel 0 \(0x4ffff000-.*does not lie in RAM/,
	args => [ module(0x4ffff000) ]);
refused('a module on the hypervisor',
	qr/kernel 0 \(0x40400000-.* overlaps hypervisor \(0x40400000-/,
	args => [ module(0x40400000) ]);
refused('a module on its stacks', qr/kernel 0 \(.* overlaps hypervisor \(/,
	args => [ module(0x404c0000) ]);
refused('a module on the tree', qr/kernel 0 \(0x40000000-.* overlaps tree \(0x40000000-/,
	args => [ module(0x40000000) ]);
refused('a module on the tree\'s end', qr/kernel 0 \(0x400ff000-.* overlaps tree/,
	args => [ module(0x400ff000) ]);
refused('a module where an Image\'s tree goes',
	qr/kernel 0 \(0x48000000-.* overlaps tree \(0x48000000/,
	kernel => "$build/hyp.img", args => [ module(0x48000000) ]);
# QEMU itself refuses two files that share a byte; a page is enough here.
refused('a ramdisk on a kernel\'s last page', qr/ramdisk 1 \(.* overlaps kernel 0 \(/,
	args => [ module(0x48000000), ramdisk(0x48000000 + -s $kernel) ]);

# ---- Guests ----------------------------------------------------------------------------------

my @two = (module(0x48000000, 'tf.name=a tf.mem=8M --'), module(0x48200000,
	'tf.name=b tf.mem=8M --'));
refused('two guests, a ramdisk of nobody',
	qr/ramdisk at 0x49000000-0x\w+: no guest claims it \(tf.ramdisk=0x49000000\)/,
	args => [ @two, ramdisk(0x49000000) ]);
refused('one guest, two ramdisks', qr/ramdisk at 0x49000000.*no guest claims it/,
	args => [ module(0x48000000, 'tf.mem=8M'), ramdisk(0x49000000), ramdisk(0x49100000) ]);
refused('a ramdisk of two', qr/module at 0x49000000 is claimed by a and by b/,
	args => [ module(0x48000000, 'tf.name=a tf.mem=8M tf.ramdisk=0x49000000 --'),
		module(0x48200000, 'tf.name=b tf.mem=8M tf.ramdisk=0x49000000 --'),
			ramdisk(0x49000000) ]);
refused('a ramdisk that is not there', qr/a: tf.ramdisk=0x49100000: no module that is not a kernel/,
	args => [ module(0x48000000, 'tf.name=a tf.ramdisk=0x49100000 --'), ramdisk(0x49000000) ]);
refused('a kernel as ramdisk', qr/a: tf.ramdisk=0x48000000: no module that is not a kernel/,
	args => [ module(0x48000000, 'tf.name=a tf.ramdisk=0x48000000 --') ]);
refused('a disk that is not there', qr/a: tf.disk=0x49100000: no module that is not a kernel/,
	args => [ module(0x48000000, 'tf.name=a tf.disk=0x49100000 --'), ramdisk(0x49000000) ]);
refused('a disk of two', qr/module at 0x49000000 is claimed by a and by b/,
	args => [ module(0x48000000, 'tf.name=a tf.mem=8M tf.ramdisk=0x49000000 --'),
		module(0x48200000, 'tf.name=b tf.mem=8M tf.disk=0x49000000 --'),
		ramdisk(0x49000000) ]);
refused('half a sector of disk', qr/a: its disk of \d+ bytes is not whole sectors/,
	args => [ module(0x48000000, 'tf.name=a tf.mem=8M tf.disk=0x49000000 --'),
		ramdisk(0x49000000) ]);
refused('more disk than there is memory', qr/a needs 20\d MiB for what is written to its disk; /,
	args => [ module(0x48000000, 'tf.name=a tf.mem=64M tf.disk=200M --') ]);
refused('one name for two', qr/two guests have the name x/,
	args => [ module(0x48000000, 'tf.name=x tf.mem=8M --'), module(0x48200000,
		'tf.name=x tf.mem=8M --') ]);
refused('more memory than there is',
	qr/big needs 512 MiB of RAM and \d+ KiB of tables; the pool has 2\d\d MiB left/,
	args => [ module(0x48000000, 'tf.name=big tf.mem=512M --') ]);
refused('together more than there is',
	qr/b needs 150 MiB of RAM and \d+ KiB of tables; the pool has 1\d\d MiB left/,
	args => [ module(0x48000000, 'tf.name=a tf.mem=150M --'), module(0x48200000,
		'tf.name=b tf.mem=150M --') ]);
refused('memory beyond the IPA space', qr/a: \d+ MiB of RAM end beyond the 40 bits of IPA/,
	args => [ module(0x48000000, 'tf.name=a tf.mem=1T --') ]);
my @more = map { module(0x48000000 + 0x8000 * $_, "tf.name=g$_ tf.mem=4M --") } 0 .. 16;
refused('seventeen guests', qr/more than 16/, args => \@more);

my %bad = (
	'tf.cpus=9' => qr/tf\.cpus=9: out of range \(1 to 8\)/,
	'tf.speed=9' => qr/tf\.speed=9: unknown; tf\.name, tf\.mem,/,
	'tf.mem=1M' => qr/tf\.mem=1M: out of range \(4M to 64T/,
	'tf.mem=lots' => qr/tf\.mem=lots: malformed/,
	'tf.mem=0x1000000000000000000' => qr/tf\.mem=0x1000000000000000000: out of range/,
	'tf.leaf=8k' => qr/tf\.leaf=8k: out of range \(4k, 16k, 64k, 2m, 32m, 512m or 1g\)/,
	'tf.populate=maybe' => qr/tf\.populate=maybe: malformed \(demand or eager\)/,
	'tf.name=a%n' => qr/tf\.name=a%n: malformed/,
	'tf.mem=8M tf.mem=8M' => qr/tf\.mem=8M: given twice/,
	'quiet tf.mem=8M' => qr/quiet: unknown/,
);
refused("boot argument $_", qr/guest 1 \(kernel at 0x48000000\): $bad{$_}/,
	args => [ module(0x48000000, $_) ]) for sort keys %bad;

# An Image by its header: magic, text_offset, image_size, flags.
sub image {
	my ($offset, $size, $flags) = @_;
	return pack('L<2 Q<3 x24 a4 L<', 0x14000000, 0, $offset, $size, $flags, "ARM\x64",
		0) . "\0" x 4096;
}
refused('a big-endian kernel', qr/vm1: its kernel is a big-endian Image/,
	args => [ module(0x48000000, 'tf.mem=8M', file('big', image(0, 0x20000, 1))) ]);
refused('a kernel larger than RAM',
	qr/vm1: its kernel needs 0x40000000-0x41ffffff, its RAM ends at 0x407fffff/,
	args => [ module(0x48000000, 'tf.mem=8M', file('large', image(0, 0x2000000, 0))) ]);
refused('a kernel beyond RAM', qr/vm1: its kernel needs 0x40800000-.*its RAM ends at 0x407fffff/,
	args => [ module(0x48000000, 'tf.mem=8M', file('beyond', image(0x800000, 0x2000, 0))) ]);
refused('a kernel of all sizes', qr/text_offset 0x0, image_size 0xffffffffffffffff/,
	args => [ module(0x48000000, 'tf.mem=8M', file('all', image(0, ~0, 0))) ]);
refused('a kernel over its tree',
	qr/vm1: its kernel .* overlaps its tree at 0x40400000: more mem is needed/,
	args => [ module(0x48000000, 'tf.mem=8M', file('over', image(0, 0x500000, 0))) ]);
refused('a raw kernel over its tree', qr/vm1: its kernel .* overlaps its tree/,
	args => [ module(0x48000000, 'tf.mem=4M', file('raw', "\0" x 0x180001)) ]);
refused('a ramdisk that does not fit', qr/vm1: its ramdisk of 0x\w+ bytes does not fit/,
	args => [ module(0x48000000, 'tf.mem=8M'), ramdisk(0x49000000, file('rd',
		"\0" x 0x300000)) ]);

# ---- What runs -------------------------------------------------------------------------------

# An ELF as a guest is raw bytes: its first instruction is "\x7fELF", which is undefined, and so
# is what stands at its vectors.  It faults for ever; the console does not mind.
$m = qemu(args => [ module(0x48000000, 'tf.name=elf tf.mem=8M', "$build/small.elf") ],
	input => "vm stop elf\nvm\ns2 check\nexit 0\n");
passed($m, 'an ELF as a guest');

# One kernel and one ramdisk belong together; without any of our arguments, too.
$m = qemu(args => [ module(0x48000000, 'quiet'), ramdisk(0x49000000) ],
	input => "vm show vm1\ns2 check\nexit 0\n");
passed($m, 'a kernel and a ramdisk');
like($m->{out}, qr/ramdisk \S+ at 0x49000000/, 'they belong together');
like($m->{out}, qr/args "quiet"/, 'and all arguments are the guest\'s');

# Two load bases, guests below and above; the second with x0 = tree.
for ([ "$build/hyp.elf", '0x40400000', '0x40000000' ], [ "$build/hyp.img", '0x40200000',
	'0x48000000' ]) {
	my ($image, $base, $at) = @$_;
	my $hello = 'tf.name=%s tf.mem=16M -- mem=16M nonce=%s';
	my $n = Twofold::nonce();
	$m = qemu(kernel => $image, args => [ module(0x4e000000, sprintf $hello, 'a', $n),
		module(0x41000000, sprintf $hello, 'b', $n) ],
		input => "wait a '# end' 10\nwait b '# end' 10\ns2 check\nexit 0\n");
	passed($m, "at $base");
	like($m->{out}, qr/^twofold at EL2, image at $base, tree at $at$/m, 'it is there');
	$m->{nonce} = $n;
	guest_tap($m, $_, "at $base: guest $_") for qw(a b);
}
done_testing();
