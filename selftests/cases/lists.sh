# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: xl list, block-list, network-list and xentop show devices and counters
# limit: 600
# budget: 30

. /selftests/lib/common.sh

# One line of numbers: read and write requests, network KiB out and in.
totals() {
	xentop -b -i 1 -f > top || fail "xentop fails"
	awk '$1 == "g1" { print $15, $16, $11, $12 }' top
}

make_fs_disk disk 64
guest_start g1 disks="phy:$disk,xvda,w" vifs=1 address=11
guest_wait_ready g1
id=$(guest_id g1)
step "lists"
run xl vcpu-list
xl list | tee list
grep -q '^g1 ' list || fail "xl list does not show g1"
xl block-list g1 | tee list
grep -q "^51712 *0 *$id *4 " list || fail "xl block-list does not show xvda"
xl network-list g1 | tee list
awk '$1 == "0" && $5 == 4 { found = 1 } END { exit !found }' list ||
	fail "xl network-list does not show the interface connected"
xentop -b -i 1 -x -n | tee list
grep -q 'VBD BlkBack *51712' list || fail "xentop does not show the disk"
grep -q 'Net0' list || fail "xentop does not show the interface"

step "counters"
before=($(totals))
guest_do g1 "mount_disk /dev/xvda /mnt && fill_and_check /mnt/work 2 2 &&
	umount /mnt"
guest_do g1 ping_dom0
run ip -s link show dev "vif$id.0"
after=($(totals))
figure "xentop rd_req wr_req net_tx net_rx before" "${before[*]}"
figure "xentop rd_req wr_req net_tx net_rx after" "${after[*]}"
for column in 0 1; do
	[ "${after[column]}" -gt "${before[column]}" ] ||
		fail "a counter of xentop does not move"
done
expect "rd_req in sysfs" "${after[0]}" "$(vbd_stat "$id" 51712 rd_req)"
