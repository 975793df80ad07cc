# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: another disk below a running guest's, and media of a CD-ROM drive
# limit: 400
# budget: 60
# drivers: ours
# allow: physical-device

. /selftests/lib/common.sh

# numbers_of DEVICE
numbers_of() {
	stat -c %t:%T "$1"
}

# guest_sees VDEV MIB
guest_sees() {
	guest_do g1 "tries=0; until [ \$(cat /sys/block/$1/size) = $(($2 * 2048)) ];
		do tries=\$((tries + 1)); [ \$tries -lt 100 ] || exit 1;
		usleep 50000; done"
}

# guest_reads VDEV FILE: what the guest reads is what the file has
guest_reads() {
	guest_do g1 "md5sum < /dev/$1"
	expect "what $1 has" "$(md5sum < "$2")" "$answer"
}

# error_is DEVID TEXT
error_is() {
	error_of "$id" "$1" | grep -qF "$2"
}

step "a guest with a disk and a CD-ROM"
run dd if=/dev/urandom of=one.img bs=1M count=8
run cp one.img same.img
run dd if=/dev/urandom of=two.img bs=1M count=12
for name in one same two; do
	declare $name="$(losetup -f --show $name.img)"
done
run dd if=/dev/urandom of=cd1 bs=1M count=3
run dd if=/dev/urandom of=cd2 bs=1M count=5
cd=vdev=xvdc,devtype=cdrom,access=ro,script=block-file,target
guest_start g1 disks="phy:$one,xvda,w $cd=$PWD/cd1"
guest_wait_ready g1
id=$(guest_id g1)
disk=/local/domain/0/backend/vbd/$id/51712
drive=/local/domain/0/backend/vbd/$id/51744
expect "info of the CD-ROM" 5 "$(read_key $drive/info)"
guest_reads xvda one.img
guest_reads xvdc cd1

step "the disk goes back and forth while the guest reads and checks"
sum=$(md5sum < one.img)
write_keys "/local/domain/$id/data/stop" 0
guest_ask g1 "n=0; until [ \"\$(xenstore-read data/stop)\" = 1 ]; do
	echo 3 > /proc/sys/vm/drop_caches; n=\$((n + 1));
	[ \"\$(md5sum < /dev/xvda)\" = \"$sum\" ] || exit 1; done; echo \$n"
for _ in $(seq 12); do
	write_keys $disk/physical-device "$(numbers_of "$same")"
	sleep 0.1
	write_keys $disk/physical-device "$(numbers_of "$one")"
	sleep 0.1
done
write_keys "/local/domain/$id/data/stop" 1
guest_answer g1 || fail "the guest read something else"
figure "times that the guest read all, in 24 changes" "$answer"
[ "$answer" -gt 0 ] || fail "the guest has not read"

step "a larger disk"
write_keys $disk/physical-device "$(numbers_of "$two")"
guest_sees xvda 12
guest_reads xvda two.img
# the old one is free
run losetup -d "$one"
wait_until 5 test ! -e "/sys/block/${one#/dev/}/loop" || fail "$one is held"

step "what cannot be opened leaves the disk as it is"
write_keys $disk/physical-device fff:0
wait_until 5 error_is 51712 "physical-device fff:0 cannot be opened" ||
	fail "no error: $(error_of "$id" 51712)"
guest_reads xvda two.img
write_keys $disk/physical-device nonsense
wait_until 5 error_is 51712 'physical-device is "nonsense", allowed is' ||
	fail "no error: $(error_of "$id" 51712)"
run truncate -s 8M large.img
large=$(losetup -f -b 4096 --show large.img)
write_keys $disk/physical-device "$(numbers_of "$large")"
wait_until 5 error_is 51712 "sector-size is 4096, allowed is 512 or less" ||
	fail "no error: $(error_of "$id" 51712)"
guest_reads xvda two.img
expect state 4 "$(read_key $disk/state)"

step "from a device to a file"
remove_keys $disk/physical-device
write_keys $disk/physical-device-path "$PWD/one.img"
guest_sees xvda 8
guest_reads xvda one.img
wait_until 5 gone "error/backend/vbd/$id/51712/error" || fail "the error stays"
guest_do g1 "dd if=/dev/zero of=/dev/xvda bs=4k count=1 conv=fsync"

step "media are taken out and put in"
remove_keys $drive/physical-device-path
guest_sees xvdc 0
guest_do g1 "! dd if=/dev/xvdc of=/dev/null bs=2k count=1 | grep 1+0"
write_keys $drive/physical-device-path "$PWD/cd2"
guest_sees xvdc 5
guest_reads xvdc cd2
guest_end g1
cmp one.img same.img && fail "the guest's write is not in the file"

step "a drive that is empty from the beginning"
device_type=cdrom offer_vbd r hotplug-status connected
wait_until 10 vbd_opened || fail "an empty drive is no drive"
withdraw_vbd
device_type=disk offer_vbd r hotplug-status connected
sleep 1
! vbd_opened || fail "an empty disk is a disk"
withdraw_vbd
