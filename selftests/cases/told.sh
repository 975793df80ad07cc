# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a module loaded again keeps to what a connected frontend was told
# limit: 200
# budget: 30
# drivers: ours

. /selftests/lib/common.sh

# options WORD...: parameters of a module that is loaded again.
options() {
	mkdir -p /etc/modprobe.d
	echo "options xen_blkback $*" > $options
}

has_bounds() {
	[ "$(read_key $_vbd_back/max-ring-page-order) $(read_key \
		$_vbd_back/multi-queue-max-queues)" = "$*" ]
}

options=/etc/modprobe.d/told.conf
parameters=/sys/module/xen_blkback/parameters
modprobe -r xen-blkfront 2>/dev/null
make_null_disk nullb0 size=64

step "large rings, and several: the parameters allow none by then"
cat > large <<-END
	await 2
	pages 4 max-ring-page-order
	queues 2 multi-queue-max-queues
	ring
	write ring-ref ring-page-order event-channel multi-queue-num-queues
	write protocol=x86_64-abi
	state 3
	await 4
	state 4
	transfer at=0 requests=8 segs=11
	transfer at=4096 requests=8 segs=11 ring=1
	reload
	transfer at=0 requests=8 segs=11
	transfer at=4096 requests=8 segs=11 ring=1
	reload
	transfer at=64 requests=8 segs=11 ring=1
	state 6
	await 6
	unring
END
echo 2 > $parameters/max_queues
expect "max_ring_page_order" 4 "$(cat $parameters/max_ring_page_order)"
options max_ring_page_order=0 max_queues=1
run /selftests/bin/frontend play 1 52256 /dev/nullb0 "$PWD/large"
expect "max_ring_page_order" 0 "$(cat $parameters/max_ring_page_order)"
expect "max_queues" 1 "$(cat $parameters/max_queues)"

step "a frontend that has yet to connect is told what holds by then"
run modprobe -r xen-blkback
options max_ring_page_order=3 max_queues=2
run modprobe xen-blkback
offer_vbd w physical-device "$(stat -c %t:%T /dev/nullb0)"
has_bounds 3 2 || fail "other bounds"
options max_ring_page_order=1 max_queues=1
run /etc/xen/scripts/reload-backend blkback
wait_until 20 has_bounds 1 1 || fail "the old bounds stay"
withdraw_vbd
drop_null_disk nullb0

step "blocks of 512 bytes on larger ones: the parameter is off by then"
make_null_disk nullb0 size=64 blocksize=4096 cache_size=16
options emulate_512=N
echo Y > $parameters/emulate_512
run /selftests/bin/frontend small-reload 1 52272 /dev/nullb0
expect emulate_512 N "$(cat $parameters/emulate_512)"
drop_null_disk nullb0

rm $options
run modprobe -r xen-blkback
run modprobe xen-blkback
