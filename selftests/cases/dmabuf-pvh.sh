# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: dma-bufs of dom0's grants in memory of the DMA API, in a PVH guest
# limit: 400
# tier: all
# budget: 90
# drivers: ours
# guests: debug

. /selftests/lib/common.sh

bufinfo=/sys/kernel/debug/dma_buf/bufinfo

# What Xen counts for the guest. The guest's own count misses memory that it has
# freed and that has no frame.
mib_of_guest() {
	xl list g1 | awk 'NR == 2 { print $3 }'
}
mib_is() { [ "$(mib_of_guest)" = "$1" ]; }

guest_start g1 type=pvh kernel=debug memory=384 extra=frontends=none
guest_wait_ready g1 300
id=$(guest_id g1)
guest_do g1 "uname -r; cat /sys/hypervisor/guest_type"
[[ $answer == *PVH ]] || fail "the guest is $answer"
mib=$(mib_of_guest)
guest_do g1 "modprobe xen-evtchn && modprobe xen-gntdev && modprobe testbuf"
# what the boot has left behind is not looked at again
guest_do g1 ". /guest/leaks.sh; leaks_clear"

step "dom0's grants as dma-bufs, good and bad"
mkfifo end
/selftests/bin/devices offer "$id" < end > offer &
offer=$!
exec {end}> end
wait_until 20 test -s offer || fail "dom0 offers nothing"
guest_ask g1 "devices taken $(cat offer)"
guest_answer g1 || fail "in the guest: $answer"
figure "in the guest" "$(tail -n 1 <<< "$answer")"
echo >&"$end"
wait $offer || fail "dom0's pages: $(tail -n +2 offer)"
figure "in dom0" "$(tail -n 1 offer)"
did "xen-gntdev" "dma-bufs of dom0's grants, in a PVH guest"
guest_do g1 "grep ^Total $bufinfo"
expect "buffers at last" "Total 0 objects, 0 bytes" "$answer"

step "what is left behind"
guest_do g1 ". /guest/leaks.sh; leaks_none"
guest_do g1 "rmmod testbuf && rmmod xen-gntdev && rmmod xen-evtchn"
wait_until 10 mib_is "$mib" ||
	fail "the guest has $(mib_of_guest) MiB, and had $mib"
guest_do g1 no_complaints
guest_end g1
