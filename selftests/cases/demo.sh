# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: the main job: a guest lives on the backends, then all is taken down
# limit: 900
# boot: fresh
# tier: none

. /selftests/lib/common.sh
. /selftests/lib/unload.sh

mib=64
step "creating a PV guest: root on /dev/xvda, second disk, bridged eth0"
run mke2fs -q -F -t ext4 -E lazy_itable_init=1 /dev/vdc
start_http file $mib
guest_start g1 scripts=stock disks="phy:/dev/vdb,xvda,w phy:/dev/vdc,xvdb,w" vifs=1 \
	root=/dev/xvda address=11
guest_wait_ready g1
id=$(guest_id g1)
did "xen-evtchn, xen-gntdev, xen-gntalloc" \
	"xenstored and xenconsoled run, xl created domain $id"

step "the guest writes files, drops caches, reads them back"
guest_do g1 "grep '^/dev/xvda / ext4 rw' /proc/mounts"
guest_do g1 "fill_and_check /work 8 4"
did xen-blkback "root on /dev/xvda: $answer"
guest_do g1 "mount_disk /dev/xvdb /mnt && fill_and_check /mnt/work 8 8"
did xen-blkback "second disk: $answer"

step "the guest pings dom0"
guest_do g1 ping_dom0
did xen-netback "ping: ${answer##*$'\n'}"
step "the guest downloads $mib MiB over HTTP"
guest_do g1 "download file"
did xen-netback "$mib MiB down: $answer"
step "the guest uploads $mib MiB over HTTP"
guest_do g1 "cd /mnt && cat work/file? > up && upload up up"
did xen-netback "$mib MiB up: $answer"
guest_do g1 "md5sum /mnt/up; cd /; umount /mnt"
figures_of_guest "$id"
figures_of_debugfs

step "the guest powers off"
guest_end g1
step "checking both disks from outside"
for disk in /dev/vdb /dev/vdc; do
	check_fs $disk
	run mount -t ext4 -o ro $disk /mnt
	(cd /mnt/work && md5sum -c sums) || fail "files on $disk differ"
	[ $disk = /dev/vdb ] || run cmp /mnt/up uploads/up
	run umount /mnt
done
did xen-blkback "both disks: fsck clean and checksums right from outside"

step "unloading every module"
unload_modules
did "all modules" "unloaded"
