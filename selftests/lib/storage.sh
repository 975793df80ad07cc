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

# make_slow_disk NAME: /dev/NAME, 32 MiB in memory, each request of which takes
# 20 ms: some are in flight whenever a frontend goes.
make_slow_disk() {
	local folder=/sys/kernel/config/nullb/$1
	run modprobe null_blk nr_devices=0
	[ -d /sys/kernel/config/nullb ] ||
		mount -t configfs none /sys/kernel/config
	run mkdir "$folder"
	echo 32 > "$folder/size"
	echo 1 > "$folder/memory_backed"
	echo 2 > "$folder/irqmode"
	echo 20000000 > "$folder/completion_nsec"
	echo 1 > "$folder/power" || fail "no $1"
	wait_until 10 test -b "/dev/$1" || fail "no /dev/$1"
}

drop_slow_disk() {
	echo 0 > "/sys/kernel/config/nullb/$1/power"
	run rmdir "/sys/kernel/config/nullb/$1"
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
