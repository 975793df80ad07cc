# SPDX-License-Identifier: GPL-2.0 OR MIT
# Sourced by reload-backend: what a vif's net device had is written to files,
# and given to the one that comes after it.
# shellcheck shell=bash

bus=/sys/bus/xen-backend

# netdev VIF: its net device, if that is in this network namespace.
netdev() {
	local net
	for net in "$bus/devices/$1"/net/*; do
		[ -e "$net" ] && echo "${net##*/}"
	done
	return 0
}

# carrier VIF
carrier() {
	cat "$bus/devices/$1"/net/*/carrier 2>/dev/null
}

# inside NAMESPACE FUNCTION ARGUMENT...: one of this file's.
inside() {
	local space=$1
	shift
	# shellcheck disable=SC2016
	ip netns exec "$space" bash -c '. "$0"; "$@"' "$vif_keep" "$@"
}

# namespace_of VIF: the name of the one that its net device is in; none when it
# is in this one, or has no name.
namespace_of() {
	local space
	for space in $(ip netns list 2>/dev/null | cut -d' ' -f1); do
		[ -z "$(inside "$space" netdev "$1")" ] || echo "$space"
	done
}

_port_attributes="path_cost priority hairpin_mode isolated learning
	unicast_flood multicast_flood broadcast_flood bpdu_guard root_block
	neigh_suppress proxyarp proxyarp_wifi multicast_fast_leave
	multicast_router multicast_to_unicast group_fwd_mask"

_keep_port() {
	local name
	mkdir -p "$2/brport" || return 1
	basename "$(readlink -f "/sys/class/net/$1/master")" > "$2/master"
	for name in $_port_attributes; do
		cat "/sys/class/net/$1/brport/$name" > "$2/brport/$name" \
			2>/dev/null || rm -f "$2/brport/$name"
	done
	# under a heading, "NETDEV ID [PVID] [Egress Untagged]", the name once
	bridge vlan show dev "$1" 2>/dev/null |
		sed "1d; s/^$1//; s/PVID/pvid/; s/Egress Untagged/untagged/" |
		grep '[0-9]' > "$2/vlans"
	# what somebody has entered; the port's own are permanent
	bridge fdb show dev "$1" 2>/dev/null |
		grep -w master | grep -w static > "$2/fdb"
}

# Those that can be changed, as somebody wants them: what the frontend cannot is
# off and requested on.
_wanted_features() {
	ethtool -k "$1" 2>/dev/null | tr -d '\t' | sed -n \
		-e '1d; /\[fixed\]/d; s/: .*requested \(on\|off\).*/ \1/p; t' \
		-e 's/: \(on\|off\).*/ \1/p'
}

# Which CPUs take what arrives and leaves. The queues are there when the frontend
# is connected.
_keep_queues() {
	local file
	for file in "/sys/class/net/$1"/queues/*/{rps_cpus,rps_flow_cnt,xps_cpus}
	do
		grep -q '[1-9a-f]' "$file" 2>/dev/null || continue
		echo "${file#*/queues/} $(cat "$file")"
	done > "$2/queues"
}

# Devices of VLANs on it, which go with it; each with what it has itself.
_keep_uppers() {
	local upper folder vlan
	for upper in "/sys/class/net/$1"/upper_*; do
		[ -e "$upper" ] || continue
		upper=${upper##*/upper_}
		vlan=$(ip -d -o link show dev "$upper" | sed -n \
			's/.* vlan protocol \([^ ]*\) id \([0-9]*\) .*/\1 \2/p')
		[ -n "$vlan" ] || continue
		folder=$2/uppers/$upper
		mkdir -p "$folder" && echo "$vlan" > "$folder/vlan" &&
			keep_vif "$upper" "$folder" || return 1
	done
}

_keep_addresses() {
	local family
	for family in 4 6; do
		ip -o -$family addr show dev "$1" |
			sed -n 's/.* inet6\? \([^ ]*\)\( peer [^ ]*\)\?.*/\1\2/p' |
			grep -v '^fe80:' > "$2/addr$family"
		ip -$family route show dev "$1" |
			grep -v -e 'proto kernel' -e '^fe80:' -e '^multicast' |
			sed 's/ linkdown//' > "$2/route$family"
		# those that somebody has entered, as Qubes' script does
		ip -$family neigh show dev "$1" nud permanent |
			sed -n 's/^\([^ ]*\) lladdr \([^ ]*\) .*/\1 \2/p' \
			> "$2/neigh$family"
		ip -$family neigh show proxy dev "$1" |
			sed 's/ .*//' > "$2/proxy$family"
	done 2>/dev/null
}

_keep_settings() {
	local name
	for name in "ipv4/conf/$1/proxy_arp" "ipv4/conf/$1/forwarding" \
		    "ipv4/conf/$1/rp_filter" "ipv6/conf/$1/proxy_ndp" \
		    "ipv6/conf/$1/disable_ipv6"; do
		[ -e "/proc/sys/net/$name" ] || continue
		echo "$name $(cat "/proc/sys/net/$name")"
	done > "$2/settings"
}

# keep_vif NETDEV FOLDER
keep_vif() {
	local name sys=/sys/class/net/$1
	for name in mtu address tx_queue_len ifalias flags; do
		cat "$sys/$name" > "$2/$name" || return 1
	done
	cat "$sys/carrier" > "$2/carrier" 2>/dev/null
	[ $(($(cat "$sys/flags") & 1)) = 0 ] || touch "$2/up"
	[ ! -e "$sys/master" ] || _keep_port "$1" "$2" || return 1
	_keep_settings "$1" "$2"
	_wanted_features "$1" > "$2/features"
	_keep_queues "$1" "$2"
	_keep_uppers "$1" "$2" || return 1
	_keep_addresses "$1" "$2"
	echo "$1" > "$2/name"
}

_restore_port() {
	local name value bad=0 master
	master=$(cat "$2/master")
	# Open vSwitch puts a port of a known name back by itself
	[ "$master" = ovs-system ] && return 0
	ip link set dev "$1" master "$master" || return 1
	for name in "$2"/brport/*; do
		value=/sys/class/net/$1/brport/${name##*/}
		[ -e "$value" ] || continue
		cmp -s "$name" "$value" || cat "$name" > "$value" || bad=1
	done
	while read -r name value; do
		value=$(echo " $value" | sed -n 's/.* \(vlan [0-9]*\) .*/\1/p')
		# shellcheck disable=SC2086
		bridge fdb replace "$name" dev "$1" master static $value || bad=1
	done < "$2/fdb"
	[ -s "$2/vlans" ] || return $bad
	# a bridge gives a new port VLAN 1
	grep -qw 1 "$2/vlans" || bridge vlan del dev "$1" vid 1 2>/dev/null
	while read -r name value; do
		# shellcheck disable=SC2086
		bridge vlan add dev "$1" vid "$name" $value || bad=1
	done < "$2/vlans"
	return $bad
}

