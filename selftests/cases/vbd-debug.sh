# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: blkback under lockdep, KFENCE and kmemleak: odd frontends, a disk, a file
# limit: 240
# budget: 80
# drivers: ours
# kernel: debug
# allow: kmemleak: [0-9]+ new suspected memory leaks
# allow: ^Call Trace:$
# allow: producer

# The scan's own message is judged by leaks_none(); the trace is of an MSR that
# the kernel reads when it boots and Xen does not show.
. /selftests/lib/common.sh
. /selftests/lib/leaks.sh

autoprobe=/sys/bus/xen/drivers_autoprobe
tool=/selftests/bin/frontend

leaks_clear
make_disk disk 16
# this kernel's own blkfront is built in and would take the devices
echo 0 > $autoprobe

step "frontends in user space"
run $tool vbd 8 51968 "$disk"
run $tool requests 1 51984 "$disk"
run $tool far-producer 1 51952 "$disk"

step "killed with full rings"
for kind in busy busy-mapped; do
	$tool $kind 1 52016 "$disk" > said 2>&1 9>&- &
	wait_until 60 grep -q busy said || fail "not busy: $(cat said)"
	kill -KILL $!
	wait $!
	remove_keys /local/domain/0/device/vbd/52016
	write_keys /local/domain/0/backend/vbd/0/52016/online 0 \
		/local/domain/0/backend/vbd/0/52016/state 5
	backends_gone vbd-0-52016
	remove_keys /local/domain/0/backend/vbd/0/52016
done

step "files, with direct I/O and without"
make_fs_disk store 64
mkdir store
run mount -t ext4 "$disk" store
for file in "$PWD/store/direct.img" "$PWD/cached.img"; do
	run truncate -s 16M "$file"
	run $tool requests 1 51984 "$file"
done
dmesg | grep "direct.img, direct I/O" || fail "no direct I/O on ext4"
run umount store
echo 1 > $autoprobe
leaks_none
