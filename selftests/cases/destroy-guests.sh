# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: 50 guests destroyed in the middle of I/O leave nothing behind
# limit: 1200
# tier: all

# In make check, destroy does the same to two guests and to frontends in dom0.

. /selftests/lib/common.sh

guests=50
killed=0 found=0

# image NAME EXTRA: a guest in the middle of its work, written to NAME.save. Each
# restore is a guest that goes on with that work, without a boot.
image() {
	guest_start "$1" memory=128 disks="phy:$disk,xvda,w" ${2:+extra="$2"}
	guest_wait_ready "$1"
	guest_do "$1" "for n in 1 2 3 4; do
		while dd if=/dev/xvda of=/dev/null bs=64k iflag=direct;
		do :; done 2>/dev/null &
		while dd if=/dev/zero of=/dev/xvda bs=64k oflag=direct;
		do :; done 2>/dev/null & done; sleep 1" > /dev/null
	id=$(guest_id "$1")
	run timeout 120 xl save "$1" "$1.save"
	backends_gone "vbd-$id-*"
}

at_work() {
	[ "$(vbd_stat "$1" 51712 rd_sect)" -gt 0 ] &&
		[ "$(vbd_stat "$1" 51712 wr_sect)" -gt 0 ]
} 2>/dev/null

destroy() {
	local id
	id=$(guest_id "$1")
	wait_until 60 at_work "$id" || fail "$1 does not read and write"
	found=$((found + $(vbd_inflight "$id" 51712)))
	run xl destroy "$1"
	backends_gone "vbd-$id-*"
}

make_slow_disk nullb0
disk=/dev/nullb0
image g1
image g2 xen_blkfront.feature_persistent=0
take_stock before
xen_before=$(xen_stock)

step "$guests guests, destroyed while they read and write"
begin=$SECONDS
while [ $killed -lt $guests ]; do
	for name in g1 g2; do
		run timeout 120 xl restore $name.save > /dev/null
		destroy $name
		killed=$((killed + 1))
	done
	[ $((killed % 10)) != 0 ] || step "$killed are destroyed"
done
figure "seconds for that" $((SECONDS - begin))
figure "guests destroyed" $killed
figure "requests in flight when they were destroyed" $found
[ $found -ge $guests ] || [ ! -d /sys/kernel/debug/xen-backends ] ||
	fail "they were idle"

sleep 1
take_stock after
compare_stock before after 2048
expect "domains, and MiB free" "$xen_before" "$(xen_stock)"
drop_null_disk nullb0
