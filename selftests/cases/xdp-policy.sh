# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a pinned firewall is an interface's policy: by xl, over a reload, with lists and counters
# limit: 400
# budget: 80
# drivers: ours

. /selftests/lib/common.sh

firewall=/etc/xen/vif-firewall
cp /selftests/samples/vif-firewall $firewall
mkdir -p /etc/xen/scripts/vif-post.d /etc/xen/xdp-pin
cp /selftests/samples/xdp-pin.hook /etc/xen/scripts/vif-post.d/

# refused WORDS ARGUMENTS...: status 2, a message that has the words
refused() {
	local words=$1 said
	shift
	said=$($firewall "$@" 2>&1)
	expect "status of: $*" 2 $?
	echo "$said"
	[[ $said == *"$words"* ]] || fail "no \"$words\" in the message"
}

# counted NAME
counted() {
	$firewall show g1-0 | awk -v name="$1:" '$1 == name { print $2 }'
}

policy() {
	grep -q '^xdp_policy: ' "/sys/kernel/debug/xen-backends/vif-$id-0"
}

no_policy() {
	! policy
}

step "what is wrong is refused"
refused 'first argument is "lod"' lod
refused "load takes NAME and OBJECT" load g1-0
refused 'NAME is "a/b"' load a/b /selftests/bpf/vif-firewall.o
refused 'NAME is "web.0"' load web.0 /selftests/bpf/vif-firewall.o
refused "not a readable file" load g1-0 /nowhere
refused "no firewall of the name" allow g1-0 10.77.0.11
run $firewall --help
run $firewall load g1-0 /selftests/bpf/vif-firewall.o
refused "loaded already" load g1-0 /selftests/bpf/vif-firewall.o
for what in 256.1.1.1 10.77.0 fe80::1::2 10.0.0.0/33 fe80::/129 00:16:3e:00:00:0g; do
	refused '"' allow g1-0 10.77.0.99 "$what"
done
$firewall show g1-0
! $firewall show g1-0 | grep -q '"value": 1' || fail "half of a list was taken"

step "the hook, for domains whose names are not what they will be"
# hook NAME TYPE COMMAND
hook() {
	[ -z "$1" ] || xenstore-write /local/domain/99/name "$1"
	type_if=$2 command=$3 dev=lo XENBUS_PATH=/local/domain/0/backend/vif/99/0 bash -c '
		fatal() { echo "fatal: $*" >&2; exit 1; }
		do_or_die() { echo "$*"; }
		xenstore_write() { echo "$*"; }
		xenstore_read_default() { xenstore-read "$1" 2> /dev/null || echo "$2"; }
		. /etc/xen/scripts/vif-post.d/xdp-pin.hook'
}
printf /sys/fs/bpf/vif/g1-0/firewall > /etc/xen/xdp-pin/g1.0
wants="/local/domain/0/backend/vif/99/0/xdp-pin /sys/fs/bpf/vif/g1-0/firewall"
expect "key" "$wants" "$(hook g1 vif online)"
expect "key, by migration" "$wants" "$(hook g1--incoming vif online)"
expect "key, of its QEMU" "$wants" "$(hook g1-dm vif online)"
expect "what QEMU emulates" \
	"ip link set dev lo xdp pinned /sys/fs/bpf/vif/g1-0/firewall" \
	"$(hook g1 tap add)"
expect "another guest" "" "$(hook g2 vif online)"
run xenstore-rm /local/domain/99
expect "no name" "fatal: xdp-pin: the name of domain 99 cannot be read here" \
	"$(hook "" vif online 2>&1)"

step "a guest that may send nothing yet"
echo /sys/fs/bpf/vif/g1-0/firewall > /etc/xen/xdp-pin/g1.0
guest_start g1 scripts=stock vifs=1 address=11
guest_wait_ready g1
id=$(guest_id g1)
vif=vif$id.0
expect "key" /sys/fs/bpf/vif/g1-0/firewall \
	"$(read_key "/local/domain/0/backend/vif/$id/0/xdp-pin")"
state_is "/local/domain/0/backend/vif/$id/0" 4 || fail "not connected"
guest_do g1 "! ping -c 2 -W 1 10.77.0.1"
[ "$(counted bad-mac)" -ge 2 ] || fail "its packets were not seen"

step "its addresses are allowed, one by one"
guest_do g1 cat /sys/class/net/eth0/address
run $firewall allow g1-0 "$answer"
mac=$answer
guest_do g1 "! ping -c 2 -W 1 10.77.0.1"
[ "$(counted bad-address)" -ge 2 ] || fail "its address was not looked at"
run $firewall allow g1-0 10.77.0.11 fe80::/64
guest_do g1 ping_dom0
guest_do g1 "ip addr add 10.77.0.13/24 dev eth0; ! ping -c 2 -W 1 -I 10.77.0.13 10.77.0.1"
allowed=$(counted allowed)
figure "packets allowed" "$allowed"
[ "$allowed" -ge 3 ] || fail "not counted"

step "IPv4 is not opened by IPv6"
run $firewall allow g1-0 ::/0
guest_do g1 "! ping -c 2 -W 1 -I 10.77.0.13 10.77.0.1"

step "below a program of the net device's own"
run ip link set dev "$vif" xdpdrv obj /selftests/bpf/verdicts.o program plain
guest_do g1 ping_dom0
guest_do g1 "! ping -c 2 -W 1 -I 10.77.0.13 10.77.0.1"
run ip link set dev "$vif" xdpdrv off

step "a module loaded again"
run /etc/xen/scripts/reload-backend netback
guest_do g1 ping_dom0
guest_do g1 "! ping -c 2 -W 1 -I 10.77.0.13 10.77.0.1"
[ "$(counted allowed)" -gt "$allowed" ] || fail "not the same firewall"
policy || fail "debugfs does not name it"

step "by the key, while it is connected"
back=/local/domain/0/backend/vif/$id/0
run xenstore-write "$back/xdp-pin" /nowhere
wait_until 10 key_exists "/local/domain/0/error/backend/vif/$id/0/error" ||
	fail "a wrong path is not told"
guest_do g1 "! ping -c 2 -W 1 -I 10.77.0.13 10.77.0.1"
run xenstore-rm "$back/xdp-pin"
wait_until 10 no_policy || fail "the policy stays without the key"
guest_do g1 "ping -c 2 -W 5 -I 10.77.0.13 10.77.0.1"
run xenstore-write "$back/xdp-pin" /sys/fs/bpf/vif/g1-0/firewall
wait_until 10 policy || fail "the policy is not set again"
! key_exists "/local/domain/0/error/backend/vif/$id/0/error" || fail "the error stays"
guest_do g1 "! ping -c 2 -W 1 -I 10.77.0.13 10.77.0.1"

step "an address is not allowed any more"
run $firewall forbid g1-0 "$mac"
guest_do g1 "! ping -c 2 -W 1 10.77.0.1"
run $firewall unload g1-0
rm -r /etc/xen/xdp-pin /etc/xen/scripts/vif-post.d
guest_end g1
