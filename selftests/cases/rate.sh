# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: the toolstack's rate of a vif, for two queues together, changed while they send
# limit: 120
# budget: 25
# drivers: ours

. /selftests/lib/common.sh

# also makes the folders that stay in xenstore
run /selftests/bin/frontend vif 1 8 -
take_stock before
run /selftests/bin/frontend rate 1 20 -
sleep 1
take_stock after
compare_stock before after 1024
