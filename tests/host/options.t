#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# What is wrong with a command line or a file is named, with status 2, before QEMU starts.
use strict;
use warnings;
use lib 'tests/host';
use Sandbox;
use Test::More;

fake_qemu("print 'started'; exit 0;");

my $raw = file('raw.bin', "\x14" x 100);
file('empty.img', '');
file('elf.img', elf(0x80000, 4096));
file('gzip.img', "\x1f\x8b\x08" . "\0" x 100);
file('zboot.img', "MZ\0\0zimg" . "\0" x 100);
file('large.img', image(4096, 0, 32 << 20));
file('huge.img', '');
truncate "$dir/huge.img", 64 << 20;
file('big.rd', '');
truncate "$dir/big.rd", 80 << 20;
my $small = '@/small.img';
my @sixteen = map { ('-g', "kernel=$small,name=g$_,mem=4M") } 1 .. 16;

my @wrong = (
	[ [], qr/^twofold run/ ],
	[ ['start'], qr/unknown command 'start' \(run, esr, help\)/ ],
	[ ['esr'], qr/esr: give one hexadecimal number/ ],
	[ [ 'esr', '0x1g' ], qr/esr: '0x1g' is not a hexadecimal number/ ],
	[ [ 'esr', '0x10000000000000000' ], qr/esr: '0x10000000000000000' is not/ ],
);
push @wrong, map { [ [ 'run', @{ $_->[0] } ], $_->[1] ] } (
	[ ['--fast'], qr/unknown option --fast/ ],
	[ ['--fast=1'], qr/unknown option --fast / ],
	[ ['-gx'], qr/unknown option -gx/ ],
	[ ['-'], qr/unknown option -/ ],
	[ [''], qr/'' is not an option/ ],
	[ ['small'], qr/'small' is not an option/ ],
	[ ['--cpu'], qr/--cpu: the value is missing/ ],
	[ ['--cpu='], qr/--cpu: the value is missing/ ],
	[ ['-n=1'], qr/unknown option -n=1/ ],
	[ ['--gdb=1'], qr/--gdb takes no value/ ],
	[ [ '-n', '--gdb' ], qr/-n runs nothing/ ],
	[ [ '--cpu', 'a', '--cpu', 'b' ], qr/--cpu: given twice/ ],
	[ [ '--smp', '0' ], qr/--smp: 0 is not a number of CPUs/ ],
	[ [ '--smp', 'x' ], qr/--smp: x is not a number of CPUs/ ],
	[ [ '--smp', '9' ], qr/--smp: 9 CPUs: .* 8 at most/ ],
	[ [ '--mem', '1Q' ], qr/--mem: 1Q is not a size/ ],
	[ [ '--mem', '99999999999999999999' ], qr/--mem: 99999999999999999999 is not a size/ ],
	[ [ '--mem', '33M' ], qr/--mem: 33M: must be a multiple of 2M/ ],
	[ [ '--mem', '16M' ], qr/--mem: 16M: must be .* from 32M/ ],
	[ [ '--mem', '2T' ], qr/--mem: 2T: must be .* to 1T/ ],
	[ [ '--mem', '1G', '--mem', '1G' ], qr/--mem: given twice/ ],
	[ [ '--timeout', '0' ], qr/--timeout: 0 is not a number of seconds/ ],
	[ [ '--timeout', '1.5' ], qr/--timeout: 1.5 is not/ ],
	[ [ '--hyp-arg', 'a b' ], qr/--hyp-arg: 'a b' has a space/ ],
	[ [ ('--qemu-arg', '-S') x 65 ], qr/--qemu-arg: more than 64/ ],
	[ [ '-f', 'images/none' ], qr{-f images/none: No such file} ],
	[ [ '-f', 'a', '-f', 'b' ], qr/-f: given twice/ ],
	[ [ '-g', 'mem=4M' ], qr/kernel= is missing/ ],
	[ [ '-g', 'kernel' ], qr/'kernel' is not key=value/ ],
	[ [ '-g', 'kernel=' ], qr/kernel= has no value/ ],
	[ [ '-g', "kernel=$small,,mem=4M" ], qr/'' is not key=value/ ],
	[ [ '-g', "kernel=$small," ], qr/'' is not key=value/ ],
	[ [ '-g', "kernel=$small,kernel=$small" ], qr/kernel= is given twice/ ],
	[ [ '-g', "kernel=$small,size=4M" ], qr/unknown key 'size' \(kernel, / ],
	[ [ '-g', "kernel=$small,mem=4" ], qr/mem=4: must be a multiple of 2M, and 4M/ ],
	[ [ '-g', "kernel=$small,mem=5M" ], qr/mem=5M: must be a multiple of 2M/ ],
	[ [ '-g', "kernel=$small,mem=x" ], qr/mem=x is not a size/ ],
	[ [ '-g', "kernel=$small,cpus=0" ], qr/cpus=0 is not a number of CPUs/ ],
	[ [ '-g', "kernel=$small,cpus=9" ], qr/cpus=9: a guest has at most 8 CPUs/ ],
	[ [ '-g', "kernel=$small,leaf=8k" ],
		qr/leaf=8k: must be 4k, 16k, 64k, 2m, 32m, 512m or 1g/ ],
	[ [ '-g', "kernel=$small,granule=8k" ], qr/granule=8k: must be 4k, 16k or 64k/ ],
	[ [ '-g', "kernel=$small,ipa=53" ], qr/ipa=53: must be 32 to 52/ ],
	[ [ '-g', "kernel=$small,features=-F" ], qr/features=-F: must be names with \+ or -/ ],
	[ [ '-g', "kernel=$small,weight=0" ], qr/weight=0: must be a number from 1 to 1000/ ],
	[ [ '-g', "kernel=$small,weight=1001" ], qr/weight=1001: must be a number from/ ],
	[ [ '-g', "kernel=$small,weight=two" ], qr/weight=two: must be a number from/ ],
	[ [ '-g', "kernel=$small,pin=0x0" ], qr/pin=0x0: must be a CPU, a range/ ],
	[ [ '-g', "kernel=$small,pin=1-" ], qr/pin=1-: must be a CPU, a range/ ],
	[ [ '-g', "kernel=$small,pin=-1" ], qr/pin=-1: must be a CPU, a range/ ],
	[ [ '-g', "kernel=$small,pin=1-2-3" ], qr/pin=1-2-3: must be a CPU, a range/ ],
	[ [ '-g', "kernel=$small,populate=lazy" ], qr/populate=lazy: must be demand or eager/ ],
	[ [ '-g', "kernel=$small,name=1st" ], qr/name=1st: must be a letter and/ ],
	[ [ '-g', "kernel=$small,name=a b" ], qr/name=a b: must be a letter/ ],
	[ [ '-g', "kernel=$small,name=sixteen-letters-" ], qr/name=sixteen-letters-: must be/ ],
	[ [ ('-g', "kernel=$small") x 2 ], qr/a guest small is there already .*: give name=/ ],
	[ [ @sixteen, '-g', "kernel=$small" ], qr/more than 16 guests/ ],
	[ [ map { ('-g', "kernel=$small,name=g$_,mem=8M,ramdisk=$raw,disk=$raw") } 1 .. 11 ],
		qr/33 kernels, ramdisks and disks: more than 32/ ],
	[ [ '-g', 'kernel=/none/such' ], qr{kernel /none/such: No such file} ],
	[ [ '-g', "kernel=$dir" ], qr/kernel \Q$dir\E is not a regular file/ ],
	[ [ '-g', "kernel=$dir/empty.img" ], qr/kernel .* is empty/ ],
	[ [ '-g', "kernel=$small,ramdisk=$dir/empty.img" ], qr/ramdisk .* is empty/ ],
	[ [ '-g', "kernel=$small,disk=$dir/empty.img" ], qr/disk .* is empty/ ],
	[ [ '-g', "kernel=$dir/elf.img" ], qr/is an ELF file, .*objcopy -O binary/ ],
	[ [ '-g', "kernel=$dir/gzip.img" ], qr/is compressed: gunzip it/ ],
	[ [ '-g', "kernel=$dir/zboot.img" ], qr/is a compressed EFI image/ ],
	[ [ '-g', "kernel=$dir/large.img,mem=32M" ],
		qr/large.img takes 32M from offset 0x0; .* 16M/ ],
	[ [ '-g', "kernel=$dir/huge.img,mem=64M" ],
		qr/huge.img takes 64M from offset 0x80000; .* 32M/ ],
	[ [ '-g', "kernel=$small,ramdisk=$dir/big.rd" ], qr/big.rd takes 80M; above .* 62M/ ],
	[ [ '-g', "kernel=$small,args=" . 'x' x 1000 ], qr/args= is too long: 1024 bytes/ ],
	[ [ '-g', "kernel=$small,mem=1G" ], qr/guest small has 1G: .* more than 1G of RAM/ ],
	[ [ '--mem', '64M', '-g', "kernel=$small,disk=$dir/big.rd" ],
		qr/big.rd takes 80M; RAM is 64M/ ],
	[ [ '--mem', '96M', '-g', "kernel=$small,mem=4M,disk=$dir/big.rd" ],
		qr/big.rd, 80M, does not fit/ ],
	[ [ '--mem', '1T', '-g', "kernel=$small,mem=16777214T" ], qr/has 16777214T: / ],
);
for (@wrong) {
	my ($args, $message) = @$_;
	my ($status, $out, $err) = twofold(@$args);
	my $name = substr "@$args", 0, 60;
	ok($status == 2 && $out eq '' && $err =~ $message, $name eq '' ? 'no command' : $name)
		or diag("status $status, '$out', '$err'");
}

# The hypervisor's own image.
my @images = (
	[ 'text', "no ELF at all", qr/hyp.elf is not a 64-bit ELF/ ],
	[ 'no segments', substr(elf(0x40200000, 4096), 0, 56) . "\0\0" . "\0" x 62,
		qr/not a 64-bit ELF/ ],
	[ 'cut short', substr(elf(0x40200000, 4096), 0, 100), qr/cut short/ ],
	[ 'too low', elf(0x40000000, 4096),
		qr/is linked at 0x40000000: QEMU puts its device tree/ ],
	[ 'too high', elf(0x80000000, 4096), qr/at 0x80000000, does not lie in 1G of RAM/ ],
	[ 'too large', elf(0x40200000, 1 << 40), qr/does not lie in/ ],
	[ 'beyond the space', elf(~0 - 4095, 8192), qr/not a 64-bit ELF/ ],
);
for (@images) {
	my ($name, $bytes, $message) = @$_;
	file('build/hyp.elf', $bytes);
	my ($status, $out, $err) = twofold('run');
	ok($status == 2 && $err =~ $message, "hypervisor: $name") or diag("status $status, '$err'");
}
unlink "$dir/build/hyp.elf";
like((twofold('run'))[2], qr/the hypervisor: image .*hyp.elf: No such file/, 'hypervisor: none');

ok(!-e "$dir/pid", 'QEMU was never started');
my ($status, $out, $err) = twofold('help');
ok($status == 0 && $out =~ /--exit-when-off/ && $err eq '', 'help');
is((twofold('run', '--help'))[1], $out, 'run --help is the same');
is((twofold('esr', '0x93c08007'))[0], 0, 'esr');
done_testing();
