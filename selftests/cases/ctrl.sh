# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: the control ring: each message good and bad, packets go by what it sets
# limit: 200
# budget: 40
# drivers: ours

. /selftests/lib/common.sh

# an interface of two queues, whatever CPUs there are
run rmmod xen-netback
run modprobe xen-netback max_queues=2
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
# also makes the folders that stay in xenstore
run /selftests/bin/frontend vif 1 8 -
take_stock before
step "messages, and packets that go by them"
run /selftests/bin/frontend ctrl 1 24 -
step "a module loaded again goes on with what was set"
mkdir -p /etc/modprobe.d
echo "options xen_netback max_queues=2" > /etc/modprobe.d/ctrl.conf
run /selftests/bin/frontend ctrl-reload 1 25 -
step "another interface works afterwards"
run /selftests/bin/frontend vif 1 8 -
sleep 1
take_stock after
compare_stock before after 1024
rm /etc/modprobe.d/ctrl.conf
echo 0 > /proc/sys/net/ipv6/conf/default/disable_ipv6
run rmmod xen-netback
run modprobe xen-netback
