#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# The session in README.md, typed again: every answer is what stands there, but for numbers, which
# follow the size of the image.
use strict;
use warnings;
use Test::More;
use Twofold;

# Lines without what may differ.
sub shape {
	my ($text) = @_;
	$text =~ s/^\[small\] //mg;
	$text =~ s/0x[0-9a-f]+/N/g;
	$text =~ s/\d+/N/g;
	$text =~ s/ +/ /g;
	return map { s/^ | $//gr } split /\n/, $text;
}

open my $f, '<', 'README.md' or die "README.md: $!\n";
my $page = do { local $/; <$f> =~ s/^    //mgr };
my ($session) = $page =~ /^\$ \.\/run\n(.*?)\n\n/ms or die "README.md has no session\n";
my ($piped) = $page =~ /^\$ printf '.*\n((?:.+\n)+)/m or die "README.md has no pipe\n";
my ($boot, $typed) = split /^…\n/m, $session;
my @told = $typed =~ /^tf> (.*\n(?:(?!tf> ).*\n?)*)/mg; # a command and its answer
my ($attached) = grep { /^con small\n/ } @told;
my ($keys, $heard) = $attached =~ /^attached.*\n(.*)\n((?:.*\n)*?)small>/m;
my @asked = grep { !/^(?:con|s2 check)/ } @told;

my $m = machine(
	guests => ["kernel=$build/small.img"],
	mem => '1G',
	input => join('', "wait small 'small>' 30\n", map({ /^(.*\n)/ } @asked),
		"send small '$keys\\n'\nwait small 'small>' 30\ns2 check\nexit 3\n"),
);
is($m->{status}, 3, 'the status is what exit was given');
my %said = map { $_ => 1 } shape($m->{out});
is(join("\n", grep { !$said{$_} } shape($boot)), '', 'the boot log');
for my $told (@asked, grep { /^s2 check/ } @told) {
	my ($command, $answer) = $told =~ /^([^\n]*)\n(.*)/s;
	is(join("\n", shape(answer($m, $command))), join("\n", shape($answer)), $command);
}
is(join("\n", grep { !$said{$_} } shape($heard)), '', "what $keys brings");
is(join("\n", shape($piped)), join("\n", shape(answer($m, 's2 check')), 'tf> exit N', 'N'),
	'what a pipe ends with');
done_testing();
