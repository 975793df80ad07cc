# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: secure discards reach the disk, whole, and hold up nothing else
# limit: 90
# budget: 10
# drivers: ours

. /selftests/lib/common.sh

counters=/sys/module/testdisk/parameters

run modprobe testdisk
wait_until 10 test -b /dev/testdisk || fail "no /dev/testdisk"
modprobe -r xen-blkfront 2>/dev/null

step "a secure discard of 2 MiB on a disk that takes 512 KiB at a time"
run /selftests/bin/frontend erase 1 52000 /dev/testdisk
expect "secure discards of the disk" 4 "$(cat $counters/erases)"
expect "sectors erased" 4096 "$(cat $counters/erased)"
expect "other discards" 0 "$(cat $counters/discards)"
run modprobe -r testdisk
