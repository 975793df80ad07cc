# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: oxenstored as the store of a dom0 that runs a guest with disk and network
# limit: 300
# budget: 50
# dom0: store=oxenstored

. /selftests/lib/common.sh

pidof oxenstored > /dev/null || fail "oxenstored does not run"
! pidof xenstored > /dev/null || fail "xenstored runs as well"
# the event channel of every domain's store ring, and the ring itself
ls -l "/proc/$(pidof oxenstored)/fd" | grep -q /dev/xen/evtchn ||
	fail "oxenstored does not use /dev/xen/evtchn"
start_http file 8
make_disk disk 32
run mke2fs -q -F -t ext4 "$disk"
guest_start g1 disks="phy:$disk,xvda,w" vifs=1 address=11
guest_wait_ready g1
guest_do g1 "mount_disk /dev/xvda /mnt && fill_and_check /mnt/work 2 4"
guest_do g1 "download file"
step "a second guest, and both go"
guest_start g2
guest_wait_ready g2
guest_end g2
guest_do g1 "umount /mnt"
guest_end g1
run e2fsck -f -n "$disk"
did "xen-evtchn, xen-gntdev" "oxenstored carried two guests"
