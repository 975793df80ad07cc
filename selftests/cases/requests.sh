# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a vbd's answers to indirect, wrong, barrier and discard requests
# limit: 180
# budget: 20
# drivers: ours

. /selftests/lib/common.sh

parameters=/sys/module/xen_blkback/parameters
make_null_disk nullb0 size=64 discard=1 cache_size=16
node=/dev/nullb0
modprobe -r xen-blkfront 2>/dev/null
run /selftests/bin/frontend vbd 1 51968 "$node"
take_stock before

for most in 1056 20 0; do
	step "at most $most grants stay mapped"
	echo $most > $parameters/max_persistent_grants
	run /selftests/bin/frontend requests 1 51984 "$node"
	figures_of_debugfs
done
echo 1056 > $parameters/max_persistent_grants

sleep 1
take_stock after
compare_stock before after 1024
drop_null_disk nullb0
