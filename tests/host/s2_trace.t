#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# tools/s2-trace-check finds nothing in a good trace and something in a damaged one.  Damage
# is one line dropped, doubled or exchanged with the next, the sequence numbers made good again, so
# that only the meaning can tell.  Lines whose loss breaks a rule must all be caught; the share of
# the others is printed.
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

# The verdict on some lines, and what was said.
sub judge {
        my ($lines) = @_;
        open my $f, '>', "$dir/damaged" or die;
        print $f @$lines;
        close $f;
        return check_file("$dir/damaged");
}

is( system("$B/soak/s2_trace $dir/good 18000 12 >/dev/null"),
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

# Of some lines of the kind, how many were damaged, and of how many damages the checker tells.  By
# its number a line is told at once, so what follows is left out; by its meaning the trace is whole.
sub caught {
        my ( $kind, $damage, $renumber ) = @_;
        my ( $n, $hit ) = ( 0, 0 );
        for my $i ( some($kind) ) {
                my $last  = $renumber || $i + 2 > $#good ? $#good : $i + 2;
                my @lines = @good[ 0 .. $last ];
                $damage->( \@lines, $i );
                renumber( \@lines, $i ) if $renumber;
                my ( $status, $said ) = judge( \@lines );
                $n++;
                $hit++ if $status == 1 && ( $renumber || $said =~ /^line \d+: form: / );
        }
        return ( $n, $hit );
}

# Makes good the sequence numbers from a line on.
sub renumber {
        my ( $lines, $from ) = @_;
        $lines->[$_] =~ s/^S2EV \d+/S2EV $_/ for $from .. $#$lines;
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
                renumber( \@lines, $i );
                $hit++ if ( judge( \@lines ) )[0] == 1;
        }
        cmp_ok( scalar @all, ">=", 15, "a trace with enough $kind" );

# A pointer to a table goes by any address in it: now and then another TLBI does the same.
        cmp_ok(
                $hit, '>=',
                @tried - ( $kind eq 'tlbi' ? 2 : 0 ),
                "dropped: $kind that is needed"
        );
}

# Each rule, broken once by a trace of a few lines: a root and a table of 4 KiB granules, start
# level 2, the table with its first page mapped and linked, under the lock.
my @root = ('alloc 10000 1000', 'root 10000 1 2 5 7 4 30 0');
my @table = ('alloc 11000 1000', 'lock 7', 'w 11000 10000400007ff', 'w 10000 11003 rel');
my @seen = ('dsb ishst', 'isb');
my @gone = ('dsb ishst', 'vttbr 5000000010000', 'isb', 'tlbi ipas2e1is 0', 'dsb ish',
        'tlbi vmalle1is', 'dsb ish', 'isb');
