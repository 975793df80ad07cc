# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: an interface's MTU by Xen's own script, over frontends that can take less, and its link
# limit: 200
# budget: 40
# drivers: ours

. /selftests/lib/common.sh

# also makes the folders that stay in xenstore
run /selftests/bin/frontend vif 1 8 -
take_stock before
run /selftests/bin/frontend settings 1 30 -
dmesg | grep -q "mtu is 1501, allowed is 68 to 1500" ||
	fail "the log does not say why an MTU is refused"
step "another interface works afterwards"
run /selftests/bin/frontend vif 1 8 -
sleep 1
take_stock after
compare_stock before after 1024
