# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: what a vbd of 4 queues and rings of 16 pages holds before it is used
# limit: 240
# budget: 30
# drivers: ours

. /selftests/lib/common.sh

vbds=16
most=256

# expect_line WORD: the frontend says where it is.
expect_line() {
	local line
	read -r -t 120 line <&"${frontend[0]}" || fail "the frontend ended"
	expect "frontend" "$1" "$line"
}

make_disk disk 8
modprobe -r xen-blkfront 2>/dev/null
run rmmod xen-blkback
run modprobe xen-blkback max_queues=4
# makes the folders and caches that stay
run /selftests/bin/frontend idle 2 51952 "$disk" < <(echo; echo)
coproc frontend { /selftests/bin/frontend idle $vbds 51952 "$disk"; }
expect_line unconnected
# the frontends' pages are there before the first look
memory_look before
echo >&"${frontend[1]}"
expect_line connected
memory_look after
expect "threads" $((4 * vbds)) "$(ps -o comm | grep -c '^0\.xvdz-')"
memory_between before after $vbds vbd
figure "KiB a vbd, most allowed" "$most"
echo >&"${frontend[1]}"
wait "$frontend_PID" || fail "the frontend failed"
[ $cost -gt 32 ] || fail "$cost KiB is less than four threads need"
[ $cost -lt $most ] || fail "an idle vbd costs $cost KiB"
run rmmod xen-blkback
run modprobe xen-blkback
