# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: blocks of 512 bytes for a guest on a disk of 4096-byte blocks
# limit: 300
# budget: 60
# drivers: ours
# allow: emulate-512
# allow: I/O error on dev(ice)? testdisk
# allow: EXT4-fs warning \(device testdisk\): ext4_end_bio

. /selftests/lib/common.sh

stopped() {
	[[ $(cut -d ' ' -f 3 "/proc/$pid/stat") == T ]]
}

# shrinks DISK COMMAND...: a command makes the disk half as large in use.
shrinks() {
	local pid disk=$1
	shift
	/selftests/bin/frontend shrunk 1 52272 "$disk" &
	pid=$!
	wait_until 20 stopped || fail "the frontend does not get that far"
	"$@"
	run kill -CONT "$pid"
	wait "$pid" || fail "past the end of $disk"
}

shrinks_mapped() {
	map_disk shrinks "0 131072 linear /dev/nullb0 0"
	shrinks "$disk" remap_disk shrinks "0 65536 linear /dev/nullb0 0"
	unmap_disk shrinks
}

# The disk tells nobody, so that its vbd does not know either.
shrinks_silently() {
	echo 8192 > $testdisk/sectors
}

parameter=/sys/module/xen_blkback/parameters/emulate_512
testdisk=/sys/module/testdisk/parameters
make_null_disk nullb0 size=64 blocksize=4096 cache_size=16
modprobe -r xen-blkfront 2>/dev/null

step "a block device, with the parameter"
expect emulate_512 N "$(cat $parameter)"
! /selftests/bin/frontend small 1 52272 /dev/nullb0 2> said ||
	fail "blocks are of 512 bytes already"
grep "sector-size is 4096, not 512" said || fail "says: $(cat said)"
echo Y > $parameter
run /selftests/bin/frontend small 1 52272 /dev/nullb0
run /selftests/bin/frontend closing 1 52272 /dev/nullb0

step "others read and write the disk as well"
map_disk above "0 131072 linear /dev/nullb0 0"
run /selftests/bin/frontend fresh 1 52272 "$disk"
unmap_disk above

step "the disk becomes smaller"
shrinks_mapped
run modprobe testdisk block=4096
wait_until 10 test -b /dev/testdisk || fail "no /dev/testdisk"
shrinks /dev/testdisk shrinks_silently
echo 16384 > $testdisk/sectors

step "a disk that fails, and a power failure in the middle of writing"
echo 1 > $testdisk/looking
run /selftests/bin/frontend torn 1 52272 /dev/testdisk
expect "writes whose data changed under way" 0 "$(cat $testdisk/changed)"
echo 0 > $testdisk/looking
step "flushes that fail"
run /selftests/bin/frontend flush-errors 1 52272 /dev/testdisk
step "an error of a file's page cache is told to each that flushes"
echo N > $parameter
run mke2fs -q -F -t ext4 -b 4096 -O ^has_journal /dev/testdisk
run mount -t ext4 /dev/testdisk /mnt
run dd if=/dev/zero of=/mnt/file bs=1M count=2 conv=fsync
run /selftests/bin/frontend two-flushes 1 52272 /mnt/file
backends_gone "vbd-0-*"
run umount /mnt
run modprobe -r testdisk
echo Y > $parameter
step "the same on blocks that are smaller than a page"
make_null_disk nullb1 size=64 blocksize=2048 cache_size=16
run /selftests/bin/frontend small 1 52272 /dev/nullb1
drop_null_disk nullb1
run modprobe testdisk block=2048
wait_until 10 test -b /dev/testdisk || fail "no /dev/testdisk"
echo 1 > $testdisk/looking
run /selftests/bin/frontend torn 1 52272 /dev/testdisk
expect "writes whose data changed under way" 0 "$(cat $testdisk/changed)"
run modprobe -r testdisk
echo N > $parameter
shrinks_mapped

step "a file on it, as it comes"
run mke2fs -q -F -t ext4 /dev/nullb0
run mount -t ext4 /dev/nullb0 /mnt
truncate -s 8M /mnt/image
run /selftests/bin/frontend small 1 52272 /mnt/image
step "a file on it, with its own blocks"
offer_vbd w physical-device-path /mnt/image emulate-512 0
wait_until 10 vbd_opened || fail "not opened"
withdraw_vbd
dmesg | grep -q 'file /mnt/image, through the page cache' || fail "not cached"
dmesg | grep -q 'file /mnt/image, direct I/O' || fail "not direct"
run umount /mnt

step "no such value"
offer_vbd w physical-device "$(stat -c %t:%T /dev/nullb0)" emulate-512 2
vbd_refused 'emulate-512 is "2", not one of: 0 1'
withdraw_vbd
drop_null_disk nullb0
