# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a device number that was given to another disk meanwhile is refused
# limit: 200
# budget: 10
# drivers: ours
# allow: diskseq

. /selftests/lib/common.sh

# sequence_of DEVICE: as hexadecimal as the key wants it
sequence_of() {
	printf %016x "$(cat "/sys/block/${1#/dev/}/diskseq")"
}

truncate -s 8M one two
disk=$(losetup -f --show one)
number=$(stat -c %t:%T "$disk")
sequence=$(sequence_of "$disk")

step "the disk that the script looked at"
offer_vbd w physical-device "$number" diskseq "$sequence"
wait_until 10 vbd_opened || fail "not opened"
step "is held from the moment that opened is 1"
run losetup -d "$disk"
[ -e "/sys/block/${disk#/dev/}/loop" ] || fail "the disk is not held"
withdraw_vbd
wait_until 10 test ! -e "/sys/block/${disk#/dev/}/loop" ||
	fail "the disk is still held"

step "another one under its number"
run losetup "$disk" two
[ "$(sequence_of "$disk")" != "$sequence" ] || fail "the same number"
offer_vbd w physical-device "$number" diskseq "$sequence"
vbd_refused "diskseq is $(printf %x "0x$sequence"), block device $number has"
withdraw_vbd
step "named by its path"
offer_vbd w physical-device-path "$disk" diskseq "$sequence"
vbd_refused "diskseq is $(printf %x "0x$sequence"), block device $number has"
withdraw_vbd

step "no number"
for bad in 0 x 12345678901234567 -1; do
	offer_vbd w physical-device "$number" diskseq "$bad"
	vbd_refused "diskseq is \"$bad\", allowed is 1 to ffffffffffffffff"
	withdraw_vbd
done

step "without a number any disk will do"
offer_vbd w physical-device "$number"
wait_until 10 vbd_opened || fail "not opened"
withdraw_vbd

step "nothing is held of a disk that was refused"
run losetup -d "$disk"
wait_until 10 test ! -e "/sys/block/${disk#/dev/}/loop" ||
	fail "the disk is still held"
