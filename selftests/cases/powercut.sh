# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: QEMU killed while a guest syncs: all it was told of is there
# limit: 300
# budget: 60
# rounds: 4 20
# drivers: ours
# boot: fresh
# host: powercut

. /selftests/lib/common.sh

# Two disks that are files outside: one is the guest's as it is, on the other
# is a file system with a sparse file for the guest.
bdev=/dev/vdd
files=/dev/vde

run mke2fs -q -F -t ext4 -E lazy_itable_init=1 $files
run mke2fs -q -F -t ext4 -E lazy_itable_init=1 $bdev
mkdir -p store
run mount -t ext4 $files store
run truncate -s 48M store/guest.img
run mke2fs -q -F -t ext4 -E lazy_itable_init=1 store/guest.img
sync

step "the guest"
guest_start g1 disks="phy:$bdev,xvda,w \
	$(file_disk xvdb rw "$PWD/store/guest.img")"
guest_wait_ready g1
guest_do g1 "mount_disk /dev/xvda /mnt/a && mount_disk /dev/xvdb /mnt/b"
sync

# Each record is synced on both disks before it is told of. What another
# program writes without a sync keeps the disks busy meanwhile.
told=/local/domain/$(guest_id g1)/data/told
guest_ask g1 "for d in a b; do
	(while :; do dd if=/dev/zero of=/mnt/\$d/noise bs=64k count=8;
	usleep 200000; done) \
	2>/dev/null & done;
	n=0; while n=\$((n + 1)); do
	for d in a b; do
	seq \$n \$((n + 500)) | dd of=/mnt/\$d/n\$n bs=64k conv=fsync || exit 1;
	done 2>/dev/null; xenstore-write data/told \$n; done"
wait_until 30 key_exists "$told" || fail "the guest does not sync"
echo "cut" >&9
while read -r _; do
	echo "told $(read_key "$told")" >&9
done < <(exec xenstore-watch "$told")
