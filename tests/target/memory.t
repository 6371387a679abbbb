# SPDX-License-Identifier: BSD-2-Clause
#
# Machines with all zones, and with two NUMA nodes: what the hypervisor and the small guest say of
# them, and where a guest's memory comes from.
use strict;
use warnings;
no warnings 'portable'; # addresses beyond 32 bits
use Test::More;
use Twofold;

my $small = "$build/small.img";
my $numa = [ '-object', 'memory-backend-ram,id=a,size=1G',
	'-object', 'memory-backend-ram,id=b,size=1G', '-numa', 'node,memdev=a',
	'-numa', 'node,memdev=b', '-numa', 'dist,src=0,dst=1,val=30' ];

# Figures of a zone's line of `mem`: [first, last, present, managed, free].
sub zone {
	my ($out, $node, $name) = @_;
	my ($of_node) = $out =~ /^node $node +distance(.*?)(?=^node|^cpu lists)/ms or return;
	return unless $of_node =~ /^\ \ $name\ +\[mem\ 0x([0-9a-f]+)-0x([0-9a-f]+)\]
		\ \ present\ (\d+)\ \ managed\ (\d+)\ \ free\ (\d+)/mx;
	return (hex $1, hex $2, $3, $4, $5);
}

{
	my $m = machine(mem => '5G', guests => [ "kernel=$small,name=small,mem=128M,args=" ],
		input => "mem\nmem slab\ns2 check\nexit 0\n");
	passed($m, '5 GiB');
	for my $line (qr/^pool +\d+ frames/m, qr/^promised +\d+ of the free frames/m,
		qr/^    min \d+  low \d+  high \d+  reserve/m,
		qr/^    order +0 +1 .* 10  2M blocks$/m,
		(map { qr/^    $_( +\d+){12}$/m } qw(unmovable movable reclaimable isolated)),
		qr/^    unusable  ( +\d\.\d{3}){11}$/m, qr/^    fragmented ( +-?\d+){11}$/m,
		qr/^cpu lists  node 0, blocks by order:  0: \d+/m,
		qr/^kmalloc-32 +32 +32 +\d+ +\d on /m, qr/^kmalloc-4M +4194304 /m) {
		like($m->{out}, $line, "mem says $line");
	}
	my @dma = zone($m->{out}, 0, 'DMA');
	my @dma32 = zone($m->{out}, 0, 'DMA32');
	my @normal = zone($m->{out}, 0, 'Normal');
	is_deeply([ @dma[0 .. 2] ], [ 0x40000000, 0x40ffffff, 4096 ],
		'DMA is the first 16 MiB');
	is_deeply([ @dma32[0 .. 2] ], [ 0x41000000, 0xffffffff, 0xbf000 ],
		'DMA32 ends at 4 GiB');
	is_deeply([ @normal[0 .. 2] ], [ 0x100000000, 0x17fffffff, 0x80000 ],
		'Normal is the rest');
	ok($normal[3] - $normal[4] > 500 && $dma32[3] == $dma32[4],
		'memory comes from the highest zone');
	like($m->{out}, qr/^    node 0  Normal   \[mem 0x000100000000-0x00017fffffff\]/m,
		'said at boot');
}

{
	my $m = machine(mem => '2G', guests => [ "kernel=$small,name=small,mem=128M,args=" ],
		input => "mem\ns2 check\nexit 0\n", qemu_args => $numa);
	passed($m, 'two nodes');
	like($m->{out}, qr/^node 0 +distance 10 30  hit [1-9]\d*  miss 0  foreign 0$/m,
		'distances are read, and requests served where wished');
	my @near = zone($m->{out}, 0, 'DMA32');
	my @far = zone($m->{out}, 1, 'DMA32');
	is_deeply([ @far[0 .. 2] ], [ 0x80000000, 0xbfffffff, 0x40000 ],
		'each has its memory');
	ok($near[3] - $near[4] > 500, 'a first touch takes a frame of the CPU\'s node');
	is($far[3], $far[4], 'and none of the other one');
}

