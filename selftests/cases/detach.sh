# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a Linux 5.10 guest at work, and its disk detached while it is mounted
# limit: 300
# budget: 60
# drivers: both
# guests: 5.10

. /selftests/lib/common.sh

make_fs_disk disk 64
kept=$disk
make_fs_disk other 64
start_http file 8
guest_start g1 kernel=5.10 vifs=1 address=11 \
	disks="phy:$kept,xvda,w phy:$disk,xvdb,w"
guest_wait_ready g1
id=$(guest_id g1)
back=/local/domain/0/backend/vbd/$id

step "disk and network"
guest_do g1 "uname -r | grep '^5\.10\.' && mount_disk /dev/xvda /mnt &&
	fill_and_check /mnt/work 4 4"
guest_do g1 "ping_dom0 && download file && upload /mnt/work/file1 up"

# count SECONDS: prints how far the guest has counted that much later.
counted() {
	sleep "$1"
	guest_do g1 "cat /mnt/count" > /dev/null
	count=$answer
}

step "a disk that is in use: the toolstack gives up, the guest goes on"
guest_do g1 "in_background count_on /mnt/count"
counted 2
first=$count
! timeout 60 xl block-detach g1 xvda 2> said || fail "detached while mounted"
cat said
expect "state of the backend" 5 "$(read_key "$back/51712/state")"
counted 3
[ "$count" -gt $((first + 4)) ] ||
	fail "the guest has counted from $first to $count only"
echo "from $first to $count"
if [ -e /sys/module/xenbus_be ]; then
	! /etc/xen/scripts/reload-backend blkback 2> said ||
		fail "reloaded under a guest that is to let go"
	grep "vbd-$id-51712 is to be detached" said || fail "says: $(cat said)"
fi
step "it lets go later: nothing is lost"
guest_do g1 "end_background /tmp/stop && umount /mnt"
backends_gone "vbd-$id-51712"
check_fs "$kept"
run mount -t ext4 "$kept" /mnt
[ "$(cat /mnt/count)" -ge "$count" ] || fail "the disk has $(cat /mnt/count)"
(cd /mnt/work && md5sum -c sums) || fail "files differ"
run umount /mnt

step "one that is not in use goes at once"
run xl block-detach g1 xvdb
backends_gone "vbd-$id-51728"
run xl block-attach g1 "$(disk_spec "phy:$disk,xvdc,w")"
guest_do g1 "wait_for /dev/xvdc && mount_disk /dev/xvdc /mnt &&
	echo kept > /mnt/file && sync"
step "one that is, by force"
run xl block-detach --force g1 xvdc
backends_gone "vbd-$id-51744"
run mount -t ext4 "$disk" /mnt
expect "what was synced before" kept "$(cat /mnt/file)"
run umount /mnt
guest_do g1 "echo the guest is well"
run xl destroy g1
