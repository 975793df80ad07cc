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
	guest_start "g$number" vcpus=$number disks="phy:$disk,xvda,w" vifs=1 \
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
# packets_of QUEUE: what the second one has received by it
packets_of() {
	sed -n "/^queue: $1/,/^queue: [^$1]/s/^rx_packets: //p" \
		"/sys/kernel/debug/xen-backends/vif-$(guest_id g2)-0"
}
step "flows of one queue are spread over two"
first=$(packets_of 0) second=$(packets_of 1)
guest_do g1 "for port in \$(seq 2001 2024); do
		nc -w 2 10.77.0.12 \$port < /dev/null; done; true"
figure "packets by the first and second queue" \
	"$(($(packets_of 0) - first)) $(($(packets_of 1) - second))"
[ $(($(packets_of 0) - first)) -ge 4 ] &&
	[ $(($(packets_of 1) - second)) -ge 4 ] ||
	fail "24 flows came by one of two queues"
for number in 1 2; do
	guest_end "g$number"
	check_fs "${disks[$number]}"
	run mount -t ext4 "${disks[$number]}" /mnt
	(cd /mnt/work && md5sum -c sums) || fail "files of g$number differ"
	run umount /mnt
done
