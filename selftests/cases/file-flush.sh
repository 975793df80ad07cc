# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: files: a flush reaches the disk below, no room left is an error
# limit: 120
# budget: 20
# drivers: ours
# allow: (I/O error, dev|Buffer I/O error on dev) xvdz

. /selftests/lib/common.sh

# flushes: of the disk below the file system, done since it is there
flushes() {
	awk '{ print $16 }' /sys/block/nullb0/stat
}

make_null_disk nullb0 size=32 cache_size=8
# The journal flushes by itself, but not within the time of the case. Without one
# ext4 of 6.1 does not flush for what it finds clean.
run mke2fs -q -F -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 /dev/nullb0
mkdir store
run mount -t ext4 -o commit=300 /dev/nullb0 store
modprobe -r xen-blkfront 2>/dev/null

step "flushes: two of a barrier with data, one of one without, on two rings"
run dd if=/dev/zero of=store/image bs=1M count=4
sync
before=$(flushes)
run /selftests/bin/frontend requests 1 51984 "$PWD/store/image"
expect "flushes of the disk" 6 $(($(flushes) - before))

step "a hole that there is no room for"
run truncate -s 8M store/sparse
dd if=/dev/zero of=store/rest bs=64k 2>/dev/null && fail "the disk is not full"
run modprobe xen-blkfront
run xl block-attach 0 "$(file_disk xvdz w "$PWD/store/sparse")"
wait_until 20 test -b /dev/xvdz || fail "no /dev/xvdz"
! dd if=/dev/zero of=/dev/xvdz bs=64k count=16 oflag=direct ||
	fail "a full disk took a write"
run rm store/rest
run dd if=/dev/zero of=/dev/xvdz bs=64k count=16 oflag=direct
run xl block-detach 0 xvdz
wait_until 20 test ! -e /dev/xvdz || fail "/dev/xvdz stays"
run rmmod xen-blkfront
backends_gone "vbd-0-*"
run umount store
drop_null_disk nullb0
