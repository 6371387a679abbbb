# SPDX-License-Identifier: BSD-2-Clause
#
# A folder with the host command and all it looks for, made for one test: a copy of build/twofold,
# a hypervisor that is nothing but an ELF header, a small guest, and a QEMU that is a script.
package Sandbox;
use strict;
use warnings;
use Exporter 'import';
use File::Copy 'copy';
use File::Temp 'tempdir';
our @EXPORT = qw($dir file elf image twofold fake_qemu);

our $dir = tempdir(CLEANUP => 1);
my $build = $ENV{B} // 'build';
mkdir "$dir/$_" for qw(build images);
copy("$build/twofold", "$dir/build/twofold") or die "$build/twofold: $!\n";
chmod 0755, "$dir/build/twofold";
delete $ENV{TWOFOLD_QEMU};

sub file {
	my ($name, $bytes) = @_;
	my $path = $name =~ m{^/} ? $name : "$dir/$name";
	open my $f, '>:raw', $path or die "$path: $!\n";
	print $f $bytes;
	close $f or die "$path: $!\n";
	return $path;
}

# A 64-bit ELF file of one segment that covers [load, load + size).
sub elf {
	my ($load, $size) = @_;
	return pack('a4 C3 x9 S< S< L< Q< Q< Q< L< S<6', "\x7fELF", 2, 1, 1, 2, 183, 1,
		$load, 64, 0,
		0, 64, 56, 1, 0, 0, 0) . pack('L< L< Q<6', 1, 5, 0, $load, $load, 120, $size, 4096);
}

# An arm64 Image of `size` bytes that asks for image_size from text_offset.
sub image {
	my ($size, $text_offset, $image_size) = @_;
	my $head = pack('L<2 Q<3 x24 a4 L<', 0x14000000, 0, $text_offset, $image_size, 0xa,
		"ARM\x64", 0);
	return $head . "\0" x ($size - length $head);
}

file('build/hyp.elf', elf(0x40200000, 0x100000));
file('build/small.img', image(4096, 0, 0x20000));

# Status, standard output and standard error of the command.
sub twofold {
	my (@args) = @_;
	my $quoted = join ' ', map { s/'/'\\''/gr =~ s/(.*)/'$1'/sr } @args;
	my $out = `'$dir/build/twofold' $quoted 2>'$dir/stderr' </dev/null`;
	my $status = $? >> 8;
	open my $f, '<', "$dir/stderr" or die;
	my $err = do { local $/; <$f> } // '';
	return ($status, $out, $err);
}

# A QEMU that writes its pid and runs the Perl code given; the UART is its standard input and
# output.  The command finds it through the environment.
sub fake_qemu {
	my ($code) = @_;
	$ENV{TWOFOLD_QEMU} = file('qemu', <<"END");
#!/usr/bin/perl
\$| = 1;
open my \$pid, '>', '$dir/pid.new' or die;
print \$pid \$\$;
close \$pid;
rename '$dir/pid.new', '$dir/pid';
$code
END
	chmod 0755, $ENV{TWOFOLD_QEMU};
	unlink "$dir/pid";
	return;
}

1;
