# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: xen-loadgen: every request is answered, counted, right; all is unwound
# limit: 600
# tier: all
# budget: 70

. /selftests/lib/common.sh

disk_mib=16
bursts="1 8 full"
debug=/sys/kernel/debug/xen-loadgen

# load DEVICE WORDS...: a run that must succeed; sets result_NAME to what it
# counted.
load() {
	local word name=
	guest_do g1 "load $*" > /dev/null
	echo "$* -> $answer"
	for word in $answer; do
		if [ -z "$name" ]; then
			name=$word
		else
			printf -v "result_$name" '%s' "$word"
			name=
		fi
	done
	expect "errors" 0 "$result_errors"
	expect "responses" "$result_requests" "$result_responses"
}

# load_fails WHAT DEVICE WORDS...: one that must end with this message.
load_fails() {
	local what=$1
	shift
	guest_ask g1 "load $* 2>&1"
	guest_answer g1 > /dev/null && fail "no failure: $*"
	case $answer in
	*"$what"*) echo "$* -> $answer" ;;
	*) fail "$*: '$answer', not '$what'" ;;
	esac
}

wait_up() {
	guest_do g1 "wait_for $debug/vbd-51712/run &&
		wait_for $debug/vif-0/run && wait_for $debug/vif-1/run"
}

# bursts_of COUNT BURST: how many bursts that makes; sets $nr_bursts.
bursts_of() {
	local burst=$2
	[ "$burst" = full ] && burst=$3
	nr_bursts=$((($1 + burst - 1) / burst))
}

# vbd_run STAT OP COUNT BURST WORDS...: the backend must count the same.
vbd_run() {
	local stat=$1 op=$2 count=$3 burst=$4 before
	shift 4
	before=$(vbd_stat "$id" 51712 "$stat")
	load vbd-51712 "op=$op count=$count burst=$burst $*"
	expect "requests" "$count" "$result_requests"
	expect "$stat of the backend" $((before + count)) \
		"$(vbd_stat "$id" 51712 "$stat")"
	bursts_of "$count" "$burst" 32
	figure "$op $* burst $burst: bursts, notifies, events" \
		"$nr_bursts, $result_notify_sent, $result_events"
	[ "$result_events" -le $((nr_bursts + 1)) ] ||
		fail "$result_events events for $nr_bursts bursts"
	[ "$result_notify_sent" -le $((nr_bursts + 1)) ] ||
		fail "$result_notify_sent notifies for $nr_bursts bursts"
}

blocks() {
	local burst sectors size pages=$((disk_mib * 256))
	step "disk: writes and reads"
	sectors=$(vbd_stat "$id" 51712 wr_sect)
	vbd_run wr_req write $pages full size=4096 offset=sequential check=1
	expect "sectors written" $((sectors + disk_mib * 2048)) \
		"$(vbd_stat "$id" 51712 wr_sect)"
	for burst in $bursts; do
		vbd_run rd_req read 333 "$burst" size=4096 check=1
		vbd_run wr_req write 333 "$burst" size=4096 check=1
	done
	for size in 512 1536 45056; do
		vbd_run wr_req write 100 8 size=$size check=1 offset=sequential
		vbd_run rd_req read 100 full size=$size check=1
	done
	vbd_run rd_req read $pages full size=4096 check=1 offset=sequential
	expect "bytes" $((disk_mib << 20)) "$result_bytes"
	step "disk: flush, discard, large requests"
	for burst in $bursts; do
		vbd_run f_req flush 50 "$burst"
	done
	vbd_optional feature-discard 1 \
		"op=discard count=50 burst=8 size=65536" "not supported"
	vbd_optional feature-max-indirect-segments 64 \
		"op=write count=64 burst=8 size=262144 check=1 offset=sequential" \
		"Invalid argument"
}

# vbd_optional KEY LEAST LINE MESSAGE: works when the backend's KEY is at
# least LEAST, and fails with MESSAGE when not.
vbd_optional() {
	local key=/local/domain/0/backend/vbd/$id/51712/$1
	if [ "$(read_key "$key" || echo 0)" -ge "$2" ]; then
		load vbd-51712 "$3"
		figure "$1" "offered; $3"
	else
		load_fails "$4" vbd-51712 "$3"
		figure "$1" "not offered"
	fi
}

# vif_run COUNT BURST WORDS...
vif_run() {
	local count=$1 burst=$2 before
	shift 2
	before=$(vif_stat "$id" 0 rx_packets)
	load vif-0 "op=tx count=$count burst=$burst $*"
	expect "packets" "$count" "$result_packets"
	expect "packets of the backend" $((before + count)) \
		"$(vif_stat "$id" 0 rx_packets)"
	bursts_of "$count" "$burst" 256
	figure "tx $* burst $burst: bursts, notifies, events" \
		"$nr_bursts, $result_notify_sent, $result_events"
	[ "$result_events" -le $((nr_bursts + 1)) ] ||
		fail "$result_events events for $nr_bursts bursts"
}

