# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a read-only disk is read, and cannot be written
# limit: 600
# budget: 20

. /selftests/lib/common.sh

make_fs_disk disk 32
run mount -t ext4 "$disk" /mnt
echo content > /mnt/file
run umount /mnt
sum=$(md5sum < disk.img)
guest_start g1 disks="phy:$disk,xvda,r"
guest_wait_ready g1
guest_do g1 "grep 1 /sys/block/xvda/ro"
guest_do g1 "mkdir -p /mnt && mount -t ext4 -o ro,noload /dev/xvda /mnt &&
	grep content /mnt/file && umount /mnt"
guest_do g1 "! dd if=/dev/zero of=/dev/xvda bs=4k count=1 conv=fsync"
guest_do g1 "! dd if=/dev/zero of=/dev/xvda bs=512 seek=99 count=1 conv=fsync"
expect "write requests" 0 "$(vbd_stat "$(guest_id g1)" 51712 wr_req)"
guest_end g1
expect "checksum of the disk" "$sum" "$(md5sum < disk.img)"
