# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: histograms and tracepoints of a vif, against the packets that went through
# limit: 200
# budget: 30
# drivers: ours
# allow: latency is "[^"]*", allowed is 0 or 1

. /selftests/lib/common.sh

mount_tracing
expect "switch" 0 "$(cat /sys/kernel/debug/xen-backends/netback-latency)"
# also makes the folders that stay in xenstore
run /selftests/bin/frontend vif 1 8 -
take_stock before
run /selftests/bin/frontend watched 1 30 -
dmesg | grep -q 'netback-latency is "2", allowed is 0 or 1' ||
	fail "the log does not say what is wrong with 2"
step "another interface works afterwards"
run /selftests/bin/frontend vif 1 8 -
sleep 1
take_stock after
compare_stock before after 1024