# across COUNT WORDS...: from one interface over the bridge to the other.
across() {
	local count=$1
	shift
	guest_do g1 "load vif-1 op=rx count=$count timeout=60 ethertype=0x0800 \
		> /tmp/rx & sleep 1; load vif-0 op=tx count=$count $* && wait \$! &&
		cat /tmp/rx"
	figure "across $count $*" "${answer##*$'\n'}"
	case ${answer##*requests} in
	*" errors 0 "*" packets $count "*) ;;
	*) fail "not all came: $answer" ;;
	esac
}

packets() {
	local burst size
	step "network: out"
	for burst in $bursts; do
		vif_run 1000 "$burst" size=64
	done
	vif_run 1000 full size=1514 ethertype=0x88b5
	vif_run 200 8 size=9000
	step "network: in"
	across 500 size=64 burst=8
	across 500 size=1514 burst=32
	across 100 size=9014 gso=1448 burst=4
	across 100 size=65000 gso=1448 burst=2
	load_fails "timed out" vif-1 "op=rx count=1 ethertype=0x1234 timeout=1"
}

wrong_lines() {
	step "wrong lines, a signal"
	load_fails "Invalid argument" vbd-51712 "op=read count=0"
	load_fails "Invalid argument" vbd-51712 "op=chew count=1"
	load_fails "Invalid argument" vbd-51712 "op=read count=1 size=100"
	load_fails "Invalid argument" vbd-51712 "op=read count=1 burst=33"
	load_fails "Invalid argument" vbd-51712 "op=read"
	load_fails "Invalid argument" vbd-51712 "op=read count=1 colour=red"
	load_fails "Invalid argument" vif-0 "op=tx count=1 dst=nowhere"
	load_fails "Invalid argument" vif-0 "op=tx count=1 size=20"
	guest_do g1 "dmesg | grep 'burst is \"33\", allowed is 1 to 32'"
	guest_do g1 "dmesg | grep 'size is \"100\", allowed is 512 to '"
	guest_do g1 "load vbd-51712 op=read count=4000000000 burst=full & sleep 1;
		kill -TERM \$! && wait \$!; grep -v ' 0$' $debug/vbd-51712/result"
	vbd_run rd_req read 100 full size=4096 check=1
}

reload() {
	guest_do g1 "unload_loadgen && modprobe xen-loadgen $*"
	wait_up
	load vbd-51712 "op=write count=1000 burst=full size=4096 check=1 \
		offset=sequential"
	load vbd-51712 "op=read count=1000 burst=full size=4096 check=1 \
		offset=sequential"
	load vif-0 "op=tx count=1000 burst=full"
}

# cut_off LINE COMMAND...: a run that ends because its device is taken away.
cut_off() {
	guest_ask g1 "load $1 2>&1"
	shift
	sleep 1
	run timeout 60 xl "$@"
	guest_answer g1 > /dev/null && fail "a run survived its device"
	case $answer in
	*"No such device"*) ;;
	*) fail "the run ended with: $answer" ;;
	esac
}

detach() {
	cut_off "vbd-51712 op=read count=4000000000 burst=8" \
		block-detach g1 xvda
	run timeout 60 xl block-attach g1 "$(disk_spec "phy:$disk,xvda,w")"
	wait_up
	load vbd-51712 "op=read count=1000 burst=full size=4096"
	cut_off "vif-1 op=rx count=4000000000" network-detach g1 1
	load vif-0 "op=tx count=1000 burst=8"
}

make_disk disk $disk_mib
take_stock before
step "creating the guest"
guest_start g1 disks="phy:$disk,xvda,w" vifs=2 extra="frontends=loadgen"
guest_wait_ready g1
id=$(guest_id g1)
wait_up
blocks
packets
wrong_lines
step "the module unloaded and loaded again"
reload
reload ring_order=2 persistent=0
expect "ring-page-order" 2 \
	"$(read_key "/local/domain/$id/device/vbd/51712/ring-page-order")"
step "disk and interface detached in the middle of runs"
detach
guest_do g1 "! dmesg | grep -E 'deferring g|leaking g|BUG:|WARNING:'"
figures_of_guest "$id"
step "the guest destroyed in the middle of runs"
guest_ask g1 "load vbd-51712 op=write count=4000000000 burst=full &
	load vif-0 op=tx count=4000000000 burst=full"
sleep 2
run timeout 60 xl destroy g1
wait_until 20 gone "/local/domain/0/backend/vbd/$id" || fail "the disk stays"
wait_until 20 gone "/local/domain/0/backend/vif/$id" || fail "a vif stays"
sleep 2
take_stock after
# the folders above a guest's nodes come and go as the toolstack pleases
xenstore-ls -f | grep -E "/(domain|vbd|vif)/$id(/| )" &&
	fail "nodes of the guest stay"
before_nodes=$after_nodes
compare_stock before after 4096
