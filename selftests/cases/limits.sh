# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: requests and bytes a second of a vbd: held, burst, changed live, off
# limit: 500
# budget: 70
# drivers: ours
# allow: allowed is 0 \(no limit\)

. /selftests/lib/common.sh

# timed LINE: a run of the load generator; sets $ms, what it took in the guest.
timed() {
	guest_do g1 "read a _ < /proc/uptime; load vbd-51712 $* || exit 1;
		read b _ < /proc/uptime; echo; echo \$a \$b" > /dev/null
	ms=$(echo "$answer" | awk 'END { printf "%d", ($2 - $1) * 1000 }')
	echo "$* took $ms ms"
}

# between NAME LEAST MOST: milliseconds. A limit must never be exceeded; being
# late is a matter of the machine's load.
between() {
	figure "$1: ms, allowed" "$ms, $2 to $3"
	[ "$ms" -ge "$2" ] || fail "$1: $ms ms is too fast, least is $2"
	[ "$ms" -le "$3" ] || fail "$1: $ms ms is too slow, most is $3"
}

# limit NAME VALUE...: through xenstore; returns when the driver has them.
limit() {
	local name
	while [ $# -gt 0 ]; do
		run write_keys "$back/limits/$1" "$2"
		wait_until 5 has_limit "$1" "$2" ||
			fail "$1 is $(cat "$sys/${1//-/_}"), not $2"
		shift 2
	done
}

has_limit() {
	[ "$(cat "$sys/${1//-/_}")" = "$2" ]
}

# bad NAME VALUE: the error names both, and what was stays.
bad() {
	local error=/local/domain/0/error/backend/vbd/$id/51712/error was
	was=$(cat "$sys/${1//-/_}")
	run write_keys "$back/limits/$1" "$2"
	wait_until 5 gone_not "$error" || fail "no error for $1 \"$2\""
	read_key "$error"
	[[ $(read_key "$error") == *"limits/$1 is \"$2\", allowed is 0"* ]] ||
		fail "the error does not name $1 and $2"
	expect "$1" "$was" "$(cat "$sys/${1//-/_}")"
	state_is "$back" 4 || fail "not connected any more"
	limit "$1" "$was"
	wait_until 5 gone "$error" || fail "the error stays"
}

gone_not() {
	key_exists "$1"
}

bad_values() {
	step "wrong limits are refused and named, the old ones stay"
	bad iops x
	bad iops -1
	bad iops 10000001
	bad bps 4095
	bad bps-burst 99999999999999999999
	(echo 12k > "$sys/iops") 2>/dev/null && fail "12k was taken"
	dmesg | grep -q 'iops is "12k", allowed is 0 (no limit) and 1 to' ||
		fail "no message for 12k"
	has_limit iops 40 || fail "12k changed the limit"
	# as an administrator types them
	run xenstore-write "backend/vbd/$id/51712/limits/iops" 500
	wait_until 5 has_limit iops 500 || fail "xenstore-write changes nothing"
	echo 20000000 > "$sys/bps" || fail "sysfs refuses 20000000"
	has_limit bps 20000000 || fail "bps is $(cat "$sys/bps")"
	limit iops 40 bps 0
}

rates() {
	step "requests a second"
	timed op=read count=120 burst=8
	between "120 reads without a limit" 0 1700
	limit iops-burst 20 iops 40
	timed op=read count=120 burst=8
	between "120 reads at 40 a second, 20 at once" 2420 5000
	timed op=flush count=40 burst=1
	between "40 flushes at 40 a second" 480 3000
	bad_values
	step "a burst after a rest"
	limit iops-burst 100 iops 10
	timed op=read count=140 burst=8
	between "140 reads at 10 a second, 100 of them at once" 3880 7000
	step "bytes a second"
	limit iops 0 iops-burst 0 bps-burst 65536 bps 1048576
	timed op=write count=100 burst=8 size=45056 offset=sequential
	between "4.3 MiB at 1 MiB a second" 4100 8000
}

live() {
	local end
	step "changed in the middle of a run, by sysfs"
	limit bps 0 iops-burst 1 iops 20
	guest_ask g1 "read a _ < /proc/uptime; load vbd-51712 op=read \
		count=400 burst=8 || exit 1; read b _ < /proc/uptime;
		echo; echo \$a \$b"
	sleep 2
	echo 0 > "$sys/iops" || fail "sysfs refuses 0"
	expect "iops in xenstore" 0 "$(read_key "$back/limits/iops")"
	guest_answer g1 60 || fail "the run failed: $answer"
	ms=$(echo "$answer" | awk 'END { printf "%d", ($2 - $1) * 1000 }')
	between "400 reads at 20 a second, unlimited after 2 s" 1500 9000
	timed op=read count=120 burst=8
	between "120 reads without a limit again" 0 1700
}

# Neither a reload nor a detach waits for requests that wait for the limit.
stops() {
	step "reloaded and detached with requests held back"
	limit iops-burst 1 iops 1
	guest_ask g1 "load vbd-51712 op=read count=1000 burst=full 2>&1"
	sleep 1
	SECONDS=0
	run /etc/xen/scripts/reload-backend blkback
	figure "seconds for a reload" $SECONDS
	[ $SECONDS -lt 15 ] || fail "the reload waited for the limit"
	has_limit iops 1 || fail "the limit is lost"
	SECONDS=0
	run timeout 60 xl block-detach g1 xvda
	figure "seconds for a detach" $SECONDS
	[ $SECONDS -lt 15 ] || fail "the detach waited for the limit"
	guest_answer g1 60 && fail "a run survived its device"
}

# One queue has 8 large requests in flight, the other one small at a time: of
# 60 a second that may be 30 each.
fair() {
	step "two queues share a limit"
	guest_start g2 vcpus=2 disks="phy:$disk,xvda,w"
	guest_wait_ready g2
	id=$(guest_id g2)
	back=/local/domain/0/backend/vbd/$id/51712
	sys=/sys/bus/xen-backend/devices/vbd-$id-51712/limits
	expect "queues" 2 "$(read_key \
		"/local/domain/$id/device/vbd/51712/multi-queue-num-queues")"
	limit iops-burst 1 iops 60
	guest_do g2 "for n in 1 2 3 4; do
		taskset 1 dd if=/dev/xvda of=/dev/null bs=1M count=8 iflag=direct &
		done; sleep 1; read a _ < /proc/uptime;
		taskset 2 dd if=/dev/xvda of=/dev/null bs=4k count=90 iflag=direct;
		read b _ < /proc/uptime; killall dd; echo; echo \$a \$b"
	ms=$(echo "$answer" | awk 'END { printf "%d", ($2 - $1) * 1000 }')
	between "90 reads of one queue beside a busy one" 1400 4500
	limit iops 0
	guest_end g2
}

# a loop device is too slow for this
run modprobe brd rd_nr=1 rd_size=16384
disk=/dev/ram0
guest_start g1 disks="phy:$disk,xvda,w" extra="frontends=loadgen"
guest_wait_ready g1
id=$(guest_id g1)
back=/local/domain/0/backend/vbd/$id/51712
sys=/sys/bus/xen-backend/devices/vbd-$id-51712/limits
guest_do g1 "wait_for /sys/kernel/debug/xen-loadgen/vbd-51712/run"
rates
live
stops
guest_end g1
fair
run rmmod brd
