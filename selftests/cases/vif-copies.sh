# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: large packets both ways, whole, and how many copies they take
# limit: 240
# budget: 30
# drivers: ours

. /selftests/lib/common.sh

grants=/sys/kernel/debug/xen-backends/grants

# copied WHAT: bytes and copies since the last call
copied() {
	local bytes ops
	bytes=$(sed -n 's/^copy_bytes: //p' $grants)
	ops=$(sed -n 's/^copy_ops: //p' $grants)
	copy_bytes=$((bytes - ${last_bytes:-0}))
	copy_ops=$((ops - ${last_ops:-0}))
	last_bytes=$bytes last_ops=$ops
}

# few_copies WHAT: of 64 KiB that lie in 16 pages or 17, and their headers. A page of
# the guest's and one of dom0's seldom begin at the same byte of a packet: where pages are
# filled to their end each is copied by two operations, of less than 2000 bytes. Smaller
# packets, as TCP sends them on a busy machine, have fewer bytes an operation in any case.
few_copies() {
	copied
	figure "$1: bytes and copies" "$copy_bytes $copy_ops"
	[ "$copy_bytes" -ge $((8 << 20)) ] || fail "$1: $copy_bytes bytes"
	[ $((copy_bytes / copy_ops)) -ge 2050 ]
}

# some_time WHAT COMMAND: once in five times there are few copies
some_time() {
	local try
	for try in 1 2 3 4 5; do
		guest_do g1 "$2"
		! few_copies "$1" || return 0
	done
	fail "$1: $copy_ops copies for $copy_bytes bytes, the fifth time"
}

# TCP makes packets of what goes out in a millisecond, which is little where it is emulated.
large_packets="echo 44 > /proc/sys/net/ipv4/tcp_min_tso_segs"

start_http file 8
run sh -c "$large_packets"
guest_start g1 vifs=1 address=11
guest_wait_ready g1
guest_do g1 "ping_dom0 && $large_packets"
copied
step "out of dom0"
some_time "to the guest" "download file"
step "out of the guest"
guest_do g1 "head -c 8388608 /dev/urandom > /tmp/file"
copied
some_time "from the guest" "upload /tmp/file up"
figures_of_guest "$(guest_id g1)"
guest_end g1
run sh -c "${large_packets/44/2}"