my @end = ('unlock 7', 'droot 10000', 'free 10000 1000');
my @rules = (
        [ '', 'all well', @root, @table, @seen, 'w 11000 0 rel', 'w 10000 0 rel', @gone,
                'free 11000 1000', @end ],
        [ 'form', 'no event', 'hello' ],
        [ 'form', 'another number of words', 'alloc 10000' ],
        [ 'form', 'no such DSB', 'dsb osh' ],
        [ 'form', 'no such TLBI', 'tlbi vae1is 0' ],
        [ 'pages', 'taken twice', 'alloc 10000 1000', 'alloc 10000 1000' ],
        [ 'pages', 'given back by halves', 'alloc 10000 2000', 'free 10000 1000' ],
        [ 'pages', 'given back while linked', @root, @table, @seen, 'free 11000 1000' ],
        [ 'pages', 'given back before the TLBI', @root, @table, @seen, 'w 10000 0 rel',
                'free 11000 1000' ],
        [ 'pages', 'left', 'alloc 10000 1000' ],
        [ 'pages', 'a root that still leads somewhere', @root, @table, @seen, 'unlock 7',
                'droot 10000' ],
        [ 'link', 'a table that nobody took', @root, 'lock 7', 'w 10000 12003 rel' ],
        [ 'link', 'a table twice', @root, @table, 'w 10008 11003 rel' ],
        [ 'store', 'to no table page', 'w 10000 1 rel' ],
        [ 'store', 'plainly where walks look', @root, @table, 'w 11008 10000410007ff' ],
        [ 'store', 'valid in an unlinked table', @root, @table, @seen, 'w 10000 0 rel',
                'w 11008 10000410007ff rel' ],
        [ 'bbm', 'a leaf becomes another', @root, @table, 'w 11000 10000410007ff rel' ],
        [ 'bbm', 'a table becomes a leaf', @root, @table, 'w 10000 10000400007fd rel' ],
        [ 'bbm', 'made before the TLBI', @root, @table, @seen, 'w 11000 0 rel',
                'w 11000 10000410007ff rel' ],
        [ 'order', 'a store without a DSB', @root, @table, 'unlock 7' ],
        [ 'order', 'a store without an ISB', @root, @table, 'dsb ishst', 'unlock 7' ],
        [ 'order', 'no TLBI', @root, @table, @seen, 'w 11000 0 rel', @seen, 'unlock 7' ],
        [ 'order', 'a TLBI of another VMID', @root, @table, @seen, 'w 11000 0 rel',
                map({ s/^vttbr 5/vttbr 6/r } @gone), 'unlock 7' ],
        [ 'order', 'a TLBI of another address', @root, @table, @seen, 'w 11000 0 rel',
                map({ s/^tlbi ipas2e1is 0/tlbi ipas2e1is 1/r } @gone), 'unlock 7' ],
        [ 'order', 'no stage 1', @root, @table, @seen, 'w 11000 0 rel',
                grep({ !/vmalle1is/ } @gone), 'unlock 7' ],
        [ 'order', 'no DSB behind a TLBI', @root, @table, @seen, 'w 11000 0 rel', @gone[ 0 .. 3 ],
                'isb', 'unlock 7' ],
        [ 'lock', 'a store without it', @root, 'w 10000 1 rel' ],
        [ 'lock', 'taken twice', 'lock 7', 'lock 7' ],
        [ 'lock', 'given back by nobody', 'unlock 7' ],
        [ 'lock', 'kept', 'lock 7' ],
        [ 'vmid', 'for two roots', @root, 'alloc 20000 1000', 'root 20000 1 2 5 8 4 30 0' ],
        [ 'vmid', 'a root that goes with entries left', @root, @table, @seen, 'w 10000 0 rel',
                'droot 10000' ],
        [ 'vmid', 'a root that is left', @root ],
        [ 'hw', 'writes no leaf', @root, @table, 'hw 11008 7ff' ],
        [ 'hw', 'writes an output', @root, @table, 'hw 11000 10000410007ff' ],
);
my %of = map { $_->[0] => 1 } @rules;
for (@rules) {
        my ($rule, $what, @lines) = @$_;
        my @numbered = map { "S2EV $_ 0 $lines[$_]\n" } 0 .. $#lines;
        my ($status, $said) = judge( \@numbered, 0 );
        my ($found) = $said =~ /^line \d+: (\w+):/;
        is( $found // '', $rule, ( $rule || 'nothing' ) . ": $what" ) or diag $said;
}

# Every rule of the judge's head is there.
my $head = do { local ( @ARGV, $/ ) = 'tools/s2-trace-check'; <> } =~ s/^use strict.*//msr;
is_deeply( [ sort grep { $_ } keys %of ], [ sort $head =~ /^#   (\w+)  +\w/mg ], 'every rule' );

for my $kind (qw(w isb vttbr hw)) {
        my ( $n, $hit ) = caught( $kind, $damages{dropped}, 1 );
        note("dropped: $hit of $n $kind caught by their meaning");
}
done_testing();
