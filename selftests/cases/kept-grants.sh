# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: disks of one domain keep no more grants mapped than it may, and all work
# limit: 120
# budget: 15
# drivers: ours

. /selftests/lib/common.sh

parameter=/sys/module/xen_blkback/parameters/max_kept_grants
# what a busy disk of the frontend tool would keep, and what its domain may
EACH=32 SHARE=40

kept() {
	cat /sys/kernel/debug/xen-backends/vbd-0-"$1"-rings |
		awk '/^kept:/ { sum += $2 } END { print sum + 0 }'
}

answers() {
	awk '/^(rd_req|wr_req):/ { sum += $2 } END { print sum + 0 }' \
		"/sys/kernel/debug/xen-backends/vbd-0-$1-rings"
}

start_disk() {
	/selftests/bin/frontend busy-mapped 1 "$1" /dev/nullb0 > "said$1" 2>&1 9>&- &
	eval "pid$1=$!"
	wait_until 30 grep -q busy "said$1" || fail "vbd $1: $(cat "said$1")"
}

end_disk() {
	local pid="pid$1"
	kill -KILL "${!pid}"
	wait "${!pid}" 2> /dev/null
	remove_keys "/local/domain/0/device/vbd/$1"
	write_keys "/local/domain/0/backend/vbd/0/$1/online" 0 \
		"/local/domain/0/backend/vbd/0/$1/state" 5
	backends_gone "vbd-0-$1"
	remove_keys "/local/domain/0/backend/vbd/0/$1"
}

keeps_all() { [ "$(kept "$1")" = $EACH ]; }

modprobe -r xen-blkfront 2> /dev/null
make_null_disk nullb0 size=64
# folders of xenstore stay
start_disk 51984
end_disk 51984
take_stock before
was=$(cat $parameter)

step "two disks, and grants enough for one"
echo $((4 * SHARE)) > $parameter
start_disk 51984
expect "grants that the first one keeps" $EACH "$(kept 51984)"
start_disk 52000
expect "grants that both keep" $SHARE "$(($(kept 51984) + $(kept 52000)))"
expect "grants that the first one keeps" $EACH "$(kept 51984)"
seen=$(answers 52000)
more() { [ "$(answers 52000)" -gt $((seen + 200)) ]; }
wait_until 20 more || fail "the second one stands still"

step "what the first one had is the second one's"
end_disk 51984
wait_until 20 keeps_all 52000 || fail "the second one keeps $(kept 52000)"
end_disk 52000

step "none at all"
echo 0 > $parameter
start_disk 51984
expect "grants that it keeps" 0 "$(kept 51984)"
end_disk 51984

echo "$was" > $parameter
start_disk 51984
expect "grants that it keeps by default" $EACH "$(kept 51984)"
end_disk 51984
sleep 1
take_stock after
compare_stock before after 1024
drop_null_disk nullb0
