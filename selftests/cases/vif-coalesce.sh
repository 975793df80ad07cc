# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a guest that sends many packets is looked at now and then, one that waits for answers at once
# limit: 200
# budget: 40
# drivers: ours

. /selftests/lib/common.sh

count=3000
mac=02:00:00:00:00:01

# of NAME: a number of debugfs, of all queues
of() {
	awk -v name="$1:" '$1 == name { n += $2 } END { print n + 0 }' \
		"/sys/kernel/debug/xen-backends/vif-$id-0"
}

# send: $events and $waits are what it took
send() {
	local packets
	packets=$(of tx_packets)
	events=$(of chan0_events)
	waits=$(of tx_waits)
	guest_do "$@" > /dev/null
	packets=$(($(of tx_packets) - packets))
	events=$(($(of chan0_events) - events))
	waits=$(($(of tx_waits) - waits))
	figure "${*:2}" "$packets packets, $events events, $waits waits"
	# nothing else is sent: what the last wait was for has come by itself
	expect "packets" $count $packets
}

all_are_there() {
	[ $(($(of tx_packets) - packets)) = $count ]
}

# no_setting VALUE
no_setting() {
	! ethtool -C "$vif" rx-usecs "$1" 2> said || fail "rx-usecs may be $1"
	grep -q "rx-usecs may be 0 to 1000" said || fail "says: $(cat said)"
}

setting() {
	ethtool -c "$vif" | awk '$1 == "rx-usecs:" { print $2 }'
}

guest_start g1 vifs=1 extra="ipv6.disable=1"
guest_start g2 vifs=1 extra="ipv6.disable=1 frontends=loadgen"
guest_wait_ready g1
guest_wait_ready g2
guest_do g1 "ip link set eth0 up"

id=$(guest_id g1)
vif=vif$id.0
expect "rx-usecs" 50 "$(setting)"
step "what may be set"
no_setting 1001
no_setting 4294967295
expect "rx-usecs" 50 "$(setting)"
run ethtool -C "$vif" rx-usecs 1000
expect "rx-usecs" 1000 "$(setting)"

# so slow that a wait is seen however fast this machine is
step "one that sends at will"
send g1 "packets $count 64 $mac 100000"
[ $events -le $((count / 10)) ] || fail "$events events for $count packets"
[ $waits -gt 0 ] || fail "no wait"
with_waits=$events

step "the same without a wait, and where it is too slow for one"
for usecs in 0 50; do
	run ethtool -C "$vif" rx-usecs $usecs
	send g1 "packets $count 64 $mac 100000"
	# it catches up on what it has missed, faster, when its CPU was taken away
	[ $waits -le $((usecs * count / 2500)) ] ||
		fail "$waits waits for $count packets"
	[ $events -gt $with_waits ] || fail "$events events for $count packets"
done

step "an interface that is taken down while packets wait"
run ethtool -C "$vif" rx-usecs 1000
packets=$(of tx_packets)
guest_ask g1 "packets $count 64 $mac 100000"
for _ in 1 2 3 4; do
	sleep 0.1
	run ip link set dev "$vif" down
	run ip link set dev "$vif" up
done
guest_answer g1 > /dev/null || fail "g1: $answer"
wait_until 5 all_are_there || fail "$(($(of tx_packets) - packets)) packets of $count"
figure "waits in all" "$(of tx_waits)"

id=$(guest_id g2)
step "one that waits for its answers"
guest_do g2 "wait_for /sys/kernel/debug/xen-loadgen/vif-0/run"
run ethtool -C "vif$id.0" rx-usecs 1000
send g2 "load vif-0 op=tx count=$count burst=1 size=64 dst=$mac"
# a few, and ever more packets until it is tried again
[ $waits -gt 0 ] || fail "it was not tried"
[ $waits -le $((count / 64)) ] || fail "$waits waits for $count packets"

run xl destroy g1
run xl destroy g2
