# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a barrier beside a halted, a held and a full ring ends, as its device does
# limit: 240
# budget: 20
# drivers: ours
# allow: producer

. /selftests/lib/common.sh

make_disk disk 8
modprobe -r xen-blkfront 2>/dev/null
# also makes the folders that stay in xenstore
run /selftests/bin/frontend vbd 1 51968 "$disk"
take_stock before
begin=$SECONDS
run /selftests/bin/frontend barriers 1 51952 "$disk"
figure "seconds" $((SECONDS - begin))
sleep 1
take_stock after
compare_stock before after 1024
