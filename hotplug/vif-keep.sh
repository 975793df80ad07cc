# SPDX-License-Identifier: GPL-2.0 OR MIT
# Sourced by reload-backend: what a vif's net device had is written to files,
# and given to the one that comes after it. A guest has no network meanwhile, so
# there are few programs: files of the kernel are read and written by the shell,
# and commands are noted to be run many at a time.
# shellcheck shell=bash

bus=/sys/bus/xen-backend

_port_attributes="path_cost priority hairpin_mode isolated learning
	unicast_flood multicast_flood broadcast_flood bpdu_guard root_block
	neigh_suppress proxyarp proxyarp_wifi multicast_fast_leave
	multicast_router multicast_to_unicast group_fwd_mask"

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

# _value FILE: its first line, in $value.
_value() {
	value=
	{ read -r value < "$1"; } 2>/dev/null || [ -n "$value" ]
}

# _file FILE: notes a file of the kernel, with what it holds.
_file() {
	! _value "$1" || echo "$1 $value"
}

# --- what a net device has; each prints commands, or files with their contents

_link_commands() {
	local sys=/sys/class/net/$1 flags value
	_value "$sys/flags" && flags=$value
	_value "$sys/address" && echo "link set dev $1 address $value"
	_value "$sys/mtu" && echo "link set dev $1 mtu $value"
	_value "$sys/tx_queue_len" && echo "link set dev $1 txqueuelen $value"
	! _value "$sys/ifalias" || [ -z "$value" ] ||
		echo "link set dev $1 alias \"${value//\"/}\""
	[ $((flags & 0x80)) = 0 ] || echo "link set dev $1 arp off"
	[ $((flags & 0x1000)) != 0 ] || echo "link set dev $1 multicast off"
	[ $((flags & 0x200)) = 0 ] || echo "link set dev $1 allmulticast on"
	[ ! -e "$sys/master" ] || _master_command "$1"
}

# A port is not to be up before it is in its VLANs, and isolated where it was.
_up_command() {
	local value
	_value "/sys/class/net/$1/flags"
	[ $((value & 1)) = 0 ] || echo "link set dev $1 up"
}

# Open vSwitch puts a port of a known name back by itself.
_master_command() {
	local master
	master=$(cd -P "/sys/class/net/$1/master" && echo "${PWD##*/}")
	[ "$master" = ovs-system ] || echo "link set dev $1 master $master"
}

_address_commands() {
	local words
	ip -o addr show dev "$1" | while read -r _ _ _ words; do
		[[ $words != fe80:* ]] || continue
		words=${words%%\\*}
		[[ $words =~ ^([^ ]+)( peer [^ ]+)?( brd [^ ]+)? ]] &&
			echo "addr replace ${BASH_REMATCH[0]} dev $1"
	done
}

# Those that somebody has entered, as Qubes' script does.
_neighbour_commands() {
	local at word mac
	ip neigh show dev "$1" nud permanent | while read -r at word mac _; do
		[ "$word" != lladdr ] ||
			echo "neigh replace $at lladdr $mac dev $1 nud permanent"
	done
	ip neigh show proxy dev "$1" | while read -r at _; do
		echo "neigh replace proxy $at dev $1"
	done
}

# _route_commands FAMILY NETDEV
_route_commands() {
	local line
	ip "-$1" route show dev "$2" 2>/dev/null | while read -r line; do
		case $line in
		*"proto kernel"*|fe80:*|multicast*) ;;
		*) echo "route replace ${line/ linkdown/} dev $2" ;;
		esac
	done
}

# A bridge gives a new port VLAN 1.
_vlan_commands() {
	local id words found= value
	# under a heading, "NETDEV ID [PVID] [Egress Untagged]", the name once
	while read -r id words; do
		[ "$id" != "$1" ] || read -r id words <<< "$words"
		[[ $id == [0-9]* ]] || continue
		[ "$id" != 1 ] || found=1
		words=${words/PVID/pvid}
		echo "vlan add dev $1 vid $id ${words/Egress Untagged/untagged}"
	done < <(bridge vlan show dev "$1" 2>/dev/null)
	[ -n "$found" ] || ! _value "/sys/class/net/$1/master/bridge/vlan_filtering" ||
		[ "$value" != 1 ] || echo "vlan del dev $1 vid 1"
}

# What somebody has entered; the port's own are permanent.
_fdb_commands() {
	local mac words
	while read -r mac words; do
		[[ " $words " == *" master "*" static "* ]] || continue
		[[ " $words" =~ \ vlan\ [0-9]+ ]] && words=${BASH_REMATCH[0]} ||
			words=
		echo "fdb replace $mac dev $1 master static $words"
	done < <(bridge fdb show dev "$1" 2>/dev/null)
}

