#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# The checks of the house see what they are there to see: each rule is broken once, on files
# made for it, and the complaint names file, line and rule.
use strict;
use warnings;
use Cwd 'getcwd';
use File::Path 'make_path';
use File::Temp 'tempdir';
use Test::More;

my $top = getcwd();
my $dir = tempdir(CLEANUP => 1);
chdir $dir or die;

my $spdx = "/* SPDX-License-Identifier: BSD-2-Clause */\n/* A noun. */\n";

sub file {
	my ($name, $text) = @_;
	make_path($name =~ s{/[^/]*$}{}r) if $name =~ m{/};
	open my $f, '>', $name or die "$name: $!";
	print $f $text;
	close $f;
	return $name;
}

# Status and output of a tool.
sub tool {
	my ($name, @args) = @_;
	my $quoted = join ' ', map { "'$_'" } @args;
	my $out = `'$top/tools/$name' $quoted 2>&1`;
	return ($? >> 8) . "\n$out";
}

sub header { return "$spdx#ifndef H_$_[0]\n#define H_$_[0]\n$_[1]#endif\n" }

# shape
my $fine = file('lib/fine.c', "${spdx}int f(void)\n{\n\treturn 0;\n}\n");
like(tool('shape', $fine),
	qr/^0\nshape: 1 files, 6 lines, 1 functions: median 4 lines, p90 4/, 'shape: fine');
my $long = "int f(void)\n{\n" . "\treturn 0;\n" x 58 . "}\n";
like(tool('shape', file('lib/a.c', "$spdx$long")),
	qr{^1\nlib/a.c:3: f\(\) has 61 lines}, 'a long function');
like(tool('shape', file('lib/a.c', "$spdx" . "int i;\n" x 499)),
	qr{^1\nlib/a.c:1: 501 lines}, 'a long source');
