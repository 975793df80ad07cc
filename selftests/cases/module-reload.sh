# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: xen-blkback and xen-netback loaded again: no guests, devices that are over
# limit: 180
# budget: 20

. /selftests/lib/common.sh

make_disk disk 8
for round in 1 2 3; do
	run rmmod xen-netback
	run rmmod xen-blkback
	[ ! -e /sys/bus/xen-backend/drivers/vbd ] || fail "vbd driver stays"
	[ ! -e /sys/bus/xen-backend/drivers/vif ] || fail "vif driver stays"
	run modprobe xen-blkback
	run modprobe xen-netback
	run /selftests/bin/frontend vbd 1 51952 "$disk"
	run /selftests/bin/frontend vif 1 7 -
done
figure "rounds" "$round"

# Their frontends are closed and they are not to stay: each can be over before
# the bind that began it is. That is rare: a delay in the driver's uevent, put in
# by hand, makes it certain.
step "devices that are over when the module comes"
devices=40
back=/local/domain/0/backend/vbd/0
over=/local/domain/0/data/over
registered() {
	ls /sys/bus/xen-backend/devices | grep -c "^vbd-0-90" || true
}
is_registered() {
	[ "$(registered)" = "$1" ]
}
run rmmod xen-blkback
for n in $(seq 9001 $((9000 + devices))); do
	write_keys $over/$n/state 6 $back/$n/frontend $over/$n \
		$back/$n/frontend-id 0 $back/$n/online 0 $back/$n/state 1 ||
		fail "cannot write the keys of $n"
done
wait_until 20 is_registered $devices ||
	fail "$(registered) devices instead of $devices"
run modprobe xen-blkback
backends_gone "vbd-0-90*"
figure "devices that were over and have gone" $devices
for n in $(seq 9001 $((9000 + devices))); do
	remove_keys $back/$n || fail "no keys of $n are left"
done
remove_keys $over
