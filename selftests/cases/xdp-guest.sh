# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: a Linux guest's XDP program sees each packet where it is, and no longer than it is
# limit: 300
# tier: all
# budget: 50
# drivers: ours

. /selftests/lib/common.sh

guest_start g1 vifs=1 address=11
guest_wait_ready g1
id=$(guest_id g1)
back=/local/domain/0/backend/vif/$id/0
front=/local/domain/$id/device/vif/0

room() {
	[ "$(read_key $front/xdp-headroom)" = "$1" ] && state_is $back 4
}

expect "offered" 1 "$(read_key $back/feature-xdp-headroom)"
room 0 || fail "room without a program"

step "a program that looks at each packet"
guest_do g1 "xdp eth0 look '. /guest/jobs; ping_dom0 &&
	ping -c 2 -W 5 -s 1400 10.77.0.1'"
wait_until 10 room 0 || fail "the room stays when the program goes"
guest_do g1 ping_dom0

step "a module loaded again below it"
write_keys "/local/domain/$id/data/stop" 0
guest_ask g1 "xdp eth0 look '. /guest/jobs; ping_dom0 || exit 1;
	until [ \"\$(xenstore-read data/stop)\" = 1 ]; do usleep 100000; done;
	ping_dom0'"
wait_until 30 room 256 || fail "no room for the program"
run /etc/xen/scripts/reload-backend netback
room 256 || fail "not as it was after a reload"
write_keys "/local/domain/$id/data/stop" 1
guest_answer g1 || fail "not after a reload: $answer"

step "a program that drops each packet"
guest_do g1 "! xdp eth0 drop 'ping -c 2 -W 2 10.77.0.1'"
guest_do g1 ping_dom0
guest_end g1
