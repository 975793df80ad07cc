# SPDX-License-Identifier: GPL-2.0 OR MIT
# Block devices for guests and files for their downloads.

# make_disk NAME MIB: a loop device on a sparse file in memory; sets $disk.
make_disk() {
	run truncate -s "$2M" "$1.img"
	disk=$(losetup -f --show "$1.img") || fail "no loop device"
	echo "$1 is $disk"
}

# make_fs_disk NAME MIB: the same with an empty ext4; sets $disk.
make_fs_disk() {
	make_disk "$1" "$2"
	run mke2fs -q -F -t ext4 -E lazy_itable_init=1 "$disk"
}

# make_root_disk NAME: a private copy of the guests' root disk; sets $disk.
make_root_disk() {
	run cp --sparse=always /assets/root.img "$1.img"
	disk=$(losetup -f --show "$1.img") || fail "no loop device"
}

_nullb=/sys/kernel/config/nullb

# make_null_disk NAME SETTING=VALUE...: /dev/NAME, a disk of null_blk in memory.
# Settings are files of its folder (the kernel's Documentation/block/null_blk.rst).
make_null_disk() {
	local name=$1 setting
	shift
	[ -e /sys/module/null_blk ] || run modprobe null_blk nr_devices=0
	[ -d $_nullb ] || run mount -t configfs none /sys/kernel/config
	run mkdir "$_nullb/$name"
	for setting in memory_backed=1 "$@" power=1; do
		echo "${setting#*=}" > "$_nullb/$name/${setting%%=*}" ||
			fail "null_blk: $setting"
	done
	wait_until 10 test -b "/dev/$name" || fail "no /dev/$name"
}

drop_null_disk() {
	echo 0 > "$_nullb/$1/power"
	run rmdir "$_nullb/$1"
}

# make_slow_disk NAME: /dev/NAME, 32 MiB in memory, each request of which takes
# 20 ms: some are in flight whenever a frontend goes.
make_slow_disk() {
	make_null_disk "$1" size=32 irqmode=2 completion_nsec=20000000
}

# There is no udev: dmsetup has to make the nodes.
export DM_DISABLE_UDEV=1

# map_disk NAME TABLE: a device of the device mapper, of a table of one or more
# lines; sets $disk.
map_disk() {
	run dmsetup create "$1" <<< "$2"
	disk=/dev/mapper/$1
	echo "$1 is $disk: $2"
}

# remap_disk NAME TABLE: another table; I/O waits meanwhile.
remap_disk() {
	run dmsetup suspend "$1"
	run dmsetup load "$1" <<< "$2"
	run dmsetup resume "$1"
}

# unmap_disk NAME: when its last user has let go of it.
unmap_disk() {
	wait_until 20 dmsetup remove "$1" || fail "$1 stays"
}

check_fs() {
	run e2fsck -f -n "$1"
}

# start_http FILE MIB: an HTTP server with FILE and FILE.md5 to download, and
# on port 8080 one that takes uploads into ./uploads. The second is apart
# because busybox httpd hands a script its input in small pieces.
start_http() {
	local number
	mkdir -p www uploads
	dd if=/dev/urandom of=block bs=1M count=8 2>/dev/null
	for number in $(seq $(($2 / 8))); do cat block; done > "www/$1"
	md5sum < "www/$1" > "www/$1.md5"
	run httpd -p 80 -h "$PWD/www"
	nc -ll -p 8080 -e /selftests/lib/take-upload "$PWD/uploads" \
		9>&- &
}

# fio_outside DISK: what verify.fio has written in a guest, read in dom0.
fio_outside() {
	DISK=$1 BACKLOG=0 DIRECT=0 \
	LD_LIBRARY_PATH=/assets/fio/usr/lib/x86_64-linux-gnu \
		/assets/fio/usr/bin/fio /assets/fio/jobs/verify.fio \
		--verify_only --output=fio-said 2> fio-errors ||
		fail "$1: $(grep -v 'no version' fio-errors | head -n 3)"
}
