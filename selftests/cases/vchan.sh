# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: libxenvchan between dom0 and a guest, one end killed, the guest destroyed
# limit: 300
# budget: 40

. /selftests/lib/common.sh

vchan=/selftests/bin/vchan
mib=64

# Guests' paths: each side can write below its own data folder only.
from_dom0=/local/domain/0/data/vchan
from_guest=data/vchan

offered() {
	key_exists "$1/ring-ref"
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
# a file that is restricted to the guest may bind its port, and no other domain's
run /selftests/bin/devices restricted "$id" \
	"$(read_key "/local/domain/$id/$from_guest/event-channel")"
run $vchan client "$id" "/local/domain/$id/$from_guest" receive $mib
guest_answer g1 || fail "the guest's end: $answer"
did "xen-gntdev, xen-evtchn" "libxenvchan client: $mib MiB from the guest"
remove_keys "/local/domain/$id/$from_guest"

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
remove_keys $from_dom0
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
remove_keys $from_dom0
expect "grants mapped" "$grants" "$(_grants)"

step "the guest is destroyed while dom0 maps its pages"
# client NUMBER: one more channel of the guest's; sets $client.
client() {
	local before path="/local/domain/$id/$from_guest$1"
	before=$(_grants)
	guest_ask g1 "vchan server 0 $from_guest$1 send 100000 > /tmp/server$1 2>&1 &"
	guest_answer g1
	wait_until 10 offered "$path" || fail "the guest offers no channel $1"
	$vchan client "$id" "$path" receive 100000 &
	client=$!
	grants=$before wait_until 20 more_grants || fail "client $1 maps nothing"
}
# The domain is there, even without a name, for as long as its pages are mapped.
listed() { xl list | awk -v id="$id" '$2 == id { found = 1 } END { exit !found }'; }
not_listed() { ! listed; }
client 1
first=$client
client 2
xl destroy g1 &
destroy=$!
kill -KILL "$first"
wait $destroy || fail "xl destroy: status $?"
wait "$first"
sleep 1
xl list
listed || fail "the domain went while its pages were mapped"
[ "$(_grants)" -gt 0 ] || fail "the second client maps nothing"
kill -KILL $client
wait $client
wait_until 10 not_listed || fail "the domain stays: $(xl list)"
xl list
expect "grants mapped" 0 "$(_grants)"
