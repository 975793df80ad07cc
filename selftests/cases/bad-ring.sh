# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a vbd ring whose producer jumps out of range halts; dom0 stays well
# limit: 180
# budget: 20
# allow: bad ring request|broken ring|producer|Frontend provided bogus ring

. /selftests/lib/common.sh

make_disk disk 8
modprobe -r xen-blkfront 2>/dev/null
# also makes the folders that stay in xenstore
run /selftests/bin/frontend vbd 1 51968 "$disk"
take_stock before
run /selftests/bin/frontend far-producer 1 51952 "$disk"
step "another device works afterwards"
run /selftests/bin/frontend vbd 1 51968 "$disk"
sleep 1
take_stock after
compare_stock before after 1024
