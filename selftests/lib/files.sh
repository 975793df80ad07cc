# SPDX-License-Identifier: GPL-2.0 OR MIT
# Files of dom0 as disks of guests.

# file_disk VDEV ACCESS PATH: a disk specification for a guest's configuration.
# Cases about the product's script set file_script=block-file.
file_disk() {
	echo "vdev=$1,access=$2,script=${file_script:-$_quick},target=$3"
}

# A file system in memory that can do direct I/O: a RAM disk with ext4. Sets
# $store, a folder.
make_store() {
	run modprobe brd rd_nr=1 rd_size=$((${1:-384} * 1024))
	run mke2fs -q -F -t ext4 -E lazy_itable_init=1 /dev/ram0
	mkdir -p store
	# no thread that writes inode tables until it is done: it would be counted
	run mount -t ext4 -o noinit_itable /dev/ram0 store
	store=$PWD/store
}

# QEMU and its libraries are in a folder of their own.
in_qdisk() {
	LD_LIBRARY_PATH=/assets/qdisk/usr/lib/x86_64-linux-gnu "$@"
}

# write_qemu PATH: a program that a guest's device_model can name.
write_qemu() {
	cat > "$1" <<-'END'
		#!/bin/bash
		export LD_LIBRARY_PATH=/assets/qdisk/usr/lib/x86_64-linux-gnu
		exec /assets/qdisk/bin/xen-qemu-system-i386 \
			-L /assets/qdisk/share "$@"
		END
	chmod 755 "$1"
}

no_loop_devices() {
	[ -z "$(losetup -a)" ] || fail "there is a loop device: $(losetup -a)"
}

# blocks_of FILE: KiB that it takes
blocks_of() {
	echo $(($(stat -c '%b * %B' "$1") / 1024))
}

# error_of DOMID DEVID: what the backend says is wrong
error_of() {
	read_key "error/backend/vbd/$1/$2/error"
}

# A vbd of dom0's that no frontend will use; the toolstack's part of it.
_vbd_back=/local/domain/0/backend/vbd/0/51952
_vbd_front=/local/domain/0/device/vbd/51952

# offer_vbd MODE KEY VALUE...: waits for InitWait, then writes the keys at once.
# $device_type is disk or cdrom.
offer_vbd() {
	local mode=$1 pairs=
	shift
	write_keys $_vbd_front/backend $_vbd_back $_vbd_front/backend-id 0 \
		$_vbd_front/virtual-device 51952 $_vbd_front/state 1 \
		$_vbd_front/device-type "${device_type:-disk}"
	write_keys $_vbd_back/frontend $_vbd_front $_vbd_back/frontend-id 0 \
		$_vbd_back/online 1 $_vbd_back/mode "$mode" \
		$_vbd_back/dev xvdz $_vbd_back/state 1
	wait_until 10 state_is $_vbd_back 2 || fail "no InitWait"
	expect opened 0 "$(read_key $_vbd_back/opened)"
	while [ $# -gt 0 ]; do
		pairs="$pairs $_vbd_back/$1 $2"
		shift 2
	done
	write_keys $pairs
}

vbd_opened() {
	[ "$(read_key $_vbd_back/opened)" = 1 ]
}

# vbd_refused TEXT: it was not opened, and the error has the text
vbd_refused() {
	wait_until 10 state_is $_vbd_back 5 || fail "not refused"
	error_of 0 51952 | grep -F "$1" || fail "says: $(error_of 0 51952)"
	expect opened 0 "$(read_key $_vbd_back/opened)"
}

# What was wrong with a device goes with it: with its work, for which xenwatch does
# not wait long.
withdraw_vbd() {
	remove_keys $_vbd_front
	remove_keys $_vbd_back
	backends_gone vbd-0-51952
	wait_until 10 gone error/backend/vbd/0/51952 || fail "the error stays"
}
