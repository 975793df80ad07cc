# SPDX-License-Identifier: GPL-2.0 OR MIT
# What is below a vbd of the benchmark. disk_NAME VDEV makes it, once, and sets
# $disk to what xl is told of it.

disk_null() {
	[ -e /dev/nullb0 ] ||
		run modprobe null_blk queue_mode=2 irqmode=0 gb=4
	disk=phy:/dev/nullb0,$1,w
}

# null_blk has discard and a cache to flush only for what it keeps in memory,
# and only configfs says so.
disk_memory() {
	disk_null "$1"
	disk=phy:/dev/nullb1,$1,w
	[ -e /dev/nullb1 ] || make_null_disk nullb1 size=1024 discard=1 \
		cache_size=16 queue_mode=2 irqmode=0 index=1
}

# --- files: the same on all sides, in ext4 on a disk in memory, every block
# written

# written_file NAME MIB: sets $file.
written_file() {
	file=/mnt/$1
	[ -e "$file" ] && return
	[ -e /dev/ram0 ] || make_file_system
	fill_file "$1" "$2"
}

make_file_system() {
	run modprobe brd rd_nr=1 rd_size=$((256 * 1024))
	run mke2fs -q -F -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 \
		/dev/ram0
	run mount -t ext4 /dev/ram0 /mnt
}

# fill_file NAME MIB: also puts blocks where holes were punched. Past the
# page cache, so that nothing stays in it.
fill_file() {
	run dd if=/dev/zero of="/mnt/$1" bs=1M count="$2" conv=notrunc,fsync \
		oflag=direct
}

# How a file becomes a disk is all that differs between the sides; the host
# says which of the next three it is. file_NAME VDEV PATH.

file_loop() {
	local device
	device=$(losetup -n -O NAME -j "$2")
	[ -n "$device" ] || device=$(losetup -f --show --direct-io=on "$2") ||
		fail "no loop device"
	disk=phy:$device,$1,w
}

file_native() {
	disk=$(file_disk "$1" rw "$2")
}

# QEMU goes through dom0's page cache. The file is in it as a whole from the
# beginning: what a read costs must not depend on what was read before.
file_qdisk() {
	disk=vdev=$1,access=rw,backendtype=qdisk,format=raw,target=$2
	device_model=/tmp/bench/qemu
	[ -e $device_model ] || write_qemu $device_model
	run cat "$2" > /dev/null
}

# disk_file VDEV KIND, disk_scratch VDEV KIND: KIND is one of the three.
disk_file() {
	written_file file 128
	"file_$2" "$1" "$file"
}

# What discards punch holes into, and what fills them again.
disk_scratch() {
	written_file scratch 64
	"file_$2" "$1" "$file"
}

refill_scratch() {
	fill_file scratch 64
}

# What QEMU has served, by its own count, in the terms of the kernel's
# backends. It counts no flushes without data and no discards.
qemu_statistics() {
	pidof xen-qemu-system-i386 > /dev/null || return
	xl qemu-monitor-command g1 "info blockstats" | tr ' \r' '\n\n' |
		awk -F = '
		$1 == "rd_bytes" { print "vbd.rd_sect " $2 / 512 }
		$1 == "wr_bytes" { print "vbd.wr_sect " $2 / 512 }
		$1 == "rd_operations" { print "vbd.rd_req " $2 }
		$1 == "wr_operations" { print "vbd.wr_req " $2 }'
}