like(tool('shape', file('lib/a.c', "int i;\n")), qr{^1\nlib/a.c:1: the SPDX}, 'no licence');
like(tool('shape', file('lib/a.c', $spdx =~ s/\/\* A.*//r . "int i;\n")),
	qr{^1\nlib/a.c:2: there is no opening}, 'no opening');
like(tool('shape', file('lib/a.c', "${spdx}int i; /* TO" . "DO */\n")),
	qr{^1\nlib/a.c:3: a mark}, 'unfinished');
like(tool('shape', file('lib/a.c', "${spdx}#if 1\n#endif\n")), qr{^1\nlib/a.c:3: #if 1}, '#if');
like(tool('shape', file('lib/a.c', "${spdx}#ifdef X\n#endif\n")),
	qr{^1\nlib/a.c:3: #ifdef X}, '#ifdef');
like(tool('shape', file('lib/a.h', "${spdx}int i;\n")),
	qr{^1\nlib/a.h:1: the header has no guard}, 'no guard');
like(tool('shape', file('lib/a.h', header('A', "#ifndef __ASSEMBLER__\n#endif\n"))),
	qr/^0\n/, 'a guard');
like(tool('shape', file('lib/a.h', header('A', "#ifndef B\n#define B\n#endif\n"))),
	qr{^1\nlib/a.h:5: #ifndef B}, 'one guard');

like(tool('shape', file('lib/a.c', "$spdx\t/* " . 'x' x 87 . " */\n")),
	qr{^1\nlib/a.c:3: 101 columns}, 'a wide line');
like(tool('shape', file('lib/a.c', "$spdx\t/* " . "\xe2\x80\xa6" x 86 . " */\n")),
	qr/^0\n/, 'one that is not');

# headers
my $cc = 'gcc -std=c11 -I. -Wall -Wextra -Wpedantic -Werror';
file('lib/one.h', header('ONE', "typedef int one;\n"));
like(tool('headers', $cc, 'false', 'lib/one.h'), qr/^0\nheaders: 1 compile alone/, 'headers: fine');
file('lib/two.h', header('TWO', "one two;\n"));
like(tool('headers', $cc, 'false', 'lib/one.h', 'lib/two.h'),
	qr{^1\n.*lib/two.h:1: does not}s, 'needs another');
file('lib/bare.h', "enum bare { BARE };\n");
like(tool('headers', $cc, 'false', 'lib/bare.h'), qr{^1\n.*lib/bare.h:1: does not}s, 'twice');
file('hyp/x.h', header('X', "typedef int x;\n"));
like(tool('headers', 'false', $cc, 'hyp/x.h'), qr/^0\n/, 'a header of the target');

# layers
my @rows = ('include: ', 'lib: include', 's2: include', 'fdt: include', 'hyp: include lib s2',
	'tests/model: include', '--');
file('include/i.h', header('I', ''));
file('lib/l.h', header('L', "#include \"include/i.h\"\n"));
file('s2/port.h', header('P', "#include \"half.h\"\n"));
file('hyp/port/half.h', header('H', "#include \"lib/l.h\"\n"));
file('lib/l.c', "#include \"lib/l.h\"\n");
file('s2/s.c', "#include \"s2/port.h\"\n");

sub d {
	my ($source, @headers) = @_;
	return file('x.d', "x.o: $source \\\n @headers\n\n" . join '', map { "$_:\n" } @headers);
}
like(tool('layers', @rows, d('lib/l.c', 'lib/l.h', 'include/i.h')),
	qr/^0\nlayers: 1 sources/, 'layers: fine');
file('include/i.c', "\n#include \"lib/l.h\"\n");
like(tool('layers', @rows, d('include/i.c', 'lib/l.h')),
	qr{^1\ninclude/i.c:2: include may not include lib/l.h}, 'upwards');
file('include/j.c', "#include \"include/j.h\"\n");
file('include/j.h', "\n\n#include \"lib/l.h\"\n");
like(tool('layers', @rows, d('include/j.c', 'include/j.h', 'lib/l.h')),
	qr{^1\ninclude/j.h:3: include may not.*include/j.c:1: include reaches lib/l.h}s,
		'by way of a header');
my @port = ('s2/port.h', 'hyp/port/half.h', 'lib/l.h', 'include/i.h');
like(tool('layers', @rows, d('s2/s.c', @port)),
	qr/^0\n/, "what comes with the program's half of a port");
file('s2/s.c', "#include \"s2/port.h\"\n#include \"lib/l.h\"\n");
like(tool('layers', @rows, d('s2/s.c', @port)),
	qr{^1\ns2/s.c:2: s2 may not include lib/l.h}, 'but not directly');
file('tests/model/port.c', "#include \"s2/port.h\"\n");
file('tests/model/walk.c', "#include \"s2/port.h\"\n");
like(tool('layers', @rows, d('tests/model/port.c', 's2/port.h')),
	qr/^0\n/, 'who defines a port sees it');
like(tool('layers', @rows, d('tests/model/walk.c', 's2/port.h')),
	qr{^1\ntests/model/walk.c:1: }, 'others do not');
file('lib/l.c', "#include <libfdt.h>\n");
like(tool('layers', @rows, d('lib/l.c')),
	qr{^1\nlib/l.c:1: only fdt and tests may include <libfdt.h>}, 'libfdt');
file('stray.c', '');
like(tool('layers', @rows, d('stray.c')),
	qr{^1\nstray.c:1: belongs to no component}, 'no component');
like(tool('layers', 'lib: nowhere', '--'),
	qr{^1\nMakefile:1: the row of lib names nowhere}, 'a row for nothing');

# lint
file('.clang-format', scalar `cat '$top/.clang-format'`);
file('.clang-tidy', scalar `cat '$top/.clang-tidy'`);
like(tool('lint', $fine), qr/^0\nlint: 1 files/, 'lint: fine');
like(tool('lint', $fine), qr/^0\nlint: 1 files/, 'and again');
like(tool('lint', file('lib/a.c', "int f( void );\n")),
	qr{^1\nlib/a.c:1:7: error: code should be clang-formatted}, 'format');
file('lib/a.c', "int f(int *p);\nint f(int *p)\n{\n\tif (p)\n\t\treturn 1;\n\treturn *p;\n}\n");
like(tool('lint', 'lib/a.c'), qr{^1\n.*lib/a.c:6:9: error: .*null pointer}s, 'the analyzer');
like(tool('lint', 'lib/a.c'), qr{^1\n.*lib/a.c:6:9: error: }s, 'and it stays');

chdir $top;
done_testing();
