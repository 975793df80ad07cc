# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: multicast control: a frontend gets the groups that it adds, also over a reload
# limit: 120
# budget: 25
# drivers: ours

. /selftests/lib/common.sh

echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
# also makes the folders that stay in xenstore
run /selftests/bin/frontend vif 1 8 -
take_stock before
run /selftests/bin/frontend groups 1 20 -
run /selftests/bin/frontend vif 1 8 -
sleep 1
take_stock after
compare_stock before after 1024
echo 0 > /proc/sys/net/ipv6/conf/default/disable_ipv6