_setting_files() {
	local name
	for name in "ipv4/conf/$1/proxy_arp" "ipv4/conf/$1/forwarding" \
		    "ipv4/conf/$1/rp_filter" "ipv6/conf/$1/proxy_ndp" \
		    "ipv6/conf/$1/disable_ipv6"; do
		_file "/proc/sys/net/$name"
	done
}

_port_files() {
	local name
	for name in $_port_attributes; do
		_file "/sys/class/net/$1/brport/$name"
	done
}

# Which CPUs take what arrives and leaves. The queues are there when the frontend
# is connected.
_queue_files() {
	local file value
	for file in "/sys/class/net/$1"/queues/*/{rps_cpus,rps_flow_cnt,xps_cpus}
	do
		_value "$file" && [[ $value == *[1-9a-f]* ]] &&
			echo "$file $value"
	done
}

# Features that can be changed, as somebody wants them: what the frontend cannot is
# off and requested on.
_wanted_features() {
	local line wanted='^([^:]+): (on|off)( .*requested (on|off))?'
	ethtool -k "$1" 2>/dev/null | while read -r line; do
		[[ $line != *"[fixed]"* && $line =~ $wanted ]] || continue
		echo "${BASH_REMATCH[1]} ${BASH_REMATCH[4]:-${BASH_REMATCH[2]}}"
	done
}

# _coalescing NETDEV: how long packets may wait for each other; nothing where the driver
# knows of no such thing.
_coalescing() {
	local line
	while read -r line; do
		[[ $line != rx-usecs:*[0-9] ]] || echo "${line##*[!0-9]}"
	done < <(ethtool -c "$1" 2> /dev/null)
}

# Devices of VLANs on it, which go with it; each with what it has itself.
_keep_uppers() {
	local line is="^[0-9]+: ([^@]+)@$1: .* vlan protocol ([^ ]+) id ([0-9]+) "
	compgen -G "/sys/class/net/$1/upper_*" > /dev/null || return 0
	while read -r line; do
		[[ $line =~ $is ]] || continue
		set -- "$1" "$2" "${BASH_REMATCH[@]:1}"
		mkdir -p "$2/uppers/$3" || return 1
		echo "link add link $1 name $3 type vlan protocol $4 id $5" \
			> "$2/uppers/$3/made"
		keep_vif "$3" "$2/uppers/$3" || return 1
	done < <(ip -d -o link show type vlan)
}

# program_of NETDEV: of the XDP program that somebody has attached: how, its number and
# its name; nothing where there is none.
program_of() {
	local text mode
	text=$(ip -d link show dev "$1")
	[[ $text =~ \ mtu\ [0-9]+\ (xdp|xdpgeneric)\  ]] || return 0
	mode=${BASH_REMATCH[1]}
	[[ $text =~ prog/xdp\ id\ ([0-9]+)\ (name\ ([^ ]+))? ]] || return 0
	echo "$mode ${BASH_REMATCH[1]} ${BASH_REMATCH[3]:--}"
}

# _keep_program NETDEV FOLDER: notes how it was attached, where it is held, and what of
# it does not come back.
_keep_program() {
	local mode id name pin lost=
	read -r mode id name < <(program_of "$1") || return 0
	pin=${2%%/vif-*}/pins/$id
	[ -e "$pin" ] || bpftool prog pin id "$id" "$pin" > /dev/null 2>&1 || pin=-
	# whose owner looks for it by the net device's number
	[ "$name" != xdp_dispatcher ] && ! bpftool link show 2> /dev/null |
		grep -q " xdp  *prog $id " || lost=owner
	[ -n "$lost" ] || ! _has_devmap "$id" || lost=devmap
	echo "$mode $pin ${lost:--}" > "$2/program"
}

# _has_devmap ID: whether a program has a map of net devices, by number.
_has_devmap() {
	local maps id
	maps=$(bpftool prog show id "$1" 2> /dev/null)
	[[ $maps =~ map_ids\ ([0-9,]+) ]] || return 1
	for id in ${BASH_REMATCH[1]//,/ }; do
		[[ $(bpftool map show id "$id" 2> /dev/null) != *devmap* ]] ||
			return 0
	done
	return 1
}

# keep_vif NETDEV FOLDER
keep_vif() {
	local sys=/sys/class/net/$1 value
	_value "$sys/address" || return 1
	! _value "$sys/carrier" || echo "$value" > "$2/carrier"
	_setting_files "$1" > "$2/settings"
	_link_commands "$1" > "$2/link"
	{ _up_command "$1"; _address_commands "$1"
	  _neighbour_commands "$1"; } > "$2/addresses"
	_route_commands 4 "$1" > "$2/routes4"
	_route_commands 6 "$1" > "$2/routes6"
	if [ -e "$sys/brport" ] && grep -q ' master ' "$2/link"; then
		_port_files "$1" > "$2/port"
		{ _vlan_commands "$1"; _fdb_commands "$1"; } > "$2/bridge"
	fi
	_wanted_features "$1" > "$2/features"
	_coalescing "$1" > "$2/coalescing"
	_queue_files "$1" > "$2/queues"
	_keep_program "$1" "$2"
	_keep_uppers "$1" "$2" || return 1
	echo "$1" > "$2/name"
}

# --- the way back; each prints what could not be restored

# _run_batch FILE PROGRAM...: its commands, of which one may fail.
_run_batch() {
	local file=$1 line commands
	shift
	[ -s "$file" ] || return 0
	mapfile -t commands < "$file"
	while read -r line; do
		echo "$line" >&2
		[[ $line =~ "Command failed ".*:([0-9]+)$ ]] &&
			echo "$1 ${commands[BASH_REMATCH[1] - 1]}"
	done < <("$@" -force -batch "$file" 2>&1 > /dev/null)
}

_write_files() {
	local file value was
	[ -e "$1" ] || return 0
	while read -r file was; do
		# there may be fewer queues now, and other attributes
		_value "$file" || continue
		[ "$value" = "$was" ] || echo "$was" > "$file" || echo "$file"
	done < "$1" 2>/dev/null
}

# What only the frontend cannot is wanted still, and no failure.
_restore_features() {
	local name value is change=()
	is=$'\n'$(_wanted_features "$1")$'\n'
	while read -r name value; do
		[[ $is == *$'\n'"$name $value"$'\n'* ]] ||
			change+=("$name" "$value")
	done < "$2/features"
	[ ${#change[@]} != 0 ] || return 0
	ethtool -K "$1" "${change[@]}" > /dev/null 2>&1
	[ "$(_wanted_features "$1")" = "$(< "$2/features")" ] ||
		echo "features, ethtool -K $1 ${change[*]}"
}

_restore_coalescing() {
	local had is
	had=$(< "$2/coalescing")
	is=$(_coalescing "$1")
	# there are drivers with none; 50 is what there is if nobody has set anything
	[ -n "$had" ] && [ "$had" != "${is:-50}" ] || return 0
	ethtool -C "$1" rx-usecs "$had" > /dev/null 2>&1 ||
		echo "coalescing, ethtool -C $1 rx-usecs $had"
}

# Without its program a net device is not to be up: it may be what keeps the guest in.
# Return: whether there is nothing that it lacks.
_restore_program() {
	local mode pin lost
	[ -e "$2/program" ] || return 0
	read -r mode pin lost < "$2/program"
	if [ "$pin" = - ] || [ "$lost" = owner ] ||
	   ! ip link set dev "$1" "$mode" pinned "$pin"; then
		echo "its XDP program: it is left down; load that again," \
			"then: ip link set dev $1 up"
		return 1
	fi
	[ "$lost" != devmap ] || echo "entries of the XDP program's map of net" \
		"devices, which have other numbers now"
}

_restore_uppers() {
	local folder
	for folder in "$1"/uppers/*; do
		[ -e "$folder" ] || continue
		_run_batch "$folder/made" ip
		restore_vif "$folder" "${folder##*/}"
	done
}

# restore_queues FOLDER: what waits for the frontend to be connected.
restore_queues() {
	_write_files "$1/queues"
}

# restore_vif FOLDER NETDEV. What traffic needs comes first.
restore_vif() {
	local net
	net=$(< "$1/name") || return 1
	[ "$net" = "$2" ] || ip link set dev "$2" name "$net" || return 1
	_write_files "$1/settings"
	_run_batch "$1/link" ip
	_write_files "$1/port"
	_run_batch "$1/bridge" bridge
	_restore_program "$net" "$1" || sed -i "/^link set dev .* up$/d" "$1/addresses"
	_run_batch "$1/addresses" ip
	_run_batch "$1/routes4" ip -4
	_run_batch "$1/routes6" ip -6
	_restore_features "$net" "$1"
	_restore_coalescing "$net" "$1"
	_restore_uppers "$1"
	return 0
}
