# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a frontend is served as well beside a hostile one as beside an idle one
# limit: 300
# budget: 90
# drivers: ours
# clock: simulated
# dom0: maxcpus=1
# allow: still draining

. /selftests/lib/common.sh

# each request takes the disk 5 ms: what is more is the backend's
make_null_disk nullb0 size=64 irqmode=2 completion_nsec=5000000
# its own work is not what is in question: it copies no data
make_null_disk nullb1 size=64 irqmode=2 completion_nsec=5000000 memory_backed=0
modprobe -r xen-blkfront 2>/dev/null
echo 2 > /sys/module/xen_blkback/parameters/max_queues

# beside NAME KIND: runs the reader beside a neighbour; KIND is 1 or 2. Sets
# $alone and $together, microseconds a request.
beside() {
	local neighbour
	: > neighbour
	/selftests/bin/frontend nuisance "$2" 52352 /dev/nullb1 > neighbour &
	neighbour=$!
	wait_until 60 grep -q "$1" neighbour || fail "no neighbour"
	/selftests/bin/frontend honest 60 52336 /dev/nullb0 > reader ||
		fail "the reader failed"
	alone=$(sed -n 's/^alone //p' reader)
	together=$(sed -n 's/^together //p' reader)
	kill $neighbour
	wait $neighbour || fail "the neighbour failed"
	figure "$1: us a request alone, together" "$alone, $together"
	figure "$1" "$(tail -n 1 neighbour)"
}

# close NAME IDLE HOSTILE: within a tenth
close() {
	[ $(($3 * 10)) -le $(($2 * 11)) ] ||
		fail "$1: $2 us a request beside an idle one, $3 beside a hostile"
}

step "beside a frontend that is idle"
beside idle 1
idle_alone=$alone idle_together=$together
step "beside one that is in the way"
beside hostile 2
close "one at a time" "$idle_alone" "$alone"
close "eight at a time" "$idle_together" "$together"
drop_null_disk nullb0
drop_null_disk nullb1
