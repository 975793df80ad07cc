# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: room in front of packets for XDP: asked for, counted as slots, wrong, over a reload
# limit: 240
# budget: 50
# drivers: ours

. /selftests/lib/common.sh

# with queues for the control ring, whatever CPUs there are
mkdir -p /etc/modprobe.d
echo "options xen_netback max_queues=2" > /etc/modprobe.d/headroom.conf
run rmmod xen-netback
run modprobe xen-netback
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
# also makes the folders that stay in xenstore
run /selftests/bin/frontend vif 1 8 -
take_stock before
run /selftests/bin/frontend headroom 1 30 -
step "one that was told of it has it, whatever the module is loaded with by then"
echo "options xen_netback provides_xdp_headroom=0" \
	> /etc/modprobe.d/headroom.conf
run /selftests/bin/frontend headroom-told 1 32 -
expect "parameter" N "$(cat /sys/module/xen_netback/parameters/provides_xdp_headroom)"
step "others are not offered any"
run /selftests/bin/frontend headroom-none 1 33 -
step "another interface works afterwards"
run /selftests/bin/frontend vif 1 8 -
sleep 1
take_stock after
compare_stock before after 1024
rm /etc/modprobe.d/headroom.conf
echo 0 > /proc/sys/net/ipv6/conf/default/disable_ipv6
run rmmod xen-netback
run modprobe xen-netback
