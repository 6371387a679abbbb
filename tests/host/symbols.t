#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# tools/symbols and hyp/boot/symbols.c together: a small image for this machine, linked by the
# one and asked through the other.
use strict;
use warnings;
use File::Temp 'tempdir';
use Test::More tests => 7;

my $dir = tempdir(CLEANUP => 1);

sub file {
	my ($name, $text) = @_;
	open my $f, '>', "$dir/$name" or die "$dir/$name: $!";
	print $f $text;
	close $f;
	return "$dir/$name";
}

# Not loaded anywhere: the table is laid over by hand from the ELF's bytes, so that offsets are
# the image's, and the program that looks them up is an ordinary one.
my $script = file('image.lds', <<'END');
SECTIONS {
	. = 0x1000;
	image_start = .;
	.text : { *(.text .text.*) }
	.rodata : { *(.rodata*) *(.symbols) }
	.data : { *(.data*) *(.bss*) }
	/DISCARD/ : { *(.note*) *(.comment) *(.eh_frame) }
}
END
my $source = file('image.c', <<'END');
extern const char symbol_table[];
const char *keep = symbol_table;
int datum;
__attribute__((aligned(64))) void first(void) { __asm__(".skip 100"); }
__attribute__((aligned(64), noinline, used)) static void hidden(void) { __asm__(".skip 300"); }
__attribute__((aligned(64))) void last(void) { datum++; hidden(); }
END
my $lookup = file('lookup.c', <<'END');
#include <stdio.h>
#include <stdlib.h>
#include "hyp/boot/symbols.h"
int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		u64 start = 77;
		const char *name = symbol_find(strtoul(argv[i], NULL, 0), &start);
		printf("%s+%ld\n", name ? name : "none", (long)(strtoul(argv[i], NULL, 0) - start));
	}
}
END

my @compile = ('gcc', '-O1', '-fno-pie', '-fcf-protection=none', '-c');
is(system(@compile, '-o', "$dir/image.o", $source), 0, 'the image compiles');
my @link = ('gcc', '-no-pie', '-nostdlib', '-static', '-Wl,--build-id=none',
	'-Wl,--no-warn-rwx-segments', '-T', $script);
is(system('tools/symbols', '', "$dir/image", 'gcc -fno-pie', @link, "$dir/image.o"), 0,
	'and links');
is(join(' ', glob "$dir/image.s*"), '', 'nothing is left beside it');

my %at = map { (split)[ 2, 0 ] } grep { /\S/ } split /\n/, `nm $dir/image`;
my %offset = map { $_ => hex($at{$_}) - hex($at{image_start}) } keys %at;
system('objcopy', '-O', 'binary', '--only-section=.rodata', "$dir/image",
	"$dir/rodata") == 0 or die;
my ($rodata) = map { hex((split)[3]) } grep { /\.rodata/ } split /\n/, `objdump -h $dir/image`;
my $skip = hex($at{symbol_table}) - $rodata;
my $holder = file('table.S', <<"END");
.section .rodata
.balign 4
.globl symbol_table
.hidden symbol_table
symbol_table: .incbin "$dir/rodata", $skip
.section .note.GNU-stack, "", \%progbits
END
is(system('gcc', '-I.', '-o', "$dir/lookup", $lookup, 'hyp/boot/symbols.c', $holder), 0,
	'the lookup links');

# A function's first byte, one within, the byte before the next, in front of all, behind all.
my ($text, $size) = map { (hex((split)[3]), hex((split)[2])) } grep { /\.text/ }
	split /\n/, `objdump -h $dir/image`;
my $end = $text + $size - hex $at{image_start};
my @ask = ($offset{first}, $offset{first} + 99, $offset{hidden}, $offset{hidden} + 299,
	$offset{last} - 1, $offset{last}, $end - 1);
my @answer = split /\n/, `$dir/lookup @ask`;
is("@answer[0..3]", 'first+0 first+99 hidden+0 hidden+299', 'first and last byte of a function');
is("@answer[5,6]", 'last+0 last+' . ($end - 1 - $offset{last}), 'the last function');
@answer = split /\n/, `$dir/lookup $end 0xffffffff 0xffffffffffffffff 0x100000000`;
is_deeply([ map { /^none/ ? 'none' : $_ } @answer ], [ ('none') x 4 ], 'behind the code is none');
