# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: both drivers unbound, unloaded and loaded again under a busy guest
# limit: 400
# tier: all
# budget: 50
# rounds: 2 5
# drivers: ours

. /selftests/lib/common.sh

rounds=$ROUNDS
make_fs_disk disk 96
guest_start g1 vcpus=2 disks="phy:$disk,xvda,w" vifs=1 address=11
guest_wait_ready g1
id=$(guest_id g1)
vbd=/local/domain/0/backend/vbd/$id/51712
vif=/local/domain/0/backend/vif/$id/0

reload() {
	echo "$2" > "/sys/bus/xen-backend/drivers/$3/unbind" ||
		fail "cannot unbind $2"
	run rmmod "$1"
	run modprobe "$1"
	wait_until 20 state_is "$4" 4 || fail "$2 does not connect again"
}

step "$rounds reloads while the guest writes and reads back"
guest_do g1 "mount_disk /dev/xvda /mnt"
guest_ask g1 "for n in \$(seq $((rounds * 3))); do
	fill_and_check /mnt/work 3 3 || exit 1; rm -r /mnt/work; done"
for _ in $(seq $rounds); do
	sleep 1
	reload xen-blkback "vbd-$id-51712" vbd "$vbd"
done
guest_is_at_work g1 || fail "the guest was done before the last reload"
guest_answer g1 300 || fail "the guest's files differ: $answer"
guest_do g1 "umount /mnt"
guest_do g1 "! dmesg | grep -E 'I/O error|EXT4-fs error'"

step "the same for the interface"
guest_do g1 ping_dom0
for _ in $(seq $rounds); do
	reload xen-netback "vif-$id-0" vif "$vif"
	# what the hotplug script does when the guest starts
	run ip link set "vif$id.0" master xenbr0 up
	guest_do g1 ping_dom0
done
figures_of_debugfs
guest_end g1
check_fs "$disk"
