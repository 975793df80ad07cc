# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: what one ring or guest holds or asks for does not make others wait
# limit: 200
# budget: 40
# drivers: ours
# clock: simulated
# allow: still draining

. /selftests/lib/common.sh

modprobe -r xen-blkfront 2>/dev/null
make_slow_disk nullb0
step "a ring that falls idle gives its pages back"
run /selftests/bin/frontend hoard 1 52096 /dev/nullb0

step "requests that are refused leave no memory taken"
queues=/sys/module/xen_blkback/parameters/max_queues
before=$(<$queues)
echo 4 > $queues
run /selftests/bin/frontend arrays 1 52096 /dev/nullb0
echo "$before" > $queues

step "events that bring nothing, while a limit holds requests back"
run /selftests/bin/frontend held 1 52112 /dev/nullb0

step "a frontend that starts again and again waits alone"
run /selftests/bin/frontend flap 1 52304 /dev/nullb0

step "the end of a device waits for few discards"
run modprobe testdisk
wait_until 10 test -b /dev/testdisk || fail "no /dev/testdisk"
run /selftests/bin/frontend erases 1 52128 /dev/testdisk
run modprobe -r testdisk

step "a guest with 16 disks goes while what is below them is dead"
map_disk dead "0 65536 linear /dev/nullb0 0"
run /selftests/bin/frontend dead 16 52240 "$disk"
unmap_disk dead
drop_null_disk nullb0
