# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: tracepoints, latency histograms and counters of a ring; idle pages go
# limit: 300
# budget: 40
# drivers: ours
# allow: latency is "7", allowed is 0 or 1

. /selftests/lib/common.sh

debug=/sys/kernel/debug/xen-backends
events=/sys/kernel/tracing/events/xen_blkback

# load DEVICE WORDS...: a run in the guest that must succeed.
load() {
	guest_do g1 "load $*" > /dev/null
}

# counted OPERATION: requests in its histogram.
counted() {
	awk -v name="^latency_$1_" '$1 ~ name { n += $2 } END { print n + 0 }' \
		"$rings"
}

histograms() {
	step "latency histograms"
	expect "switch" 0 "$(cat $debug/blkback-latency)"
	load vbd-51712 op=read count=50 burst=8
	expect "reads counted while off" 0 "$(counted read)"
	(echo 7 > $debug/blkback-latency) 2>/dev/null && fail "7 was taken"
	echo 1 > $debug/blkback-latency || fail "cannot switch it on"
	load vbd-51712 op=read count=300 burst=8
	load vbd-51712 op=write count=200 burst=1
	load vbd-51712 op=flush count=40 burst=4
	cat "$rings"
	expect "reads counted" 300 "$(counted read)"
	expect "writes counted" 200 "$(counted write)"
	expect "flushes counted" 40 "$(counted flush)"
	grep -c '^latency_.*_0_us' "$rings"
	echo 0 > $debug/blkback-latency || fail "cannot switch it off"
	load vbd-51712 op=read count=50 burst=8
	expect "reads counted after that" 300 "$(counted read)"
	expect "requests of the ring" 400 \
		"$(awk '$1 == "rd_req:" { print $2 }' "$rings")"
}

# traced EVENT TEXT: lines of the event with the text.
traced() {
	grep -c " blkback_$1: .*$2" trace
}

tracepoints() {
	local pipe
	step "tracepoints"
	mount_tracing
	echo 1 > $events/enable || fail "no tracepoints"
	cat /sys/kernel/tracing/trace_pipe > trace &
	pipe=$!
	load vbd-51712 op=read count=20 burst=4
	guest_ask g1 "load vbd-51728 op=write count=3"
	guest_answer g1 && fail "a read-only disk was written"
	sleep 1
	echo 0 > $events/enable
	load vbd-51712 op=read count=5
	sleep 1
	kill $pipe
	grep blkback_ trace | head -n 30
	expect "taken" 20 "$(traced taken "$id.xvda-0 .* read")"
	expect "submitted" 20 "$(traced submitted "$id.xvda-0 .* read")"
	expect "finished" 20 "$(traced finished "$id.xvda-0 .* read")"
	[ "$(traced error "$id.xvdb-0 .* status -1")" -ge 1 ] ||
		fail "no error event"
	[ "$(traced pass "$id.xvda-0 took 1")" -ge 1 ] || fail "no pass event"
}

pages() {
	awk '$1 == "pages:" { print $2 }' "$rings"
}

has_no_pages() {
	[ "$(pages)" = 0 ]
}

memory() {
	step "memory that idle requests keep is given back under pressure"
	# without grants that stay mapped, requests have pages of their own
	guest_do g1 "unload_loadgen && modprobe xen-loadgen persistent=0 &&
		wait_for /sys/kernel/debug/xen-loadgen/vbd-51712/run"
	load vbd-51712 op=read count=200 burst=full size=45056
	figure "pages of idle requests" "$(pages)"
	[ "$(pages)" -ge 100 ] || fail "no pages are kept: $(pages)"
	echo 2 > /proc/sys/vm/drop_caches
	wait_until 5 has_no_pages || fail "$(pages) pages are kept"
	load vbd-51712 op=write count=100 burst=full size=45056 check=1 \
		offset=sequential
	load vbd-51712 op=read count=100 burst=full size=45056 check=1 \
		offset=sequential
}

# read_all PATTERN...: again and again, until the case ends.
read_all() {
	while sleep 0.05; do
		cat $1 > /dev/null 2>&1
	done &
	readers="$readers $!"
}

# Readers of all that can be read, while disks come and go.
teardown() {
	local n readers= device="/sys/bus/xen-backend/devices/vbd-*"
	step "read while rings come and go"
	trap 'kill $readers 2>/dev/null' EXIT
	read_all "$debug/vbd-*"
	read_all "$device/statistics/* $device/limits/* $debug/vbd-*-rings"
	while sleep 0.2; do
		echo 2 > /proc/sys/vm/drop_caches
	done &
	readers="$readers $!"
	guest_ask g1 "load vbd-51712 op=read count=3000 burst=8"
	for n in $(seq 15); do
		echo "vbd-$id-51712" > \
			/sys/bus/xen-backend/drivers/vbd/unbind || fail "unbind"
		echo "vbd-$id-51712" > \
			/sys/bus/xen-backend/drivers/vbd/bind || fail "bind"
		sleep 0.3
	done
	guest_answer g1 120 || fail "the run failed: $answer"
	kill $readers
	trap - EXIT
	figure "rounds" "$n"
}

make_disk disk 16
first=$disk
make_disk second 16
guest_start g1 disks="phy:$first,xvda,w phy:$disk,xvdb,r" \
	extra="frontends=loadgen"
guest_wait_ready g1
id=$(guest_id g1)
rings=$debug/vbd-$id-51712-rings
guest_do g1 "wait_for /sys/kernel/debug/xen-loadgen/vbd-51712/run &&
	wait_for /sys/kernel/debug/xen-loadgen/vbd-51728/run"
histograms
tracepoints
memory
teardown
guest_end g1
