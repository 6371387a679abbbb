#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# tools/s2-trace-check finds nothing in a good trace and something in a damaged one.  Damage
# is one line
# dropped, doubled or exchanged with the next, the sequence numbers made good again, so that only
# the meaning can tell.  Lines whose loss breaks a rule must all be caught; the share of the others
# is printed.
use strict;
use warnings;
use Test::More;

my $B   = $ENV{B} // 'build';
my $dir = "$B/trace-test";
mkdir $dir;

sub check_file {
        my ($path) = @_;
        my $text = `tools/s2-trace-check $path 2>&1`;
        return ( $? >> 8, $text );
}

# Renumbered or not; the verdict and what was said.
sub judge {
        my ( $lines, $renumber ) = @_;
        my $n = 0;
        open my $f, '>', "$dir/damaged" or die;
        for (@$lines) {
                my $l = $_;
                $l =~ s/^S2EV \d+/"S2EV " . $n++/e if $renumber;
                print $f $l;
        }
        close $f;
        return check_file("$dir/damaged");
}

is( system("$B/soak/s2_trace $dir/good 12000 7 >/dev/null"),
        0, 'a trace is made' );
my ( $status, $text ) = check_file("$dir/good");
is( $status, 0, 'the good one passes' ) or diag $text;
open my $f, '<', "$dir/good" or die;
my @good = <$f>;
my %at;
for my $i ( 0 .. $#good ) { push @{ $at{ ( split ' ', $good[$i] )[3] } }, $i }

# About five lines of a kind, spread over the trace.
sub some {
        my ($kind) = @_;
        my @all    = @{ $at{$kind} // [] };
        my $step   = @all > 5 ? @all / 5 : 1;
        return map { $all[ $_ * $step ] } 0 .. ( $step > 1 ? 4 : $#all );
}

sub caught {
        my ( $kind, $damage, $renumber ) = @_;
        my ( $n, $hit ) = ( 0, 0 );
        for my $i ( some($kind) ) {
                my @lines = @good;
                $damage->( \@lines, $i );
                $n++;
                $hit++ if ( judge( \@lines, $renumber ) )[0] == 1;
        }
        return ( $n, $hit );
}

my %damages = (
        dropped   => sub { my ( $l, $i ) = @_; splice @$l, $i, 1 },
        doubled   => sub { my ( $l, $i ) = @_; splice @$l, $i, 0, $l->[$i] },
        exchanged => sub {
                my ( $l, $i ) = @_;
                @$l[ $i, $i + 1 ] = @$l[ $i + 1, $i ] if $i < $#$l;
        },
);

# Every line matters to the sequence.
for my $how ( sort keys %damages ) {
        for my $kind ( sort keys %at ) {
                my ( $n, $hit ) = caught( $kind, $damages{$how}, 0 );
                is( $hit, $n, "$how: every $kind, by its number" );
        }
}

# And these by what they mean.
my %must = (
        dropped => [qw(alloc free root droot lock unlock)],
        doubled => [qw(alloc free root droot lock unlock)]
);
for my $how ( sort keys %must ) {
        for my $kind ( @{ $must{$how} } ) {
                my ( $n, $hit ) = caught( $kind, $damages{$how}, 1 );
                is( $hit, $n, "$how: every $kind, by its meaning" );
        }
}

# Every DSB and TLBI that moved something on.
my %needed;
my $needed = `tools/s2-trace-check --needed $dir/good`;
push @{ $needed{$1} }, $2 - 1 while $needed =~ /^needed (\w+): (\d+)/mg;
for my $kind ( sort keys %needed ) {
        my @all   = @{ $needed{$kind} };
        my @tried = map { $all[ $_ * @all / 15 ] } 0 .. 14;
        my $hit   = 0;
        for my $i (@tried) {
                my @lines = @good;
                splice @lines, $i, 1;
                $hit++ if ( judge( \@lines, 1 ) )[0] == 1;
        }
        cmp_ok( scalar @all, ">=", 15, "a trace with enough $kind" );

# A pointer to a table goes by any address in it: now and then another TLBI does the same.
        cmp_ok(
                $hit, '>=',
                @tried - ( $kind eq 'tlbi' ? 2 : 0 ),
                "dropped: $kind that is needed"
        );
}

for my $kind (qw(w isb vttbr hw)) {
        my ( $n, $hit ) = caught( $kind, $damages{dropped}, 1 );
        note("dropped: $hit of $n $kind caught by their meaning");
}
done_testing();
