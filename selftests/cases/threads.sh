# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: ring threads have their names and ids, and can be put into cgroups
# limit: 180
# budget: 20
# drivers: ours

. /selftests/lib/common.sh

back=/local/domain/0/backend/vbd/0/51712

# ring_thread KEY NAME: the key holds the id of a thread of that name.
ring_thread() {
	pid=$(read_key "$back/$1") || fail "no $1"
	expect "name of $1, process $pid" "$2" "$(cat "/proc/$pid/comm")"
}

# put_into_cgroup PID: and out again.
put_into_cgroup() {
	echo "$1" > /tmp/cgroup/disks/cgroup.procs || fail "cannot be moved"
	expect "cgroup" "0::/disks" "$(grep ^0: "/proc/$1/cgroup")"
	# what the group may have is the thread's bound from now on
	run dd if=/dev/xvda of=/dev/null bs=64k count=16 2>/dev/null
	echo "$1" > /tmp/cgroup/cgroup.procs || fail "cannot be moved back"
}

step "two queues"
make_disk disk 8
run modprobe xen-blkfront max_queues=2
run xl block-attach 0 "phy:$disk,xvda,w"
wait_until 20 state_is $back 4 || fail "not connected"
ring_thread queue-0/kthread-pid 0.xvda-0
ring_thread queue-1/kthread-pid 0.xvda-1
expect "its id" "$(xenstore-read "backend/vbd/0/51712/queue-1/kthread-pid")" "$pid"

step "a thread can be given a CPU, a priority, a cgroup"
run taskset -p 2 "$pid"
expect "CPUs" "Cpus_allowed_list:	1" \
	"$(grep Cpus_allowed_list "/proc/$pid/status")"
run renice -n 5 -p "$pid"
mkdir -p /tmp/cgroup
run mount -t cgroup2 cgroup2 /tmp/cgroup
run mkdir /tmp/cgroup/disks
put_into_cgroup "$pid"
run rmdir /tmp/cgroup/disks
run umount /tmp/cgroup

step "unbound: the keys go; bound: they come back"
echo vbd-0-51712 > /sys/bus/xen-backend/drivers/vbd/unbind ||
	fail "cannot unbind"
gone $back/queue-0 || fail "queue-0 stays"
gone $back/queue-1 || fail "queue-1 stays"
echo vbd-0-51712 > /sys/bus/xen-backend/drivers/vbd/bind || fail "cannot bind"
wait_until 20 read_key $back/queue-1/kthread-pid || fail "no ids"
ring_thread queue-1/kthread-pid 0.xvda-1
expect "its id" "$(xenstore-read "backend/vbd/0/51712/queue-1/kthread-pid")" "$pid"
run xl block-detach 0 xvda
run rmmod xen-blkfront

step "one queue"
run modprobe xen-blkfront max_queues=1
run xl block-attach 0 "phy:$disk,xvda,w"
wait_until 20 state_is $back 4 || fail "not connected"
ring_thread kthread-pid 0.xvda-0
gone $back/queue-0 || fail "there is a queue-0"
run xl block-detach 0 xvda
run rmmod xen-blkfront
