# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: XDP programs on an interface see what a guest sends, and send to guests without a bridge
# limit: 400
# budget: 90
# drivers: ours

. /selftests/lib/common.sh

programs=/selftests/bpf/verdicts.o

# verdicts NAME: packets of all queues of g1's interface
verdicts() {
	ethtool -S "$vif" | awk -v name="_xdp_$1:" \
		'substr($1, length($1) - length(name) + 1) == name { n += $2 }
			END { print n + 0 }'
}

# count_datagrams HOST: in $datagrams, whole ones that found no program to take them
count_datagrams() {
	local count='$1 == "Udp:" && $3 != "NoPorts" { print $3 }'
	case $1 in
	dom0)	datagrams=$(awk "$count" /proc/net/snmp) ;;
	*)	guest_do "$1" "awk '$count' /proc/net/snmp"
		datagrams=$answer ;;
	esac
}

# port NUMBER VERDICT WHERE...: one datagram to that port of dom0, what was counted, and
# who has it whole: dom0, g1, or nobody. ARP passes as well.
port() {
	local before arrived
	before=$(verdicts "$2")
	count_datagrams "${3:-dom0}"
	arrived=$datagrams
	guest_do g1 "bash -c 'echo text > /dev/udp/10.77.0.1/$1'; sleep 1"
	if [ "$2" = pass ]; then
		[ "$(verdicts pass)" -gt "$before" ] || fail "port $1: not passed"
	else
		expect "port $1: $2" $((before + 1)) "$(verdicts "$2")"
	fi
	count_datagrams "${3:-dom0}"
	expect "port $1: ${3:-nobody} has it" $((arrived + ${3:+1} + 0)) "$datagrams"
}

# attach INTERFACE PROGRAM
attach() {
	run ip link set dev "$1" xdpdrv obj "$programs" program "$2"
}

start_http file 8
for name in g1 g2; do
	guest_start $name vifs=1 address=$((10 + ${name#g}))
done
for name in g1 g2; do guest_wait_ready $name; done
vif=vif$(guest_id g1).0 other=vif$(guest_id g2).0
guest_do g1 ping_dom0

step "what a program may say of a packet"
attach "$vif" plain
ip -d link show dev "$vif" | grep -q "prog/xdp id" || fail "ip shows no program"
bpftool net show dev "$vif" | grep -q "driver id" || fail "bpftool shows no program"
port 7000 pass dom0
port 7001 drop
port 7002 tx g1
port 7003 errors
port 7004 errors
port 7005 pass dom0
port 7006 pass dom0
port 7007 errors

step "segments, where a program takes frames of one piece"
before=$(verdicts pass)
guest_do g1 "dd if=/dev/urandom of=/tmp/m bs=1M count=2 2> /dev/null && upload /tmp/m plain"
segments=$(($(verdicts pass) - before))
figure "frames of 2 MiB, one piece each" $segments
[ $segments -ge 1448 ] || fail "not segmented"
! ip link set dev "$vif" mtu 9000 || fail "an MTU that no frame holds"
dmesg | grep -q "mtu is 9000, XDP without frags takes 68 to 3502" ||
	fail "the log does not say why an MTU is refused"
run ip link set dev "$vif" xdpdrv off

step "whole ones, where it takes several"
run ip link set dev "$vif" mtu 9000
! ip link set dev "$vif" xdpdrv obj $programs program plain || fail "a program that cannot see all packets"
attach "$vif" pieces
before=$(verdicts pass)
guest_do g1 "upload /tmp/m pieces"
segments=$(($(verdicts pass) - before))
figure "frames of 2 MiB, several pieces" $segments
[ $segments -lt 1000 ] || fail "segmented"
nc -l -p 7008 > /dev/null &
listener=$!
before=$(verdicts tx) errors=$(verdicts errors)
guest_do g1 "timeout 3 bash -c 'cat /tmp/m > /dev/tcp/10.77.0.1/7008'; true"
kill $listener
expect "segments sent on" "$before" "$(verdicts tx)"
figure "refused because they were whole" $(($(verdicts errors) - errors))
[ "$(verdicts errors)" -gt "$errors" ] || fail "none was refused"
port 7002 tx g1
run ip link set dev "$vif" mtu 1500
run ip link set dev "$vif" xdp off

step "two guests joined, and no bridge"
ip link set dev "$vif" nomaster
ip link set dev "$other" nomaster
guest_do g1 "! ping -c 1 -W 2 10.77.0.12"
run bpftool prog load /selftests/bpf/vif-join.o /sys/fs/bpf/join type xdp \
	pinmaps /sys/fs/bpf/join-maps
# joined FROM TO
joined() {
	local from to
	from=$(cat "/sys/class/net/$1/ifindex") to=$(cat "/sys/class/net/$2/ifindex")
	run bpftool map update pinned /sys/fs/bpf/join-maps/joined \
		key hex $(bytes "$from") value hex $(bytes "$to")
	ip -d link show dev "$1" | grep -q 'name join ' ||
		run ip link set dev "$1" xdpdrv pinned /sys/fs/bpf/join
}
# bytes NUMBER: as a map has them
bytes() {
	printf '%02x %02x %02x %02x' $(($1 & 255)) $(($1 >> 8 & 255)) \
		$(($1 >> 16 & 255)) $(($1 >> 24))
}
joined "$vif" "$other"
joined "$other" "$vif"
guest_do g1 "ping -c 3 -W 5 10.77.0.12"
guest_do g1 "ping -c 3 -W 5 -s 1400 10.77.0.12"
guest_ask g2 "nc -l -p 5000 | md5sum"
guest_do g1 "sleep 1; md5sum < /tmp/m; bash -c 'cat /tmp/m > /dev/tcp/10.77.0.12/5000'"
sent=${answer%% *}
guest_answer g2 || fail "g2: $answer"
expect "2 MiB between guests" "$sent" "${answer%% *}"
figure "frames redirected, errors" "$(verdicts redirect) $(verdicts errors)"

step "a guest joined with a net device of the host"
run ip link add host0 type veth peer name host1
run ip addr add 10.77.1.1/24 dev host1
run ip link set dev host0 up
run ip link set dev host1 up
attach host1 plain
joined "$vif" host0
joined host0 "$vif"
guest_do g1 "ip addr add 10.77.1.11/24 dev eth0; ping -c 3 -W 5 10.77.1.1"
# veth shows its programs frames whose checksum is blank
run ethtool -K host1 tx off
guest_do g1 "dom0=10.77.1.1; download file && upload /tmp/m host"
run ip link set dev "$other" xdpdrv off
run bpftool net attach xdpdrv pinned /sys/fs/bpf/join dev "$other"
run ip link del host0
rm -r /sys/fs/bpf/join /sys/fs/bpf/join-maps
guest_end g1
guest_end g2
