# SPDX-License-Identifier: GPL-2.0 OR MIT
# A guest g1 that writes to a block device and to a file all the time, and reads
# back what it wrote, while it becomes one domain after the other. $id is the
# one it is.

# devices_of DOMID: its backends' places in sysfs
devices_of() {
	compgen -G "/sys/devices/v[bi][df]-$1-*"
}

# written DOMID: sectors that its disks have taken
written() {
	echo $(($(vbd_stat "$1" 51712 wr_sect) + $(vbd_stat "$1" 51728 wr_sect)))
}

wrote_more() {
	[ "$(written "$1")" -gt "$2" ]
}

# at_work: the guest writes now, and goes on with it
at_work() {
	id=$(guest_id g1) || fail "no guest"
	wait_until 20 state_is "/local/domain/0/backend/vbd/$id/51712" 4 &&
		wait_until 20 state_is "/local/domain/0/backend/vbd/$id/51728" 4 ||
		fail "the disks are not connected"
	wait_until 30 wrote_more "$id" "$(written "$id")" ||
		fail "the guest does not write"
}

# moved OLD: the guest is another domain, and nothing of the old one is left
moved() {
	[ "$(guest_id g1)" != "$1" ] || fail "the guest is still domain $1"
	backends_gone "v[bi][df]-$1-*"
	! key_exists "/local/domain/0/backend/vbd/$1" ||
		fail "nodes of domain $1 stay"
	at_work
	[ "$(devices_of "$id" | wc -l)" = 3 ] || fail "not three devices"
}

writer_start() {
	local second
	make_store 192
	if [ -e /sys/module/xenbus_be ]; then
		run truncate -s 96M "$store/guest.img"
		second=$(file_disk xvdb rw "$store/guest.img")
	else
		make_disk second 96
		second=phy:$disk,xvdb,w
	fi
	make_fs_disk disk 96
	guest_start g1 type="$1" memory=160 vifs=1 address=11 \
		disks="phy:$disk,xvda,w $second"
	guest_wait_ready g1
	guest_do g1 "mke2fs -F /dev/xvdb 65536 >/dev/null &&
		mount_disk /dev/xvda /mnt/a && mkdir -p /mnt/b &&
		mount -t ext2 /dev/xvdb /mnt/b"
	guest_do g1 "echo 0 > /tmp/round; (n=0; until [ -e /tmp/enough ]; do n=\$((n + 1));
		for d in a b; do fill_and_check /mnt/\$d/work 3 2 || break 2;
		rm -r /mnt/\$d/work; done; echo \$n > /tmp/new; mv /tmp/new /tmp/round; done;
		touch /tmp/ended) > /tmp/work 2>&1 &"
	at_work
	[ "$(devices_of "$id" | wc -l)" = 3 ] || fail "not three devices"
}

# writer_end ROUNDS: nothing was read wrong, in so many rounds or more. How many
# there are by now is a matter of how slow the machine is, so they are waited for.
writer_end() {
	limit=300 guest_do g1 "for _ in \$(seq 240); do
		[ ! -e /tmp/ended ] || break;
		[ \"\$(cat /tmp/round)\" -ge $1 ] && touch /tmp/enough;
		sleep 0.5; done; umount /mnt/a /mnt/b && cat /tmp/round"
	figure "rounds of writing and reading back" "$answer"
	[ "$answer" -ge "$1" ] || fail "only $answer rounds"
	guest_do g1 "! grep -v '3 files of 2 MiB agree' /tmp/work"
	guest_do g1 "ping_dom0"
	guest_end g1
	check_fs "$disk"
}
