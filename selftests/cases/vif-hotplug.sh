# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: interfaces routed, with NAT, in a VLAN of a bridge, and as Qubes and xapi set them up, over a reload
# limit: 400
# budget: 110
# drivers: any

. /selftests/lib/common.sh

scripts=/etc/xen/scripts

# What Qubes' vif-route-qubes does to the net device, in its order.
cat > $scripts/vif-as-qubes <<'END'
#!/bin/bash
dir=$(dirname "$0")
. "$dir/vif-common.sh"
if [ "$command" = online ]; then
	echo 1 > "/proc/sys/net/ipv4/conf/$vif/proxy_arp"
	ifconfig "$vif" up
	ip route add "$ip" dev "$vif" metric 32000
	ip addr add 10.137.0.1/32 dev "$vif"
	success
fi
END
# And xapi's vif-real with a bridge: features and MTU first, while it is down.
cat > $scripts/vif-as-xapi <<'END'
#!/bin/bash
dir=$(dirname "$0")
. "$dir/vif-common.sh"
if [ "$command" = online ]; then
	ethtool -K "$vif" tx off
	ethtool -K "$vif" tso off
	ip link set "$vif" mtu 1400
	ip link set "$vif" down
	ip link set "$vif" arp off
	ip link set "$vif" multicast off
	ip link set "$vif" address fe:ff:ff:ff:ff:ff
	ip addr flush "$vif"
	ip link set "$vif" master "$(xenstore-read "$XENBUS_PATH/bridge")"
	ip link set "$vif" up
	success
fi
END
chmod +x $scripts/vif-as-qubes $scripts/vif-as-xapi

# vif-route takes the address of this one
run ip link add eth0 type veth peer name away
run ip addr add 10.79.0.1/24 dev eth0
run ip link set dev away up
run ip link set dev eth0 up
# a bridge that keeps VLANs apart, and dom0's place in one of them
run ip link add brv type bridge vlan_filtering 1
run ip link set dev brv up
run bridge vlan add dev brv vid 7 self
run ip link add link brv name office type vlan id 7
run ip addr add 10.87.0.1/24 dev office
run ip link set dev office up

guest_start g1 nets="script=vif-route,ip=10.78.0.2 script=vif-nat \
	script=vif-bridge,bridge=brv script=vif-as-qubes,ip=10.137.0.6 \
	script=vif-as-xapi,bridge=xenbr0"
guest_wait_ready g1
id=$(guest_id g1)
run bridge vlan add dev "vif$id.2" vid 7 pvid untagged

guest_do g1 "for n in 0 1 2 3 4; do ip link set eth\$n up; done;
	ip addr add 10.78.0.2/32 dev eth0; ip route add 10.79.0.1 dev eth0;
	ip addr add 10.$((id / 256)).$((id % 256)).2/24 dev eth1;
	ip addr add 10.87.0.2/24 dev eth2;
	ip addr add 10.137.0.6/32 dev eth3; ip route add 10.137.0.1 dev eth3;
	ip addr add 10.77.0.15/24 dev eth4"

# reach NAME ADDRESS
reach() {
	guest_do g1 "ping -c 2 -W 5 $2"
	echo "$1 works"
}

reach_all() {
	reach "routed" 10.79.0.1
	reach "NAT" "10.$((id / 256)).$((id % 256)).129"
	reach "in a VLAN" 10.87.0.1
	reach "as Qubes has it" 10.137.0.1
	reach "as xapi has it" 10.77.0.1
}

as_set() {
	local number
	for number in 0 1 2 3 4; do
		cat "/sys/class/net/vif$id.$number"/{flags,mtu,address}
		cat "/proc/sys/net/ipv4/conf/vif$id.$number/proxy_arp"
		ip route show dev "vif$id.$number"
		ip -o -4 addr show dev "vif$id.$number" | grep -o 'inet [^ ]*'
		bridge vlan show dev "vif$id.$number"
	done
	ethtool -k "vif$id.4" | grep -E '^(tx-checksumming|tcp-segmentation-offload):'
}

reach_all
as_set > before
grep -q "^tcp-segmentation-offload: off" before || fail "xapi's features"
if [ -d /sys/module/xenbus_be ]; then
	step "a module loaded again"
	run $scripts/reload-backend netback
	as_set > after
	diff before after || fail "a setting is lost"
	reach_all
fi
guest_end g1
run ip link del office
run ip link del brv
run ip link del eth0
rm $scripts/vif-as-qubes $scripts/vif-as-xapi
