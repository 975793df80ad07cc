# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: both drivers reloaded by script under a guest's verified load
# limit: 900
# budget: 110
# rounds: 3 20
# drivers: ours

. /selftests/lib/common.sh

disk_rounds=$ROUNDS
# one takes ten seconds of emulation, too much for make check
net_rounds=$((ROUNDS > 3 ? ROUNDS : 1))
script=/etc/xen/scripts/reload-backend
options=/etc/modprobe.d/reload.conf

# reload DRIVER: in $spent, its milliseconds.
reload() {
	local begin=${EPOCHREALTIME/./}
	run $script "$1"
	spent=$(((${EPOCHREALTIME/./} - begin) / 1000))
	[ "$spent" -le "$longest" ] || longest=$spent
}

# refused TEXT ARGUMENTS...: status 2, a message with TEXT, nothing touched.
refused() {
	local text=$1 output status
	shift
	output=$($script "$@" 2>&1)
	status=$?
	echo "$output"
	expect "status of: $*" 2 $status
	[[ $output == *"$text"* ]] || fail "no \"$text\" in the message"
	[ -e "/sys/bus/xen-backend/drivers/vbd/vbd-$id-51712" ] ||
		fail "the disk was touched"
}

sectors_written() {
	vbd_stat "$id" 51712 wr_sect
}

packets_sent() {
	cat "/sys/class/net/vif$id.0/statistics/rx_packets"
}

at_work() {
	[ "$($1)" -gt $(($2 + 20)) ]
}

# busy COUNTER COMMAND: the guest does it again and again until told to stop;
# returns when the counter shows that it has begun.
busy() {
	local before
	before=$($1)
	write_keys "/local/domain/$id/data/stop" 0
	guest_ask g1 "n=0; until [ \"\$(xenstore-read data/stop)\" = 1 ]; do
		{ $2; } || exit 1; n=\$((n + 1)); done; echo times \$n"
	wait_until 30 at_work "$1" "$before" || fail "the guest does not begin"
}

idle() {
	write_keys "/local/domain/$id/data/stop" 1
	guest_answer g1 240 || fail "the guest's work failed: $answer"
	figure "$1" "${answer##*times }"
	[ "${answer##*times }" -ge 1 ] || fail "nothing was done meanwhile"
}

arguments() {
	step "wrong arguments"
	refused "allowed is blkback or netback"
	refused 'driver is "scsiback"' scsiback
	refused "one driver at a time" blkback netback
	refused '"0", allowed is 1 to 3600' --timeout 0 blkback
	refused '"1x", allowed is 1 to 3600' --timeout 1x blkback
	refused 'unknown option "--force"' --force blkback
	refused "not a readable file" --module /nowhere.ko blkback
	head -c 3000 /dev/urandom > broken.ko
	refused "not a kernel module" --module "$PWD/broken.ko" blkback
	refused "and not xen_blkback" --module \
		"$(modinfo -n xen-netback)" blkback
	run $script --help
}

disk_reloads() {
	local n longest=0 begin=$SECONDS
	step "$disk_rounds reloads of xen-blkback under verified I/O"
	busy sectors_written "fill_and_check /mnt/work 3 2 && rm -r /mnt/work"
	for n in $(seq $disk_rounds); do
		reload blkback
	done
	figure "blkback reloads, in s" "$disk_rounds, $((SECONDS - begin))"
	figure "slowest of them, ms" "$longest"
	idle "files written and compared meanwhile, in threes"
}

no_module() {
	step "a new module that does not load: I/O waits, then goes on"
	busy sectors_written "fill_and_check /mnt/work 2 2"
	mkdir -p /etc/modprobe.d
	echo "install xen-blkback false" > $options
	$script blkback 2> complaint && fail "a failed load is no failure"
	cat complaint
	grep -q "NO xen-blkback IS LOADED. 1 device" complaint ||
		fail "the message does not say what is wrong"
	[ ! -e /sys/module/xen_blkback ] || fail "a module is loaded"
	sleep 3
	rm $options
	run $script blkback
	step "the same with a module to fall back to"
	echo "install xen-blkback false" > $options
	cp "$(modinfo -n xen-blkback)" old.ko
	$script --old "$PWD/old.ko" blkback > said && fail "no failure told"
	cat said
	grep -q "old.ko is loaded instead" said || fail "the old is not loaded"
	rm $options
	idle "files written and compared meanwhile, in pairs"
}

