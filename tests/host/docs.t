#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# What the pages name is there, and what is there is on its page: files, targets of make, mutants,
# tests, console commands, boot arguments, keys of -g and of descriptions.  What the pages say
# about them is for readers to check.
use strict;
use warnings;
use Test::More;

my @files = split /\n/, `git ls-files -co --exclude-standard 2>/dev/null ||
	find . -path ./build -prune -o -type f -printf '%P\\n'`;
my %file = map { $_ => 1 } @files;
my %base = map { m{([^/]+)$}; $1 => 1 } @files;
my %dir = map { my @d = split m{/}; map { join('/', @d[0 .. $_]) => 1 } 0 .. $#d - 1 } @files;
my @pages = grep { /\.md$/ } @files;
my %text = map { $_ => slurp($_) } @pages;
my $makefile = slurp('Makefile');

sub slurp {
	my ($path) = @_;
	open my $f, '<', $path or die "$path: $!\n";
	local $/;
	return <$f>;
}

# No word is left over: `left` names those that are.
sub none_left {
	my ($name, @left) = @_;
	my %seen;
	is(join(' ', grep { !$seen{$_}++ } @left), '', $name);
}

# Two lists of words are the same.
sub same {
	my ($name, $have, $want) = @_;
	is_deeply([ sort keys %{ { map { $_ => 1 } @$have } } ], [ sort @$want ], $name);
}

# What stands between backticks, of one page or of all; blocks of code are left out.
sub quoted {
	my @of = @_ ? @_ : @pages;
	return map { my $t = $text{$_} =~ s/^```.*?^```//gmsr; $t =~ /`([^`\n]+)`/g } @of;
}

# Rows of the page's tables whose first cell is a quoted word.
sub rows {
	my ($page) = @_;
	return map { /`([^`]+)`/g } $text{$page} =~ /^\| ((?:`[^`]+`(?:, )?)+)(?: \[.*?)? \|/mg;
}

# ---- Files ----------------------------------------------------------------------------------

my @links;
for my $page (@pages) {
	my ($folder) = $page =~ m{^(.*/)?};
	push @links, map { ($folder // '') . $_ }
		grep { !/^https?:/ } $text{$page} =~ /\]\(([^)#]+)/g;
}
cmp_ok(scalar @links, '>', 10, 'pages have links');
none_left('each link leads to a file', grep { !$file{$_} } @links);

# `hyp/vm/vm.h`, `docs/memory.md`, `tests/unit/`; `walk1.c` by its name alone.
my @paths = grep { m{^[\w./-]+$} && !/NAME/ } quoted();
my $roots = join '|', grep { !m{/} } keys %dir;
my @named = grep { m{^(?:$roots)/} || /\.(?:[chSt]|md|pm|lds)$/ } @paths;
cmp_ok(scalar @named, '>', 150, 'pages name files');
none_left('each file that a page names is there', grep {
	my $path = s{/$}{}r;
	!$file{$path} && !$dir{$path} && !$base{$path}
		&& !grep { m{(?:^|/)\Q$path\E(?:\.[chS])?$} } @files
} @named);

# ---- make -----------------------------------------------------------------------------------

my ($phony) = $makefile =~ /^\.PHONY: ((?:.*\\\n)*.*)/m;
$phony =~ s/\$\(PHONY_MM\)/$makefile =~ m{^PHONY_MM := (.*)}m ? $1 : ''/e;
my %target = map { $_ => 1 } grep { $_ ne '\\' } split ' ', $phony;
$target{ m{fuzz_(\w+)\.c$} ? "fuzz-$1" : () } = 1 for grep { m{^tests/fuzz/fuzz_} } @files;
$target{'fuzz-s2_plain'} = 1;
my @asked;
for my $text (values %text) {
	my @lines = ($text =~ /`(make [^`\n]+)`/g, $text =~ /^    (make .*?)(?:  |$)/mg);
	for (@lines) {
		s/&&.*|<<.*//;
		push @asked, grep { !/=/ && /^[\w-]+$/ && $_ ne 'make' } split ' ';
	}
}
cmp_ok(scalar @asked, '>', 40, 'pages ask for targets');
none_left('each target is one of the Makefile',
	grep { !$target{$_} && $_ ne 'fuzz-NAME' } @asked);
delete @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS)}; # a jobserver of whoever runs this is not for it
my $help = `make -s help`;
none_left('`make help` lists every target',
	grep { !/^(?:setup-done|help|raw-guests)$/ && $help !~ /(?<![\w-])\Q$_\E(?![\w-])/ }
		sort keys %target);

# ---- Tests and mutants ------------------------------------------------------------------------

same('docs/testing.md has a row for each test of the target',
	[ grep { /\.t$/ } rows('docs/testing.md') ],
	[ map { m{^tests/target/(\w+\.t)$} ? $1 : () } @files ]);

# Names as `t_config`, `host/mm_scale`, `g_mmio`, `soak/s2_scope`; and mutants, of which
# "`s2-a-x`, `-y`" are two.
my @tests = grep { m{^(?:t_|g_|host/|soak/)\w+$} } quoted();
none_left('each test that a page names is there', grep {
	my $name = $_;
	!grep { $file{"tests/$_"} } "unit/$name.c", "target/guests/$name.c", "$name.c", "$name.t"
} @tests);
my %mutant = map { m{^tests/mutants/(.+)\.patch$} ? ($1 => 1) : () } @files;
my ($kinds) = map { join '|', @$_ } [ keys %{ { map { /^(\w+)-/; $1 => 1 } keys %mutant } } ];
my @mutants = grep { /^(?:$kinds)-[a-z0-9-]+$/ && !$target{$_} } quoted(grep { m{^docs/} } @pages);
cmp_ok(scalar @mutants, '>', 80, 'pages name mutants');
none_left('each mutant that a page names is there', grep { !$mutant{$_} } @mutants);
none_left('and each that it shortens', grep {
	my $end = $_;
	!grep { /\Q$end\E$/ } keys %mutant
} grep { /^-[a-z-]+$/ } quoted('docs/museum.md'));

# ---- The console ------------------------------------------------------------------------------

my @commands = map { /"(\w+)", (?:"(\w+)"|NULL)/ ? ($2 ? "$1 $2" : $1) : () }
	slurp('hyp/console/command.c') =~ /^\t\{ ("\w+", (?:"\w+"|NULL))/mg;
cmp_ok(scalar @commands, '>', 25, 'the console has commands');
# "`vm pause`, `resume`" and "`vm` [`list`]" leave out the noun.
my %on_page;
for my $row ($text{'docs/console.md'} =~ /^\| (`.*?) \|/mg) {
	my $noun = '';
	for ($row =~ /`([^`]+)`/g) {
		my ($first, $second) = /^(\w+)(?: ([a-z]\w*))?/;
		my %is = map { $_ => 1 } @commands;
		my $both = $second ? "$first $second" : $first;
		$noun = $first if grep { /^\Q$first\E( |$)/ } @commands;
		$on_page{ $is{$both} ? $both : $is{$first} ? $first : "$noun $first" } = 1;
	}
}
same('docs/console.md has every command, and no other', [ keys %on_page ], \@commands);

# ---- Words that configure ---------------------------------------------------------------------

my @arguments = slurp('hyp/vm/config.c') =~ /^\t\{ "(tf\.[a-z-]+=)"/mg;
cmp_ok(scalar @arguments, '>', 10, 'a guest has boot arguments');
same('docs/boot.md has every boot argument of a guest',
	[ grep { /^tf\.[a-z-]+=$/ } rows('docs/boot.md') ], \@arguments);
my ($keys) = slurp('tools/twofold/guest.c') =~ /keys\[KEYS\] = \{(.*?)\}/s;
same('-g has a key for each, and kernel=', [ $keys =~ /"([a-z-]+)"/g ],
	[ 'kernel', map { /^tf\.(.*)=$/ } @arguments ]);
same('images/README.md has every key of a description',
	[ grep { !-e "images/$_" } rows('images/README.md') ],
	[ slurp('tools/twofold/machine.c') =~ /\{ "([a-z-]+)", (?:set|add)_\w+ \}/g ]);
same('and every description', [ grep { -e "images/$_" } rows('images/README.md') ],
	[ map { m{^images/([a-z]+)$} ? $1 : () } @files ]);
my $guest = join '', map { slurp($_) } grep { m{^guest/kernel/\w+\.c$} } @files;
none_left("guest/README.md's words are the small guest's", grep {
	my ($word) = /^([a-z]+)/;
	$guest !~ /"\Q$word\E/
} grep { !m{/} } rows('guest/README.md'));

done_testing();
