# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: frontends killed in the middle of I/O leave nothing behind
# limit: 300
# budget: 60
# rounds: 2 12

. /selftests/lib/common.sh

# Two guests are destroyed; the other frontends are processes of dom0's, killed
# by a signal: what a backend sees of that is the same, and takes no boot.
rounds=$ROUNDS
each=4
domain=/local/domain/0

# start_frontend NUMBER: it says "busy" when the ring has gone round twice.
start_frontend() {
	local kind=busy
	[ $(($1 / 16 % 2)) = 0 ] || kind=busy-mapped
	/selftests/bin/frontend $kind 1 "$1" /dev/nullb0 > "said$1" 2>&1 9>&- &
	pids="$pids $!"
}

is_busy() {
	grep -q busy "said$1"
}

# What the toolstack does for a domain that is gone.
forget_domain() {
	remove_keys $domain/device/vbd/"$1"
	write_keys $domain/backend/vbd/0/"$1"/online 0 \
		$domain/backend/vbd/0/"$1"/state 5
}

kill_frontends() {
	local number pids= numbers
	numbers=$(seq 51712 16 $((51712 + 16 * (each - 1))))
	for number in $numbers; do start_frontend "$number"; done
	for number in $numbers; do
		wait_until 30 is_busy "$number" ||
			fail "vbd $number: $(cat "said$number")"
		found=$((found + $(vbd_inflight 0 "$number")))
	done
	# shellcheck disable=SC2086
	kill -KILL $pids
	wait
	for number in $numbers; do forget_domain "$number"; done
	backends_gone 'vbd-0-*'
	for number in $numbers; do
		remove_keys "$domain/backend/vbd/0/$number"
	done
	killed=$((killed + each))
}

start_guests() {
	local name
	guest_start g1 disks="phy:/dev/nullb0,xvda,w phy:/dev/nullb1,xvdb,w"
	guest_start g2 disks="phy:/dev/nullb2,xvda,w phy:/dev/nullb3,xvdb,w" \
		extra="xen_blkfront.feature_persistent=0"
	for name in g1 g2; do
		guest_wait_ready $name
		guest_do $name "for n in 1 2 3 4; do
			while dd if=/dev/xvda of=/dev/null bs=64k iflag=direct;
			do :; done 2>/dev/null &
			while dd if=/dev/zero of=/dev/xvdb bs=64k oflag=direct;
			do :; done 2>/dev/null & done; sleep 1" > /dev/null
	done
}

destroy_both() {
	local name
	for name in g1 g2; do
		id=$(guest_id $name)
		found=$((found + $(vbd_inflight "$id" 51712)))
		found=$((found + $(vbd_inflight "$id" 51728)))
		run xl destroy $name
		backends_gone "vbd-$id-*"
		killed=$((killed + 1))
	done
}

for number in 0 1 2 3; do make_slow_disk nullb$number; done
modprobe -r xen-blkfront 2>/dev/null
found=0 killed=0
kill_frontends
killed=0 found=0
# xl makes these for the first guest, and they stay
run write_keys /vm "" /libxl ""
take_stock before
xen_before=$(xen_stock)

step "two guests, destroyed while they read and write"
start_guests
destroy_both
figure "requests in flight when they were destroyed" $found
[ $found -gt 0 ] || [ ! -d /sys/kernel/debug/xen-backends ] ||
	fail "nothing was in flight"

step "$((rounds * each)) other frontends with full rings"
found=0
for _ in $(seq $rounds); do kill_frontends; done
figure "requests in flight when they were killed" $found
[ $found -gt $((rounds * each)) ] ||
	[ ! -d /sys/kernel/debug/xen-backends ] || fail "they were idle"

sleep 1
take_stock after
compare_stock before after 2048
expect "domains, and MiB free" "$xen_before" "$(xen_stock)"
figure "frontends destroyed" $killed
expect "frontends destroyed" $((2 + rounds * each)) $killed
for number in 0 1 2 3; do drop_null_disk nullb$number; done