# What an administrator, or xapi, has set on two net devices: one is a port of the
# bridge, the other has another name in a namespace of its own.
set_all() {
	local net=vif$id.0
	run ip link set dev "$net" arp off
	run ethtool -K "$net" tso off gro off
	run ethtool -C "$net" rx-usecs 20
	run bridge vlan add dev "$net" vid 9
	run bridge link set dev "$net" isolated on
	run bridge fdb add 02:00:00:00:00:77 dev "$net" master static
	run ip neigh add 10.77.0.77 lladdr 02:00:00:00:00:78 dev "$net" nud permanent
	run ip neigh add proxy 10.77.0.78 dev "$net"
	run ip link add link "$net" name office type vlan id 7
	run ip link set dev office mtu 1300 up
	run ip addr add 10.96.0.1/24 dev office
	echo 2 > "/sys/class/net/$net/queues/rx-0/rps_cpus"
	run ip netns add away
	run ip link set dev "$net" xdpdrv obj /selftests/bpf/verdicts.o program pieces
	run ip link set dev "vif$id.1" nomaster
	run ip link set dev "vif$id.1" netns away
	run ip -n away link set dev "vif$id.1" name tenant
	run ip -n away link set dev tenant mtu 1350 up
	run ip -n away addr add 10.97.0.1/24 dev tenant
	run ip -n away link set dev tenant xdpgeneric obj /selftests/bpf/verdicts.o \
		program plain
}

# show_one NETDEV: flags that are set, and all that can be
show_one() {
	echo "$1 $(cat "/sys/class/net/$1"/{flags,mtu,address})"
	ip -o addr show dev "$1" | grep -o 'inet 10[^ ]*'
	ip -d link show dev "$1" | grep -oE 'prog/xdp id [0-9]+ name [a-z]+|mtu [0-9]+ xdp[a-z]*'
	ethtool -k "$1" | grep -v fixed
	ethtool -c "$1" 2>&1 | grep rx-usecs:
	cat "/sys/class/net/$1/queues/rx-0/rps_cpus"
	bridge fdb show dev "$1" | grep static | sort
	ip neigh show dev "$1" nud permanent
	ip neigh show proxy dev "$1"
	bridge link show dev "$1" | grep -o 'master [^ ]*'
	bridge vlan show dev "$1"
	cat "/sys/class/net/$1/brport/isolated"
}

show_all() {
	show_one "vif$id.0"
	show_one office
	ip -d link show office | grep -o 'vlan protocol .* id [0-9]*'
	ip netns exec away bash -c "$(declare -f show_one); show_one tenant"
}

net_reloads() {
	local n longest=0 begin=$SECONDS
	step "$net_rounds reloads of xen-netback under traffic"
	run ip link set "vif$id.0" mtu 1400
	run ip addr add 10.99.0.1/24 dev "vif$id.0"
	run ip route add 10.98.0.0/24 dev "vif$id.0"
	set_all
	show_all > had
	bpftool=$(command -v bpftool)
	run mv "$bpftool" bpftool-away
	refused "vif$id.0 has an XDP program, which only bpftool can hold" netback
	[ -e "/sys/class/net/vif$id.0" ] || fail "the net device was touched"
	run mv bpftool-away "$bpftool"
	busy packets_sent "download file"
	for n in $(seq $net_rounds); do
		reload netback
	done
	figure "netback reloads, in s" "$net_rounds, $((SECONDS - begin))"
	figure "slowest of them, ms" "$longest"
	idle "files of 8 MiB downloaded meanwhile"
	guest_do g1 ping_dom0
	show_all > has
	diff had has || fail "a setting is lost"
	expect "MTU" 1400 "$(cat "/sys/class/net/vif$id.0/mtu")"
	ip -o addr show dev "vif$id.0" | grep -q 10.99.0.1/24 ||
		fail "the address is lost"
	ip route show dev "vif$id.0" | grep -q 10.98.0.0/24 ||
		fail "the route is lost"
}

make_fs_disk disk 96
start_http file 8
guest_start g1 vcpus=2 disks="phy:$disk,xvda,w" vifs=2 address=11
guest_wait_ready g1
id=$(guest_id g1)
guest_do g1 "mount_disk /dev/xvda /mnt"
arguments
disk_reloads
no_module
net_reloads
guest_do g1 "umount /mnt"
guest_do g1 "! dmesg | grep -E 'I/O error|EXT4-fs error|BUG|WARNING'"
guest_end g1
check_fs "$disk"
