# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: dom0 writes to a disk beside a frontend: neither loses what it wrote
# limit: 120
# budget: 15
# drivers: ours

. /selftests/lib/common.sh

make_null_disk nullb0 size=64
make_null_disk nullb1 size=64
modprobe -r xen-blkfront 2>/dev/null
step "before a connect, between two, and to a disk that takes another's place"
run /selftests/bin/frontend settled 1 52032 /dev/nullb0

step "a loop device that a shell holds open"
truncate -s 8M image
disk=$(losetup -f --show image) || fail "no loop device"
exec 7<> "$disk"
run /selftests/bin/frontend settled 1 52032 "$disk"
exec 7>&-
run losetup -d "$disk"
drop_null_disk nullb0
drop_null_disk nullb1
