# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: what a vif of one queue, and of four, holds before it is used
# limit: 300
# budget: 40
# drivers: both

. /selftests/lib/common.sh

vifs=8

expect_line() {
	local line
	read -r -t 120 line <&"${frontend[0]}" || fail "the frontend ended"
	expect "frontend" "$1" "$line"
}

# measure QUEUES: in $cost, KiB a vif. The frontends' pages are there before.
measure() {
	step "$vifs vifs of $1 queue(s)"
	coproc frontend { /selftests/bin/frontend idle-vif $vifs 30 "$1"; }
	expect_line unconnected
	memory_look before
	echo >&"${frontend[1]}"
	expect_line connected
	memory_look after
	memory_between before after $vifs "vif of $1 queue(s)"
	echo >&"${frontend[1]}"
	wait "$frontend_PID" || fail "the frontend failed"
	[ $cost -gt 10 ] || fail "$cost KiB is less than a net device needs"
}

run rmmod xen-netback
run modprobe xen-netback max_queues=4
# makes the folders and caches that stay
run /selftests/bin/frontend idle-vif 2 30 4 < <(echo; echo)
measure 1
one=$cost
measure 4
four=$cost
if [ -e /sys/module/xenbus_be ]; then
	# what the in-tree driver's hold here, on Linux 6.1
	[ "$one" -lt 282 ] || fail "a vif of 1 queue costs $one KiB"
	[ "$four" -lt 763 ] || fail "a vif of 4 queues costs $four KiB"
fi
did xen-netback "an idle vif of 1 and of 4 queues costs $one and $four KiB"
run rmmod xen-netback
run modprobe xen-netback
