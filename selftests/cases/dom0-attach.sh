# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: block-attach gives dom0 itself a disk, frontend and backend in one
# limit: 180
# budget: 20

. /selftests/lib/common.sh

run modprobe xen-blkfront
make_disk disk 64
step "attaching $disk to dom0"
run xl block-attach 0 "phy:$disk,xvdz,w"
wait_until 20 test -b /dev/xvdz || fail "no /dev/xvdz"
run mke2fs -q -F -t ext4 /dev/xvdz
run mount -t ext4 /dev/xvdz /mnt
dd if=/dev/urandom of=/mnt/file bs=64k count=128 || fail "cannot write"
sum=$(md5sum < /mnt/file)
sync
echo 3 > /proc/sys/vm/drop_caches
expect "checksum read back" "$sum" "$(md5sum < /mnt/file)"
run umount /mnt
figures_of_guest 0
step "detaching"
run xl block-detach 0 xvdz
wait_until 20 test ! -e /dev/xvdz || fail "/dev/xvdz stays"
check_fs "$disk"
run mount -t ext4 -o ro "$disk" /mnt
expect "checksum from outside" "$sum" "$(md5sum < /mnt/file)"
run umount /mnt
# other cases play dom0's frontend themselves
run rmmod xen-blkfront
