#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# The benchmarks still build, every row still does what it says (each verifies what it built), and
# programs can read what they print.  How fast they are is not asked here.
use strict;
use warnings;
use File::Temp 'tempdir';
use JSON::PP;
use Test::More;

my $bench = ($ENV{B} // 'build') . '/bench/bench';
my $dir = tempdir(CLEANUP => 1);

# What a run printed, its status, and its objects by row.
sub run {
	my (@rows) = @_;
	my $json = "$dir/" . join('-', 'json', @rows);
	open my $pipe, '-|', $bench, '--json', $json, @rows or die "$bench: $!";
	my $text = do { local $/; <$pipe> };
	close $pipe;
	my $status = $? >> 8;
	my %by_row;
	open my $f, '<', $json or die "$json: $!";
	while (<$f>) {
		my $object = decode_json($_);
		$by_row{ $object->{row} } = $object;
	}
	return ($text, $status, \%by_row);
}

my ($text, $status, $rows) = run();
is($status, 0, 'every row is verified');
unlike($text, qr/WRONG/, 'and says nothing else');
my @keys = qw(row unit median min max limit target met);
for my $row (qw(a1 a2 a2r b1 c1 c2 c4 d1 d2 e1 e1d e2 f1 g1 g1d h1 h1d h2 i1 k1
	p1 p2 p3 p4 p5 o1 o2 o3 o4 m1 m2 u1)) {
	my @missing = grep { !exists $rows->{$row}{$_} } @keys;
	is("@missing", '', "$row has its object");
}
is($rows->{a1}{tables}, 513, 'a1 takes 513 tables');
is($rows->{d2}{tables}, -513, 'd2 gives them all back');
cmp_ok($rows->{d1}{tlbi}, '<=', 3, 'd1 issues at most 3 TLBIs');
cmp_ok($rows->{e1}{tlbi}, '<=', 2, 'e1 issues at most 2');
cmp_ok($rows->{f1}{tlbi}, '<=', 2 * $rows->{f1}{calls}, 'f1 issues at most 2 for a block');
ok($rows->{a1}{min} <= $rows->{a1}{median} && $rows->{a1}{median} <= $rows->{a1}{max},
	'a median lies between the least and the most');

($text, $status, $rows) = run('a1', 'c2');
is(join(' ', sort keys %$rows), 'a1 c2', 'rows can be chosen');
($text, $status, $rows) = run('a9');
isnt($status, 0, 'a row that does not exist is refused');
done_testing();
