# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: files as disks without loop devices: direct and through the page cache
# limit: 500
# budget: 70
# drivers: ours
# allow: physical-device-path

. /selftests/lib/common.sh
file_script=block-file

step "a guest on two sparse files and a read-only one"
make_store
run truncate -s 256M "$store/sparse.img"
run truncate -s 65M cached.img
run truncate -s 1000 cached.img
run truncate -s $((64 * 1048576 + 700)) cached.img
run dd if=/dev/urandom of="$store/ro.img" bs=1M count=8
sum=$(md5sum < "$store/ro.img")
guest_start g1 disks="$(file_disk xvda rw "$store/sparse.img") \
	$(file_disk xvdb rw "$PWD/cached.img") \
	$(file_disk xvdc ro "$store/ro.img")"
guest_wait_ready g1
id=$(guest_id g1)
back=/local/domain/0/backend/vbd/$id
no_loop_devices
expect "sectors of the file" 524288 "$(read_key "$back/51712/sectors")"
expect "sectors of a file of odd size" 131073 \
	"$(read_key "$back/51728/sectors")"
expect "sector size" 512 "$(read_key "$back/51712/sector-size")"
expect "opened" 1 "$(read_key "$back/51712/opened")"
dmesg | grep "vbd-$id-51712: file $store/sparse.img, direct I/O" ||
	fail "no direct I/O on ext4"
dmesg | grep "vbd-$id-51728: file $PWD/cached.img, .*no direct I/O" ||
	fail "direct I/O on tmpfs"

step "files are written and read back"
for disk in a b; do
	guest_do g1 "mke2fs -F /dev/xvd$disk 65536 >/dev/null &&
		mkdir -p /mnt/$disk && mount -t ext2 /dev/xvd$disk /mnt/$disk &&
		fill_and_check /mnt/$disk/work 4 4"
done
# what brings a block into the file is done by a worker, the rest is not
guest_do g1 "fill_and_check /mnt/a/work 4 4"
flushes=$(vbd_stat "$id" 51712 f_req)
guest_do g1 "dd if=/dev/zero of=/dev/xvda bs=512 seek=200000 count=3 \
	conv=fsync 2>/dev/null"
[ "$(vbd_stat "$id" 51712 f_req)" -gt "$flushes" ] || fail "fsync is no flush"
used=$(blocks_of "$store/sparse.img")
figure "KiB of 262144 used" "$used"
[ "$used" -lt 100000 ] || fail "the file is not sparse any more"

step "what the guest discards is free"
expect "discard" 1 "$(read_key "$back/51712/feature-discard")"
guest_do g1 "rm -r /mnt/a/work && sync && fstrim /mnt/a"
[ "$(vbd_stat "$id" 51712 ds_req)" -gt 0 ] || fail "fstrim is no discard"
freed=$((used - $(blocks_of "$store/sparse.img")))
figure "KiB freed" $freed
[ $freed -gt 15000 ] || fail "blocks are not freed"
guest_do g1 "fill_and_check /mnt/a/work 4 4"

step "a file is read-only when mode is r"
guest_do g1 "grep 1 /sys/block/xvdc/ro"
guest_do g1 "md5sum /dev/xvdc"
[ "${answer%% *}" = "${sum%% *}" ] || fail "$answer instead of $sum"
guest_do g1 "! dd if=/dev/zero of=/dev/xvdc bs=4k count=1 conv=fsync"

step "a file in use is refused to a second writer"
guest_do g1 "cd /; umount /mnt/a /mnt/b"
figures_of_guest "$id"
! xl block-attach 0 "$(file_disk xvdz rw "$store/sparse.img")" 2> said ||
	fail "dom0 got a file that a guest writes to"
grep "in use by domain $id as device 51712" said ||
	fail "does not say who has the file: $(cat said)"
# xl leaves what it could not attach
run xl block-detach --force 0 xvdz
guest_end g1

step "what was written, from outside"
for image in "$store/sparse.img" cached.img; do
	loop=$(losetup -r -f --show "$image")
	run mount -t ext2 -o ro "$loop" /mnt
	(cd /mnt/work && md5sum -c -s sums) || fail "files on $image differ"
	run umount /mnt
	run losetup -d "$loop"
done
expect "checksum of the read-only file" "$sum" "$(md5sum < "$store/ro.img")"
run umount "$store"
