# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a frontend that says Closing is served until it says Closed
# limit: 90
# budget: 10
# drivers: ours

. /selftests/lib/common.sh

make_null_disk nullb0 size=64
modprobe -r xen-blkfront 2>/dev/null
step "80 writes and reads, half of them after Closing"
run /selftests/bin/frontend closing 1 52016 /dev/nullb0
drop_null_disk nullb0
