# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a frontend that says Closing is served; a toolstack's Closing stays
# limit: 120
# budget: 15
# drivers: ours

. /selftests/lib/common.sh

make_null_disk nullb0 size=64
modprobe -r xen-blkfront 2>/dev/null
step "80 writes and reads, half of them after Closing"
run /selftests/bin/frontend closing 1 52016 /dev/nullb0

step "the toolstack asks for the end while the disk is slow"
map_disk asked "0 131072 linear /dev/nullb0 0"
run /selftests/bin/frontend asked 1 52288 "$disk"
unmap_disk asked
drop_null_disk nullb0
