# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a guest sees within a second that a disk or a file changed its size
# limit: 300
# budget: 70
# drivers: ours

. /selftests/lib/common.sh

microseconds() {
	echo "${EPOCHREALTIME/[.,]/}"
}

# seen VDEV MIB COMMAND...: the guest sees the size that a command brings about;
# sets $took, milliseconds
seen() {
	local vdev=$1 sectors=$(($2 * 2048)) begin
	shift 2
	guest_ask g1 "for _ in \$(seq 150); do
		[ \$(cat /sys/block/$vdev/size) != $sectors ] || break;
		usleep 100000; done; [ \$(cat /sys/block/$vdev/size) = $sectors ]"
	# it looks by now
	sleep 1
	begin=$(microseconds)
	run "$@"
	guest_answer g1 60 || fail "the guest does not see $sectors sectors"
	took=$((($(microseconds) - begin) / 1000))
	echo "$vdev has $sectors sectors after $took ms"
}

# An emulated machine that shares its CPUs may be slow: the best of some tries
# counts, and what it takes to ask the guest anything at all is allowed.
quick() { [ $best -lt $((1000 + asking)) ]; }

in_time() {
	figure "milliseconds until $1 has a new size" $best
	quick || fail "the guest sees it after $best ms"
}

grow_loop() {
	truncate -s "$2M" "$1" && losetup -c "$disk"
}

make_store
make_disk disk 64
run truncate -s 64M "$store/image"
guest_start g1 disks="phy:$disk,xvda,w $(file_disk xvdb rw "$store/image")"
guest_wait_ready g1
id=$(guest_id g1)
back=/local/domain/0/backend/vbd/$id

asking=20000
for _ in 1 2 3; do
	begin=$(microseconds)
	guest_do g1 true
	took=$((($(microseconds) - begin) / 1000))
	[ $took -gt $asking ] || asking=$took
done
figure "milliseconds to ask the guest" $asking

step "a block device grows"
best=20000
for size in 128 160 192 224; do
	seen xvda $size grow_loop disk.img $size
	[ $took -gt $best ] || best=$took
	! quick || break
done
in_time xvda
expect sectors $((size * 2048)) "$(read_key "$back/51712/sectors")"
step "a file grows: by truncate, by a write at its end"
best=20000
for size in 128 160 192 224; do
	seen xvdb $size truncate -s ${size}M "$store/image"
	[ $took -gt $best ] || best=$took
	! quick || break
done
in_time xvdb
expect sectors $((size * 2048)) "$(read_key "$back/51728/sectors")"
seen xvdb $((size + 1)) dd if=/dev/zero of="$store/image" bs=1M count=1 seek=$size
guest_do g1 "dd if=/dev/zero of=/dev/xvda bs=64k seek=2044 count=4 conv=fsync &&
	dd if=/dev/zero of=/dev/xvdb bs=64k seek=2060 count=4 conv=fsync"

step "they shrink"
seen xvda 64 grow_loop disk.img 64
seen xvdb 64 truncate -s 64M "$store/image"
guest_do g1 "[ \$(dd if=/dev/xvda bs=64k skip=1023 count=2 | wc -c) = 65536 ] &&
	[ \$(dd if=/dev/xvdb bs=64k skip=1023 count=2 | wc -c) = 65536 ]"

step "sizes change while the guest works"
guest_ask g1 "mke2fs -q -F /dev/xvda 32768 && mke2fs -q -F /dev/xvdb 32768 &&
	mkdir -p /mnt/a /mnt/b && mount -t ext2 /dev/xvda /mnt/a &&
	mount -t ext2 /dev/xvdb /mnt/b && for round in 1 2; do
	fill_and_check /mnt/a/work 3 4 && fill_and_check /mnt/b/work 3 4 ||
	exit 1; done"
for round in $(seq 21); do
	size=$((64 + round % 3 * 16))
	grow_loop disk.img $size || fail "cannot resize $disk"
	run truncate -s ${size}M "$store/image" > /dev/null
	sleep 0.2
done
guest_answer g1 || fail "the guest's files differ"
guest_do g1 "umount /mnt/a /mnt/b"
expect "last size" $((64 * 2048)) "$(read_key "$back/51728/sectors")"
guest_end g1
run umount "$store"
