# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: xen-blkback and xen-netback unloaded and loaded again without guests
# limit: 180

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
