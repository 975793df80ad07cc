# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: disks and interfaces attached to and detached from a running guest
# limit: 600
# budget: 70
# rounds: 1 4

. /selftests/lib/common.sh

rounds=$ROUNDS
make_fs_disk disk 16
guest_start g1
guest_wait_ready g1
id=$(guest_id g1)

# one_round SCRIPTS: whose for hotplug, see guest_start
one_round() {
	local scripts=$1 keys
	run timeout 60 xl block-attach g1 "$(disk_spec "phy:$disk,xvdc,w")"
	IFS=, read -r -a keys <<< "$(vif_spec)"
	run timeout 60 xl network-attach g1 "${keys[@]}"
	guest_do g1 "wait_for /dev/xvdc && mount_disk /dev/xvdc /mnt &&
		date > /mnt/file && umount /mnt"
	guest_do g1 "wait_for /sys/class/net/eth0 &&
		ip addr add 10.77.0.9/24 dev eth0 && ip link set eth0 up &&
		ping -c 1 -W 10 10.77.0.1"
	run timeout 60 xl block-detach g1 xvdc
	run timeout 60 xl network-detach g1 0
	wait_until 20 gone "/local/domain/0/backend/vbd/$id/51744" ||
		fail "the disk's nodes stay"
	wait_until 20 gone "/local/domain/0/backend/vif/$id/0" ||
		fail "the interface's nodes stay"
	backends_gone "vbd-$id-51744"
}

step "first round"
one_round stock
sleep 1
take_stock before
step "$rounds rounds"
for _ in $(seq $rounds); do one_round quick; done
sleep 2
take_stock after
compare_stock before after 2048
check_fs "$disk"
