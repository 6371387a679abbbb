#!/bin/busybox sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs in a Linux guest of tests/soak/workload.t: workload.sh TARGET SECONDS.  Rounds of work on a
# file or a disk of 16 MiB, until the time is over; what each came to is printed as "NAME SUM", for
# the host, which knows what it must be.  Round N writes numbers from 1000000 * N on.
target=$1
up() { cut -d. -f1 /proc/uptime; }
sum() { sha256sum | cut -d' ' -f1; }
fresh() { sync; echo 3 >/proc/sys/vm/drop_caches; }
end=$(($(up) + $2))

dd if=/dev/zero of="$target" bs=64k count=256 conv=fsync 2>/dev/null
round=0
while [ "$(up)" -lt $end ]; do
	round=$((round + 1))
	from=$((round * 1000000))
	seek=$((round % 8 * 16))
	seq $from $((from + 199999)) | head -c 1m >/tmp/data
	dd if=/tmp/data of="$target" bs=16k seek=$seek conv=notrunc,fsync 2>/dev/null
	fresh
	echo "round $round dd $(dd if="$target" bs=16k skip=$seek count=64 2>/dev/null | sum)"
	seq $from $((from + 99999)) | shuf >/tmp/data
	echo "round $round sort $(sort -n /tmp/data | sum)"
	echo "round $round forks $(for i in $(seq 300); do (echo $i | cat) & done | sort -n | sum)"
	fresh
	echo "round $round cat $(cat "$target" | sum)"
	[ ! -e /disk/SHA256SUMS ] || echo "round $round files $(cd /disk; sha256sum -c SHA256SUMS | sum)"
done
rm /tmp/data
echo "complaints $(dmesg | grep -Eci 'bug:|warning:|stall|oops|call trace|error')"
echo "rounds $round"
