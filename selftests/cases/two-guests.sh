# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: two guests at once, each busy on a disk and an interface
# limit: 600
# budget: 50

. /selftests/lib/common.sh

step "creating two guests"
start_http file 8
for number in 1 2; do
	make_fs_disk "disk$number" 96
	disks[$number]=$disk
	guest_start "g$number" disks="phy:$disk,xvda,w" vifs=1 \
		address=$((10 + number))
done
for number in 1 2; do guest_wait_ready "g$number"; done
step "both work at once"
for number in 1 2; do
	guest_ask "g$number" "mount_disk /dev/xvda /mnt &&
		{ fill_and_check /mnt/work 4 4 > /tmp/fill; echo \$? > /tmp/rc; } &
		ping_dom0 && download file && wait &&
		[ \$(cat /tmp/rc) = 0 ] && upload /mnt/work/file1 up$number &&
		umount /mnt"
done
for number in 1 2; do
	guest_answer "g$number" 400 || fail "guest g$number: $answer"
	figures_of_guest "$(guest_id "g$number")"
done
step "the two see each other"
guest_do g1 "ping -c 2 -W 5 10.77.0.12"
for number in 1 2; do
	guest_end "g$number"
	check_fs "${disks[$number]}"
	run mount -t ext4 "${disks[$number]}" /mnt
	(cd /mnt/work && md5sum -c sums) || fail "files of g$number differ"
	run umount /mnt
done
