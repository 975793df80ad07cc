# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: answers, caches and stable data, seen from the disk below
# limit: 240
# budget: 40
# drivers: ours
# allow: EXT4-fs error \(device testdisk\)
# allow: (lost sync page write|I/O error while writing superblock)

. /selftests/lib/common.sh

run modprobe testdisk
wait_until 10 test -b /dev/testdisk || fail "no /dev/testdisk"
make_null_disk nullb0 size=64
modprobe -r xen-blkfront 2>/dev/null

step "only what may be unsupported is answered so"
run /selftests/bin/frontend answers 1 52048 /dev/testdisk

step "a disk that turns read-only, and comes back"
run /selftests/bin/frontend readonly 1 52096 /dev/testdisk

step "a frontend that flushes no more after one flush has failed"
run /selftests/bin/frontend flushes 1 52096 /dev/testdisk
run /selftests/bin/frontend no-flushes 1 52096 /dev/testdisk
run /selftests/bin/frontend flush-errors 1 52096 /dev/testdisk
dmesg | grep -q "the next did not: writes are durable" || fail "not said"
dmesg | grep -q "and the next with error -5: no write" || fail "not said"
step "a frontend that knows of no cache gets a disk that has one"
run /selftests/bin/frontend cached 1 52064 /dev/nullb0
step "and a file on such a disk"
# of holes: without a journal ext4 of 6.1 flushes only for a changed inode
run mke2fs -q -F -t ext4 -O ^has_journal /dev/testdisk
run mount -t ext4 /dev/testdisk /mnt
run truncate -s 2M /mnt/holes
run /selftests/bin/frontend flushes 1 52096 /mnt/holes
backends_gone "vbd-0-*"
run umount /mnt
# with a journal for each, and none that is written meanwhile
run mke2fs -q -F -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 /dev/testdisk
run mount -t ext4 -o commit=300 /dev/testdisk /mnt
run dd if=/dev/zero of=/mnt/file bs=1M count=2 conv=fsync
sync
run /selftests/bin/frontend cached-file 1 52064 /dev/nullb0
run losetup --direct-io=on /dev/loop0 /mnt/file
step "pages that the guest changes, through a loop device without a cache"
expect "direct I/O of the loop device" 1 "$(cat /sys/block/loop0/loop/dio)"
run /selftests/bin/frontend stable-above 1 52080 /dev/loop0
run losetup -d /dev/loop0
run umount /mnt

step "pages that the guest changes while a disk has them that checks"
run /selftests/bin/frontend stable 1 52080 /dev/nullb0

run modprobe -r testdisk
drop_null_disk nullb0
