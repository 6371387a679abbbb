#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Machine descriptions: what they say is done, what is wrong with them is named by its line.
use strict;
use warnings;
use lib 'tests/host';
use Sandbox;
use Test::More;

sub described {
	my ($text, @args) = @_;
	return twofold('run', '-n', '-f', file('images/it', $text), @args);
}

my ($status, $out, $err) = described(<<'END');
# Two guests, and blanks where nobody minds.

cpu  neoverse-n1
	mem	2G  
guest kernel=../build/small.img,name=a,args=x, y  
  guest kernel=@/small.img,name=b
qemu-arg -d
qemu-arg guest_errors,unimp
hyp-arg tf.nonce=1
END
is("$status$err", '0', 'a description');
like($out, qr/-cpu neoverse-n1 .*-m 2048M/s, 'its machine');
like($out, qr{kernel=\Q$dir\E/images/\.\./build/small.img,bootargs=tf.name=a .*-- x,, y'},
	"its first guest, by the description's folder");
like($out, qr{kernel=\Q$dir\E/build/small.img,bootargs=tf.name=b },
	'its second, by the build folder');
like($out, qr/-append tf.nonce=1\b.*-d guest_errors,unimp$/s, 'its arguments');

my $text = "cpu a\nmem 64M\nguest kernel=\@/small.img,mem=8M\nqemu-arg first\n";
($status, $out, $err) = described($text, '--mem', '1G', '-g',
	'kernel=@/small.img,name=more', '--qemu-arg', 'last');
like($out, qr/-cpu a .*-m 1024M .*tf.name=small .*tf.name=more .*first last$/s,
	'the command line wins, and adds');
is((described("guest kernel=\@/small.img\r\ncpu a\r"))[0], 0,
	'line ends of other systems, and none');

my @wrong = (
	[ "cpu a\n\nfoo bar\n", qr/it:3: foo: unknown key 'foo' \(cpu, / ],
	[ "cpu\n", qr/it:1: cpu: the value is missing/ ],
	[ "cpu a\ncpu b\n", qr/it:2: cpu: given twice/ ],
	[ "mem 1\n", qr/it:1: mem: 1: must be/ ],
	[ "smp 9\n", qr/it:1: smp: 9 CPUs/ ],
	[ "# x\nguest name=a\n", qr/it:2: guest: kernel= is missing/ ],
	[ "guest kernel=none\n", qr{it:1: guest: kernel \Q$dir\E/images/none: No such file} ],
	[ "cpu a\nmem\x0164M\n", qr/it:2: byte 0x01 is not text/ ],
	[ "cpu a\0b\n", qr/it:1: byte 0x00 is not text/ ],
	[ "cpu=a\n", qr/it:1: cpu=a: unknown key/ ],
	[ 'x' x 1_000_000, qr/it:1: x+: unknown key/ ],
);
for (@wrong) {
	my ($text, $message) = @$_;
	($status, $out, $err) = described($text);
	ok($status == 2 && $out eq '' && $err =~ $message, substr($text, 0, 20) =~ s/[^ -~]/./gr)
		or diag("status $status, '", substr($err, 0, 200), "'");
}
like((twofold('run', '-f', $dir))[2],
	qr/-f \Q$dir\E: Is a directory/, 'a folder is no description');

file('images/here', "cpu from-the-tree\nguest kernel=\@/small.img\n");
chdir '/';
like((twofold('run', '-n', '-f', 'images/here'))[1],
	qr/-cpu from-the-tree/, 'the tree the command belongs to is looked into');
done_testing();
