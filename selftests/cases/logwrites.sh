# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a power failure after any flush costs nothing that a guest has synced
# limit: 300
# tier: all
# budget: 50
# rounds: 2 4

. /selftests/lib/common.sh

# dm-log-writes below the vbd keeps what was durable when; replayed onto a copy
# of the disk it gives the disk as it would be found after a power failure. dom0
# marks the log when the guest has told what it has synced.

rounds=$ROUNDS
mib=16
declare -a states

# synced NAME: the guest has just said so, with the checksum.
synced() {
	run dmsetup message logged 0 mark "$1=$answer"
}

write_files() {
	local n
	guest_do g1 "mount_disk /dev/xvda /mnt"
	guest_do g1 "in_background make_noise /mnt/noise"
	for n in $(seq $rounds); do
		guest_do g1 "replace /mnt/file$n $((n * 37 % 230 + 1))"
		synced "file$n"
		guest_do g1 "replace /mnt/state $((n * 53 % 190 + 1))"
		states[n]=$answer
		synced "state$n"
	done
	guest_do g1 "end_background /mnt/noise/stop && umount /mnt"
}

# One that was replaced is the one that is synced or, whole, the next one.
check_state() {
	local sum=none
	[ ! -e mnt/state ] || sum=$(md5sum < mnt/state)
	sum=${sum%% *}
	[ "$sum" = "${states[state]:-none}" ] ||
		[ "$sum" = "${states[state + 1]:-none}" ] ||
		fail "$1: state has $sum, synced was ${states[state]:-none}"
}

# examine WHERE: the disk as it is after a power failure there. The journal is
# recovered on a copy.
examine() {
	dd if=replay.img of=check.img bs=1M conv=notrunc 2>/dev/null
	mount -t ext4 "$check" mnt || fail "$1: cannot be mounted"
	[ ! -s sums ] || (cd mnt && md5sum -c -s ../sums) ||
		fail "$1: a synced file is lost"
	check_state "$1"
	umount mnt || fail "$1: cannot be unmounted"
	e2fsck -f -n "$check" > fsck 2>&1 || fail "$1: $(cat fsck)"
	examined=$((examined + 1))
	changed=0
}

# take_mark NAME=SUM
take_mark() {
	case $1 in
	file*)	echo "${1#*=}  ${1%%=*}" >> sums ;;
	state*)	state=${1%%=*}
		state=${state#state} ;;
	*)	return ;;
	esac
	marks=$((marks + 1))
	examine "mark $1"
}

replay() {
	local entry=0 count through kind text
	local writes=0 flushes=0 marks=0 examined=0 changed=0 state=0
	while :; do
		read -r entry count through kind text < <(
			/selftests/bin/logwrites log.img replay.img "$entry")
		[ -n "$kind" ] || fail "the log cannot be replayed"
		writes=$((writes + count))
		changed=$((changed + count))
		case $kind in
		flush)	flushes=$((flushes + 1))
			[ $changed = 0 ] || examine "flush at entry $entry" ;;
		mark)	take_mark "$text" ;;
		end)	break ;;
		esac
	done
	figure "entries, writes, flushes, marks in the log" \
		"$entry, $writes, $flushes, $marks"
	figure "disks mounted and checked" $examined
	expect marks $((2 * rounds)) $marks
	[ $flushes -ge $((2 * rounds)) ] || fail "only $flushes flushes"
	run cmp replay.img data.img
}

make_disk log 128
log=$disk
make_disk data $mib
run mke2fs -q -F -t ext4 -b 1024 -E lazy_itable_init=0,lazy_journal_init=0 \
	"$disk"
run cp data.img replay.img
run cp data.img check.img
check=$(losetup -f --show check.img)
mkdir mnt
: > sums
run modprobe dm-log-writes
map_disk logged "0 $((mib * 2048)) log-writes $disk $log"

step "a guest writes, renames and syncs files, and others without a sync"
guest_start g1 disks="phy:$disk,xvda,w"
guest_wait_ready g1
id=$(guest_id g1)
write_files
figure "flushes of the guest" "$(vbd_stat "$id" 51712 f_req)"
guest_end g1
unmap_disk logged

step "every flush and mark: a disk after a power failure"
replay
did xen-blkback "what a guest has synced survives a power failure at any flush"

# A barrier's data is durable when it is answered; no stock frontend asks for
# that any more.
[ -e /sys/module/xenbus_be ] || exit 0
step "barriers write through the cache"
make_disk log2 64
log=$disk
make_disk data2 8
map_disk logged "0 16384 log-writes $disk $log"
modprobe -r xen-blkfront 2>/dev/null
run /selftests/bin/frontend requests 1 51968 "$disk"
unmap_disk logged
entry=0 total=0 kind=
until [ "$kind" = end ]; do
	read -r entry _ through kind _ < <(
		/selftests/bin/logwrites log2.img data2.img "$entry")
	[ -n "$kind" ] || fail "the log cannot be replayed"
	total=$((total + through))
done
expect "writes through the cache, of two barriers with data" 2 "$total"
