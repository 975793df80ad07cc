# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a guest with two CPUs: two queues a device, rings of 16 pages, also over a reload
# limit: 400
# budget: 40
# drivers: ours

. /selftests/lib/common.sh

options=/etc/modprobe.d/queues.conf
step "creating the guest"
make_fs_disk disk 96
start_http file 8
# a frontend whose grants stay mapped allocates a page and a grant for each
# segment of each slot at once: 512 slots, 2 queues
guest_start g1 vcpus=2 memory=384 disks="phy:$disk,xvda,w" vifs=1 address=11 \
	extra="xen_blkfront.max_ring_page_order=4 \
xen_blkfront.max_indirect_segments=16"
guest_wait_ready g1
id=$(guest_id g1)

step "what was negotiated"
front=$(read_key "/local/domain/0/backend/vbd/$id/51712/frontend")
[ "$(read_key "$front/multi-queue-num-queues")" = 2 ] ||
	fail "the disk has not two queues"
figure "ring-page-order" "$(read_key "$front/ring-page-order")"
[ "$(read_key "$front/ring-page-order")" = 4 ] ||
	fail "the disk's rings have not 16 pages"
[ "$(read_key "/local/domain/$id/device/vif/0/multi-queue-num-queues")" \
	= 2 ] || fail "the interface has not two queues"
ps -o comm | grep -q "^$id.xvda-1" || fail "no thread for the second ring"

step "both queues work"
guest_do g1 "mount_disk /dev/xvda /mnt && mkdir /mnt/a /mnt/b &&
	{ taskset 1 sh -c '. /guest/jobs; fill_and_check /mnt/a/work 4 2' &
	  first=\$!;
	  taskset 2 sh -c '. /guest/jobs; fill_and_check /mnt/b/work 4 2' &&
	  wait \$first; }"
guest_do g1 ping_dom0
guest_do g1 "download file && upload /mnt/a/work/file1 up1 && umount /mnt"
figures_of_debugfs
queues=$(grep -c "^queue:" "/sys/kernel/debug/xen-backends/vif-$id-0")
[ "$queues" = 2 ] || fail "the interface serves $queues queues"

step "modules loaded again, whose parameters allow less"
mkdir -p /etc/modprobe.d
echo "options xen_netback max_queues=1
options xen_blkback max_queues=1 max_ring_page_order=0" > $options
run /etc/xen/scripts/reload-backend netback
run /etc/xen/scripts/reload-backend blkback
expect "max_queues" 1 "$(cat /sys/module/xen_netback/parameters/max_queues)"
guest_do g1 "ping_dom0 && download file && mount_disk /dev/xvda /mnt &&
	fill_and_check /mnt/c 4 2 && umount /mnt"
rm $options
guest_end g1
run modprobe -r xen-netback xen-blkback
run modprobe -a xen-netback xen-blkback
check_fs "$disk"
