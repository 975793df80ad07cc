# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: errors of a disk reach the requests they belong to and no other
# limit: 300
# budget: 70

. /selftests/lib/common.sh

# Lines of a table of the device mapper, from a MiB to another one: what works,
# what gives errors, what gives errors when it is written or flushed.
works() {
	echo "$(($1 * 2048)) $((($2 - $1) * 2048)) linear $loop $(($1 * 2048))"
}

broken() {
	echo "$(($1 * 2048)) $((($2 - $1) * 2048)) error"
}

unwritable() {
	echo "$(($1 * 2048)) $((($2 - $1) * 2048)) flakey $loop \
$(($1 * 2048)) 0 3600 1 error_writes"
}

# What the backend has counted; nothing with the in-tree one, which counts none.
errors_now() {
	local file=/sys/kernel/debug/xen-backends/vbd-$id-51712
	[ ! -e "$file" ] || awk '/^errors:/ { print $2 }' "$file"
}

# counted NUMBER: so many errors since the last time.
counted() {
	local now
	now=$(errors_now)
	[ -n "$now" ] || return 0
	expect "errors counted by the backend" $((errors + $1)) "$now"
	errors=$now
}


# checksum_from MIB: of two MiB, from outside.
checksum_from() {
	dd if=data.img bs=1M skip="$1" count=2 2>/dev/null | md5sum
}

edge() {
	local wanted
	step "each block on both sides of an edge, the broken ones read as zeros"
	wanted=$( (dd if=data.img bs=4k skip=8176 count=16
		dd if=/dev/zero bs=4k count=16) 2>/dev/null | md5sum)
	guest_do g1 "dd if=/dev/xvda bs=4k skip=8176 count=32 iflag=direct \
		conv=noerror,sync 2>/dev/null | md5sum"
	expect "what was read" "$wanted" "$answer"
	counted 16
	guest_do g1 "! dd if=/dev/xvda of=/dev/null bs=24k skip=1365 count=1 \
		iflag=direct"
	counted 1
	guest_do g1 "! dd if=/dev/zero of=/dev/xvda bs=4k seek=8192 count=1 \
		oflag=direct"
	counted 1
}

at_depth() {
	step "many at once, beside writers whose every checksum is right"
	guest_do g1 "verify_writers /dev/xvda > /tmp/writers 2>&1 & first=\$!;
		count_errors /dev/xvda; wait \$first || { cat /tmp/writers;
		exit 1; }"
	expect "errors" "read32 256, write33 256, read34 0, write35 0, \
read36 0, write37 0, " "$answer"
	counted 512
}

writes_only() {
	step "writes fail where reads do not, and so does a flush"
	remap_disk partly "$(works 0 34; unwritable 34 36; works 36 64)"
	guest_do g1 "count_errors /dev/xvda"
	expect "errors" "read32 0, write33 0, read34 0, write35 256, \
read36 0, write37 0, " "$answer"
	counted 256
	# a stock frontend takes that for a flush that is not supported, and
	# goes on without
	guest_do g1 "dd if=/dev/zero of=/dev/xvda bs=4k seek=16000 count=1 \
		conv=fsync; dmesg | grep 'empty flush .*op failed'"
	counted 1
}

repaired() {
	step "all goes well again on the same vbd"
	remap_disk partly "$(works 0 64)"
	guest_do g1 "verify_writers /dev/xvda && count_errors /dev/xvda"
	expect "errors" "read32 0, write33 0, read34 0, write35 0, read36 0, \
write37 0, " "${answer#*$'\n'}"
	counted 0
}

make_disk data 64
loop=$disk
run dd if=/dev/urandom of=data.img bs=1M seek=30 count=8 conv=notrunc
run modprobe dm-flakey
map_disk partly "$(works 0 32; broken 32 34; works 34 64)"
guest_start g1 disks="phy:$disk,xvda,w phy:/dev/vda,xvdz,r"
guest_wait_ready g1
id=$(guest_id g1)
errors=$(errors_now)
guest_do g1 "mount_assets && echo 2 > /sys/block/xvda/queue/nomerges"
before=$(checksum_from 32)
edge
at_depth
expect "the broken part, from outside" "$before" "$(checksum_from 32)"
before=$(checksum_from 34)
writes_only
expect "the part that cannot be written, from outside" "$before" \
	"$(checksum_from 34)"
repaired
figure "errors counted by the backend" "${errors:-none, in-tree}"
guest_do g1 "umount /assets"
guest_end g1
unmap_disk partly
fio_outside data.img
did xen-blkback "each error of a disk answered to its request, none to others"
