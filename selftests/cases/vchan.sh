# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: libxenvchan between dom0 and a guest, each serving once, one end killed
# limit: 240

. /selftests/lib/common.sh

vchan=/selftests/bin/vchan
mib=64

# Guests' paths: each side can write below its own data folder only.
from_dom0=/local/domain/0/data/vchan
from_guest=data/vchan

offered() {
	xenstore-exists "$1/ring-ref" 2>/dev/null
}

guest_start g1
guest_wait_ready g1
id=$(guest_id g1)
guest_do g1 "modprobe xen-evtchn && modprobe xen-gntdev && modprobe xen-gntalloc"
grants=$(_grants)

step "dom0 serves on our gntalloc and sends $mib MiB"
$vchan server "$id" $from_dom0 send $mib &
server=$!
wait_until 10 offered $from_dom0 || fail "dom0 offers no channel"
guest_do g1 "vchan client 0 $from_dom0 receive $mib"
wait $server || fail "dom0's end: status $?"
did "xen-gntalloc, xen-evtchn" "libxenvchan server: $mib MiB to the guest"

step "the guest serves, dom0 receives $mib MiB through our gntdev"
guest_ask g1 "vchan server 0 $from_guest send $mib"
wait_until 10 offered "/local/domain/$id/$from_guest" ||
	fail "the guest offers no channel"
run $vchan client "$id" "/local/domain/$id/$from_guest" receive $mib
guest_answer g1 || fail "the guest's end: $answer"
did "xen-gntdev, xen-evtchn" "libxenvchan client: $mib MiB from the guest"
xenstore-rm "/local/domain/$id/$from_guest"

step "dom0's client is killed in the middle"
guest_ask g1 "vchan server 0 $from_guest send 100000"
wait_until 10 offered "/local/domain/$id/$from_guest" ||
	fail "the guest offers no channel"
$vchan client "$id" "/local/domain/$id/$from_guest" receive 100000 &
client=$!
more_grants() { [ "$(_grants)" -gt "$grants" ]; }
wait_until 20 more_grants || fail "dom0's client maps nothing"
kill -KILL $client
wait $client
expect "status of the killed client" 137 $?
guest_answer g1 20
expect "status of the guest's server, which sees its client go" 3 $?

step "dom0's server is killed in the middle"
xenstore-rm $from_dom0
$vchan server "$id" $from_dom0 send 100000 &
server=$!
wait_until 10 offered $from_dom0 || fail "dom0 offers no channel"
guest_ask g1 "vchan client 0 $from_dom0 receive 100000"
sleep 2
kill -KILL $server
wait $server
expect "status of the killed server" 137 $?
guest_answer g1 20
expect "status of the guest's client, which sees its server go" 3 $?
xenstore-rm $from_dom0
expect "grants mapped" "$grants" "$(_grants)"
guest_end g1