_restore_settings() {
	local name value bad=0
	while read -r name value; do
		[ "$(cat "/proc/sys/net/$name")" = "$value" ] ||
			echo "$value" > "/proc/sys/net/$name" || bad=1
	done < "$2/settings"
	return $bad
}

_restore_addresses() {
	local family line address bad=0
	for family in 4 6; do
		while read -r line; do
			# shellcheck disable=SC2086
			ip -$family addr replace $line dev "$1" || bad=1
		done < "$2/addr$family"
		while read -r line; do
			# shellcheck disable=SC2086
			ip -$family route replace $line dev "$1" || bad=1
		done < "$2/route$family"
		while read -r line address; do
			ip -$family neigh replace "$line" lladdr "$address" \
				dev "$1" nud permanent || bad=1
		done < "$2/neigh$family"
		while read -r line; do
			ip -$family neigh replace proxy "$line" dev "$1" || bad=1
		done < "$2/proxy$family"
	done
	return $bad
}

_restore_flags() {
	local flags bad=0
	flags=$(cat "$2/flags")
	[ $((flags & 0x80)) = 0 ] || ip link set dev "$1" arp off || bad=1
	[ $((flags & 0x1000)) != 0 ] || ip link set dev "$1" multicast off || bad=1
	[ $((flags & 0x200)) = 0 ] || ip link set dev "$1" allmulticast on || bad=1
	return $bad
}

# What only the frontend cannot is wanted still, and no failure.
_restore_features() {
	local name value is
	is=$'\n'$(_wanted_features "$1")$'\n'
	[ "$is" != $'\n'"$(cat "$2/features")"$'\n' ] || return 0
	while read -r name value; do
		[[ $is == *$'\n'"$name $value"$'\n'* ]] ||
			ethtool -K "$1" "$name" "$value" > /dev/null 2>&1
	done < "$2/features"
	[ "$(_wanted_features "$1")" = "$(cat "$2/features")" ]
}

_restore_uppers() {
	local folder upper protocol id missing bad=0
	for folder in "$2"/uppers/*; do
		[ -e "$folder" ] || continue
		upper=${folder##*/}
		read -r protocol id < "$folder/vlan"
		ip link add link "$1" name "$upper" type vlan \
			protocol "$protocol" id "$id" || { bad=1; continue; }
		missing=$(restore_vif "$folder" "$upper")
		[ -z "$missing" ] || { echo "$upper's $missing"; bad=1; }
	done
	return $bad
}

# restore_queues FOLDER: what waits for the frontend to be connected.
restore_queues() {
	local name value net bad=0
	net=$(cat "$1/name")
	while read -r name value; do
		# there may be fewer now
		[ ! -e "/sys/class/net/$net/queues/$name" ] ||
			echo "$value" > "/sys/class/net/$net/queues/$name" || bad=1
	done < "$1/queues"
	[ $bad = 0 ] || echo "CPUs of queues"
}

# restore_vif FOLDER NETDEV: prints what could not be restored.
restore_vif() {
	local net
	net=$(cat "$1/name") || return 1
	[ "$net" = "$2" ] || ip link set dev "$2" name "$net" || return 1
	ip link set dev "$net" address "$(cat "$1/address")" || echo "MAC address"
	ip link set dev "$net" txqueuelen "$(cat "$1/tx_queue_len")" ||
		echo "queue length"
	ip link set dev "$net" mtu "$(cat "$1/mtu")" || echo "MTU"
	[ ! -s "$1/ifalias" ] ||
		ip link set dev "$net" alias "$(cat "$1/ifalias")" || echo "alias"
	_restore_settings "$net" "$1" || echo "network settings"
	_restore_flags "$net" "$1" || echo "arp, multicast or allmulticast"
	_restore_features "$net" "$1" || echo "features (ethtool -K)"
	[ ! -e "$1/master" ] || _restore_port "$net" "$1" ||
		echo "port of $(cat "$1/master")"
	[ ! -e "$1/up" ] || ip link set dev "$net" up || echo "state up"
	_restore_uppers "$net" "$1" || echo "VLANs on it"
	_restore_addresses "$net" "$1" || echo "addresses, routes or neighbours"
	return 0
}