{
	# Two CPUs, a node each, and guests enough for both, which touch memory where they run.
	my @each = ('-object', 'memory-backend-ram,id=a,size=1G',
		'-object', 'memory-backend-ram,id=b,size=1G', '-numa', 'node,memdev=a,cpus=0',
		'-numa', 'node,memdev=b,cpus=1', '-numa', 'dist,src=0,dst=1,val=30');
	my @names = 'a' .. 'h';
	my $m = machine(mem => '2G', smp => 2, limit => 120,
		guests => [ map { raw('touch', name => $_, mem => '64M', leaf => '4k',
			args => 'count=4000') } @names ],
		input => join('', map { "wait $_ ready 60\n" } @names) .
			join('', map { "send $_ x\n" } @names) .
			join('', map { "wait $_ touched 60\n" } @names) .
			"mem\ns2 check\nexit 0\n",
		qemu_args => \@each);
	passed($m, 'two nodes, a CPU each');
	my ($hits) = $m->{out} =~ /^node 1 +distance 30 10  hit (\d+)  miss 0  foreign 0$/m;
	my @far = zone($m->{out}, 1, 'DMA32');
	ok(($hits // 0) > 1000 && $far[3] - $far[4] > 1000,
		'a CPU takes its own node\'s frames') or diag $m->{out};
}

{
	# More than node 0 has: the rest comes from node 1.
	my $m = machine(mem => '2G', limit => 120,
		guests => [ "kernel=$small,name=small,mem=1200M,populate=eager,args=" ],
		input => "mem\ns2 check\nvm stop small\nmem\ns2 check\nexit 0\n",
		qemu_args => $numa);
	passed($m, 'a guest larger than a node');
	my @near = zone($m->{out}, 0, 'DMA32');
	my @far = zone($m->{out}, 1, 'DMA32');
	ok($near[4] < 1024, 'the near node is full');
	ok($far[3] - $far[4] > 40000, 'the far one gives the rest');
	my @after = zone(($m->{out} =~ /vm stop small(.*)/s)[0], 1, 'DMA32');
	is($after[4], $after[3], 'which comes back when the guest ends');
}

{
	# The small guest on the machine itself, at EL1: its own nodes and zones.
	for my $nodes (1, 2) {
		my @more = $nodes == 2 ? @$numa : ();
		my $m = qemu(board => 'virt,gic-version=3', kernel => $small,
			mem => $nodes == 2 ? '2G' : '5G', limit => 180, hyp_args => ['off'],
			args => \@more);
		my $zone = qr/node \d   \w+ +\[mem 0x[0-9a-f]+-0x[0-9a-f]+\]/;
		my @zones = $m->{out} =~ /^\S*\s*($zone)/mg;
		is_deeply([ map { s/ +/ /gr } @zones ], $nodes == 1
			? [ 'node 0 DMA [mem 0x0000000040000000-0x0000000040ffffff]',
				'node 0 DMA32 [mem 0x0000000041000000-0x00000000ffffffff]',
				'node 0 Normal [mem 0x0000000100000000-0x000000017fffffff]' ]
			: [ 'node 0 DMA [mem 0x0000000040000000-0x0000000040ffffff]',
				'node 0 DMA32 [mem 0x0000000041000000-0x000000007fffffff]',
				'node 1 DMA32 [mem 0x0000000080000000-0x00000000bfffffff]' ],
			"the guest's zones on $nodes node(s)") or diag $m->{out};
	}
}

# QEMU's tree with dma-ranges at the PCI host: masters reach RAM's first `size` bytes.
sub tree_with_dma_ranges {
	my ($board, $mem, $size) = @_;
	my $file = "$build/memory.dtb";
	my ($status) = Twofold::run(30, '', 'qemu-system-aarch64', '-M', "$board,dumpdtb=$file",
		'-cpu', 'cortex-a72', '-m', $mem, '-nic', 'none', '-display', 'none');
	my $blob = Twofold::slurp($file);
	my ($struct, $strings) = unpack 'x8N2', $blob;
	my ($names_size, $struct_size) = unpack 'x32N2', $blob;
	my $value = pack 'N7', 0x02000000, 0, 0, 0, 0x40000000, 0, $size;
	my $property = pack 'N3a*', 3, length $value, $names_size, $value;
	my $at = index $blob, "pcie\@", $struct;
	# Behind the node's name: its end is a 0, padded to four bytes.
	$at = (index($blob, "\0", $at) + 4) & ~3;
	# The name behind all others, then the property, for strings lie behind the structure.
	die "$file: not as expected\n" if $status || $at < 4 || $strings < $struct;
	substr($blob, $strings + $names_size, 0) = "dma-ranges\0";
	substr($blob, $at, 0) = $property;
	$strings += length $property;
	$names_size += 11;
	# Without the room QEMU left behind, which it would double.
	$blob = substr $blob, 0, $strings + $names_size;
	substr($blob, 4, 4) = pack 'N', length $blob;
	substr($blob, 12, 4) = pack 'N', $strings;
	substr($blob, 32, 8) = pack 'N2', $names_size, $struct_size + length $property;
	Twofold::spill($file, $blob);
	return $file;
}

{
	# 64 MiB of RAM are all that the masters behind PCI reach.
	my $tree = tree_with_dma_ranges('virt,virtualization=on,gic-version=3', '2G', 64 << 20);
	my $m = qemu(mem => '2G', limit => 60, args => [ '-dtb', $tree ],
		input => "mem\nexit 0\n");
	my @dma = zone($m->{out}, 0, 'DMA');
	my @dma32 = zone($m->{out}, 0, 'DMA32');
	is_deeply([ @dma[0 .. 2] ], [ 0x40000000, 0x43ffffff, 16384 ],
		'dma-ranges say where zone DMA ends') or diag $m->{out};
	is($dma32[0], 0x44000000, 'and DMA32 begins');
	$tree = tree_with_dma_ranges('virt,gic-version=3', '2G', 64 << 20);
	$m = qemu(board => 'virt,gic-version=3', kernel => $small, mem => '2G', limit => 60,
		hyp_args => ['off'], args => [ '-dtb', $tree ]);
	like($m->{out}, qr/node 0 +DMA +\[mem 0x0000000040000000-0x0000000043ffffff\]/,
		'to the small guest as well');
}

done_testing();
