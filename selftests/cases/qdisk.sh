# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: QEMU's qdisk gives a guest a qcow2 disk through our gntdev and evtchn
# limit: 480
# budget: 100
# rounds: 1 2

. /selftests/lib/common.sh

# Grants mapped and copied so far, for whomever.
operations() {
	awk '/^(map|copy)_ops:/ { sum += $2 } END { print sum + 0 }' \
		/sys/kernel/debug/xen-backends/grants
}

# Clusters that nobody refers to are all that a kill may leave.
check_image() {
	in_qdisk /assets/qdisk/bin/qemu-img check -q $store/disk.qcow2
	case $? in
	0|3)	;;
	*)	fail "the image is damaged" ;;
	esac
}

# what QEMU has is apart from the rest of dom0, so that it can be swapped out
group=/sys/fs/cgroup/qdisk
mountpoint -q /sys/fs/cgroup ||
	run mount -t cgroup2 none /sys/fs/cgroup
echo +memory > /sys/fs/cgroup/cgroup.subtree_control
mkdir -p $group
make_store
write_qemu "$PWD/qemu"
run sed -i "2i echo \$\$ > $group/cgroup.procs" "$PWD/qemu"
disk="format=qcow2,vdev=xvdb,access=rw,backendtype=qdisk,target=$store/disk.qcow2"

start() {
	guest_start g1 disks="$disk" device_model="$PWD/qemu"
	guest_wait_ready g1
	id=$(guest_id g1)
}

run in_qdisk /assets/qdisk/bin/qemu-img create -q -f qcow2 $store/disk.qcow2 256M
step "the guest makes a file system on a qcow2 disk"
start
expect "backend" qdisk "$(basename "$(dirname "$(dirname \
	"$(read_key "/local/domain/$id/device/vbd/51728/backend")")")")"
[ -e "/sys/bus/xen-backend/devices/vbd-$id-51728" ] &&
	fail "the kernel's backend serves the disk"
before=$(operations)
guest_do g1 "dd if=/dev/zero of=/dev/xvdb bs=64k count=1 2>/dev/null"
guest_do g1 "mke2fs -F /dev/xvdb 131072 && mkdir -p /mnt &&
	mount -t ext2 /dev/xvdb /mnt && fill_and_check /mnt/work 4 8"
used=$(($(operations) - before))
figure "grant operations for QEMU" $used
# other daemons map a few pages each; the files alone are 32 MiB
[ $used -gt 8192 ] || fail "QEMU made $used grant operations through gntdev"

# What QEMU has is taken away from it again and again.
press() {
	while [ ! -e relieved ]; do
		echo 4M 2> /dev/null > $group/memory.reclaim
		usleep 100000
	done
}

from_swap() {
	awk '/^workingset_refault_anon / { print $2 }' $group/memory.stat
}

step "dom0 swaps while the guest writes and compares"
run mkswap /dev/vdc
run swapon /dev/vdc
before=$(from_swap)
press &
guest_do g1 "fill_and_check /mnt/pressed 4 8"
touch relieved
wait $!
run swapoff /dev/vdc
pages=$(($(from_swap) - before))
figure "pages that QEMU had to read again" "$pages"
[ $pages -gt 1000 ] || fail "nearly nothing was swapped"

no_qemu() {
	! pidof xen-qemu-system-i386 > /dev/null
}

guest_is_killed() {
	step "the guest is killed in the middle of a write"
	guest_ask g1 "fill_and_check /mnt/killed 8 8"
	sleep 2
	run xl destroy g1
	wait_until 20 no_qemu || fail "QEMU stays"
	check_image

	step "a second guest finds what the first one wrote"
	start
	guest_do g1 "mkdir -p /mnt && mount -t ext2 /dev/xvdb /mnt &&
		cd /mnt/work && md5sum -c -s sums"
}
# a start with QEMU takes 45 seconds: two of them are for make check-all
[ "$ROUNDS" = 1 ] || guest_is_killed

step "QEMU is killed in the middle of a write"
guest_ask g1 "fill_and_check /mnt/more 8 8"
sleep 2
qemu=$(pidof xen-qemu-system-i386) || fail "no QEMU"
run kill -KILL "$qemu"
sleep 1
run xl destroy g1
sleep 1
check_image

did "xen-gntdev, xen-evtchn" "QEMU's qdisk: a qcow2 disk written and checked"
