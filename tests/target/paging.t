#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Demand paging, counted exactly: what a guest takes from the pool is what it touches, in pages
# or in blocks; what it touches again costs nothing; what was populated eagerly is there already.
use strict;
use warnings;
use Test::More;
use Twofold;

# name, leaf, RAM, populate, the guest's arguments, pages and blocks it must take by touching.
my @cases = (
	[ 'pages', '4k', '32M', 'demand', 'from=20M step=4096 count=300', 300, 0 ],
	[ 'every-other', '4k', '32M', 'demand', 'from=20M step=8192 count=50', 50, 0 ],
	[ 'bytes', '4k', '32M', 'demand', 'from=20M step=1 count=12289', 4, 0 ],
	[ 'reads', '4k', '32M', 'demand', 'from=20M step=4096 count=33 write=0', 33, 0 ],
	[ 'last-page', '4k', '32M', 'demand', 'from=33550336 step=1 count=4096', 1, 0 ],
	[ 'straddle', '4k', '32M', 'demand', 'from=20975615 step=1 count=2', 2, 0 ],
	[ 'blocks', '2m', '32M', 'demand', 'from=20M step=2M count=5', 0, 5 ],
	[ 'halves', '2m', '32M', 'demand', 'from=20M step=1M count=6', 0, 3 ],
	[ 'in-blocks', '2m', '32M', 'demand', 'from=20M step=4096 count=1024', 0, 2 ],
	[ 'last-block', '2m', '32M', 'demand', 'from=33554431 step=1 count=1', 0, 1 ],
	[ 'block-reads', '2m', '32M', 'demand', 'from=22M step=2M count=3 write=0', 0, 3 ],
	[ 'eager-blocks', '2m', '8M', 'eager', 'from=6M step=4096 count=512', 0, 0 ],
	[ 'eager-pages', '4k', '8M', 'eager', 'from=6M step=4096 count=512', 0, 0 ],
);

# RAM that is no multiple of 2 MiB, which the host command does not offer: its end is in pages.
my @odd = (
	[ 'odd-end', '2m', '33M', 'demand', 'from=33M step=1 count=0', 0, 0 ],
	[ 'odd-tail', '2m', '33M', 'demand', 'from=32M step=4096 count=256', 256, 0 ],
	[ 'eager-tail', '2m', '9M', 'eager', 'from=8M step=4096 count=256', 0, 0 ],
);

sub figures {
	my ($m, $name, $n) = @_;
	return [ answer($m, "vm show $name", $n) =~
		/taken (\d+)  leaves taken: (\d+) pages, (\d+) blocks  stage-2 faults (\d+)/ ];
}

sub input {
	my $input = '';
	for (map { $_->[0] } @_) {
		$input .= "wait $_ ready 60\nvm show $_\nsend $_ g\n"
			. "wait $_ 'not zero' 60\nvm show $_\n"
			. "send $_ g\nwait $_ '# end' 60\nvm show $_\ns2 stat $_\n";
	}
	return $input . "s2 check\nexit 0\n";
}

sub check {
	my ($m, $cpu, $case) = @_;
	my ($name, $leaf, $mem, $populate, $args, $pages, $blocks) = @$case;
	my ($before, $after, $again) = map { figures($m, $name, $_) } 0 .. 2;
	my ($count) = $args =~ /count=(\d+)/;
	is_deeply([ map { $after->[$_] - $before->[$_] } 1, 2 ], [ $pages, $blocks ],
		"$cpu: $name takes $pages pages and $blocks blocks");
	is($after->[3] - $before->[3], $pages + $blocks, "$cpu: $name: by a fault each");
	is_deeply($again, $after, "$cpu: $name: the second time nothing");
	like(join('|', guest_lines($m, $name)),
		qr/touched $count, 0 not zero\|again $count, 0 wrong/,
		"$cpu: $name: found zeros, then what it wrote");
	my $stat = answer($m, "s2 stat $name");
	my ($n2m, $n4k) = $stat =~ /(\d+) of 2M, (\d+) of 4K/;
	is_deeply([ $n4k, $n2m ], [ @$after[ 1, 2 ] ], "$cpu: $name: the tables say the same");
	my ($tables) = $stat =~ /tables\s+(\d+) below/;
	is($after->[0], $n4k + 512 * $n2m + $tables + 2, "$cpu: $name: and so does what it holds");
	return if $populate ne 'eager';
	my $all = $mem =~ s/M//r;
	is_deeply([ @$after[ 1, 2 ] ], $leaf eq '4k' ? [ $all * 256, 0 ] : [ $all % 2 * 256,
		$all >> 1 ],
		"$cpu: $name: all of it from the beginning");
	return;
}

for my $cpu (qw(cortex-a72 max)) {
	my @guests = map {
		my ($name, $leaf, $mem, $populate, $args) = @$_;
		raw('touch', name => $name, leaf => $leaf, mem => $mem, populate => $populate,
			args => $args)
	} @cases;
	my $m = machine(cpu => $cpu, mem => '1G', guests => \@guests, input => input(@cases));
	passed($m, $cpu) or next;
	check($m, $cpu, $_) for @cases;
}

my $at = 0x48000000;
my @modules = map {
	my ($name, $leaf, $mem, $populate, $args) = @$_;
	$at += 0x10000;
	('-device', sprintf 'guest-loader,addr=0x%x,kernel=%s/guests/g_touch.bin,bootargs='
		. 'tf.name=%s tf.leaf=%s tf.mem=%s tf.populate=%s -- %s',
		$at, $build, $name, $leaf, $mem, $populate, $args)
} @odd;
my $m = qemu(args => \@modules, input => input(@odd), limit => 120);
check($m, 'odd RAM', $_) for passed($m, 'odd RAM') ? @odd : ();
done_testing();
