# SPDX-License-Identifier: GPL-2.0 OR MIT
# Sourced by reload-backend: what a vif's net device had is written to files,
# and given to the one that comes after it.
# shellcheck shell=bash

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
	for name in mtu address tx_queue_len ifalias; do
		cat "$sys/$name" > "$2/$name" || return 1
	done
	cat "$sys/carrier" > "$2/carrier" 2>/dev/null
	[ $(($(cat "$sys/flags") & 1)) = 0 ] || touch "$2/up"
	[ ! -e "$sys/master" ] || _keep_port "$1" "$2" || return 1
	_keep_settings "$1" "$2"
	_keep_addresses "$1" "$2"
	echo "$1" > "$2/name"
}

_restore_port() {
	local name value bad=0 master
	master=$(cat "$2/master")
	# Open vSwitch puts a port of a known name back by itself
	[ "$master" = ovs-system ] && return 0
	ip link set "$1" master "$master" || return 1
	for name in "$2"/brport/*; do
		value=/sys/class/net/$1/brport/${name##*/}
		[ -e "$value" ] || continue
		cmp -s "$name" "$value" || cat "$name" > "$value" || bad=1
	done
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
	local family line bad=0
	for family in 4 6; do
		while read -r line; do
			# shellcheck disable=SC2086
			ip -$family addr replace $line dev "$1" || bad=1
		done < "$2/addr$family"
		while read -r line; do
			# shellcheck disable=SC2086
			ip -$family route replace $line dev "$1" || bad=1
		done < "$2/route$family"
	done
	return $bad
}

# restore_vif FOLDER: prints what could not be restored.
restore_vif() {
	local net
	net=$(cat "$1/name") || return 1
	ip link set "$net" address "$(cat "$1/address")" || echo "MAC address"
	ip link set "$net" txqueuelen "$(cat "$1/tx_queue_len")" ||
		echo "queue length"
	ip link set "$net" mtu "$(cat "$1/mtu")" || echo "MTU"
	[ ! -s "$1/ifalias" ] ||
		ip link set "$net" alias "$(cat "$1/ifalias")" || echo "alias"
	_restore_settings "$net" "$1" || echo "network settings"
	[ ! -e "$1/master" ] || _restore_port "$net" "$1" ||
		echo "port of $(cat "$1/master")"
	[ ! -e "$1/up" ] || ip link set "$net" up || echo "state up"
	_restore_addresses "$net" "$1" || echo "addresses or routes"
}
