# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: what a vbd of 4 queues and rings of 16 pages holds before it is used
# limit: 240
# budget: 30
# drivers: ours

. /selftests/lib/common.sh

vbds=16
most=256

# What the kernel counts exactly: its objects of all sizes, the stacks of its
# threads, other virtually mapped memory, per-CPU memory. Free memory is shown
# besides: it has the page tables too, but also what xenstored and the lists of
# free pages gain. The frontends' pages are there before the first look.
look() {
	sync
	echo 3 > /proc/sys/vm/drop_caches
	sleep 2
	printf -v "$1_free" '%s' "$((-$(_meminfo MemFree)))"
	printf -v "$1_slab" '%s' "$(_meminfo SUnreclaim)"
	printf -v "$1_stack" '%s' "$(_meminfo KernelStack)"
	printf -v "$1_vmalloc" '%s' \
		"$(($(_meminfo VmallocUsed) - $(_meminfo KernelStack)))"
	printf -v "$1_percpu" '%s' "$(_meminfo Percpu)"
}

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
look before
echo >&"${frontend[1]}"
expect_line connected
look after
expect "threads" $((4 * vbds)) "$(ps -o comm | grep -c '^0\.xvdz-')"
total=0
for item in free slab stack vmalloc percpu; do
	was=before_$item
	is=after_$item
	figure "KiB a vbd, $item" $(((${!is} - ${!was}) / vbds))
	[ $item = free ] || total=$((total + ${!is} - ${!was}))
done
cost=$((total / vbds))
figure "KiB a vbd, all; most allowed" "$cost, $most"
echo >&"${frontend[1]}"
wait "$frontend_PID" || fail "the frontend failed"
[ $cost -gt 32 ] || fail "$cost KiB is less than four threads need"
[ $cost -lt $most ] || fail "an idle vbd costs $cost KiB"
run rmmod xen-blkback
run modprobe xen-blkback
