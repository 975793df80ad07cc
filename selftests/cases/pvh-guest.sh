# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a PVH guest works on a disk and an interface
# limit: 600
# budget: 50

. /selftests/lib/common.sh

step "creating the guest"
make_fs_disk disk 64
start_http file 8
guest_start g1 type=pvh disks="phy:$disk,xvda,w" vifs=1 address=11
guest_wait_ready g1 400
step "disk"
guest_do g1 "mount_disk /dev/xvda /mnt && fill_and_check /mnt/work 2 4"
step "network"
guest_do g1 ping_dom0
guest_do g1 "download file"
guest_do g1 "upload /mnt/work/file1 up"
guest_do g1 "cd / && umount /mnt"
figures_of_guest "$(guest_id g1)"
guest_end g1
check_fs "$disk"
