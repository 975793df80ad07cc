# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a vif's answers to malformed packets; one with a broken ring is off
# limit: 240
# budget: 60
# drivers: ours

. /selftests/lib/common.sh

# packets wait for 10 seconds otherwise
run rmmod xen-netback
run modprobe xen-netback rx_drain_timeout_msecs=1000 \
	rx_stall_timeout_msecs=2000
# also makes the folders that stay in xenstore
run /selftests/bin/frontend vif 1 8 -
take_stock before
run /selftests/bin/frontend packets 1 20 -
step "another interface works afterwards"
run /selftests/bin/frontend vif 1 8 -
sleep 1
take_stock after
compare_stock before after 1024
run rmmod xen-netback
run modprobe xen-netback
step "slots that it has to look for, or that come beside a flood"
run /selftests/bin/frontend posts 1 21 -
step "what the stack gets"
run /selftests/bin/frontend stack 1 22 -
step "a net device that somebody holds on to"
run modprobe testnet
run /selftests/bin/frontend kept 1 24 -
run rmmod testnet
step "what GRO has chained"
run /selftests/bin/frontend chained 1 23 -
