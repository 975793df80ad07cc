# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a PV guest with its root on a vbd, a second vbd, an interface, its console
# limit: 600
# budget: 70

. /selftests/lib/common.sh

step "creating the guest"
make_fs_disk second 128
start_http file 16
guest_start g1 scripts=stock disks="phy:/dev/vdb,xvda,w phy:$disk,xvdb,w" vifs=1 \
	root=/dev/xvda address=11
guest_wait_ready g1

step "disks"
guest_do g1 "grep '^/dev/xvda / ext4 rw' /proc/mounts"
guest_do g1 "fill_and_check /work 4 4"
guest_do g1 "mount_disk /dev/xvdb /mnt && fill_and_check /mnt/work 4 4 &&
	cd / && umount /mnt"
step "network"
guest_do g1 ping_dom0
guest_do g1 "download file"
guest_do g1 "upload /work/file1 up && upload /work/file2 up2"
step "console"
guest_do g1 'echo "from-the-guest-$((6 * 7))" > /dev/hvc0'
wait_until 10 grep -q from-the-guest-42 /log/consoles/guest-g1.log ||
	fail "xenconsoled has nothing of what the guest wrote"
guest_ask g1 'read -t 30 line < /dev/hvc0 && echo "got-$line" > /dev/hvc0 &&
	echo "$line"'
# what "xl console" runs, which passes nothing in unless it has a terminal
{ sleep 2; echo from-dom0; sleep 3; } |
	timeout 30 xenconsole --interactive "$(guest_id g1)" > shown
guest_answer g1 || fail "the guest got nothing from its console"
expect "what the guest got" from-dom0 "$answer"
grep -q got-from-dom0 shown ||
	fail "xenconsole shows nothing: $(cat shown)"
did "xen-evtchn, xen-gntdev" "xenconsoled carried a line each way"
figures_of_guest "$(guest_id g1)"
figures_of_debugfs

step "powering off, checking the disks from outside"
guest_end g1
check_fs /dev/vdb
check_fs "$disk"
run mount -t ext4 /dev/vdb /mnt
run test -e /mnt/on-disk
(cd /mnt/work && md5sum -c sums) || fail "files on the root disk differ"
run umount /mnt
