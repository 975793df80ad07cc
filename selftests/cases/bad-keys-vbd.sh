# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: wrong xenstore keys put a vbd in error, name the key, disturb nobody
# limit: 600
# budget: 30
# drivers: ours

. /selftests/lib/common.sh
. /selftests/lib/badkeys.sh

vbd() {
	bad_frontend vbd 3 "$@"
}

make_disk disk 8
device=$(stat -c %t:%T "$disk")
modprobe -r xen-blkfront 2>/dev/null
# also makes the folders that stay in xenstore
run /selftests/bin/frontend vbd 1 51968 "$disk"
take_stock before
step "one ring"
rest="event-channel 9 protocol x86_64-abi"
vbd ring-ref $rest
for value in x -1 4294967296 99999999999999999999 ""; do
	vbd ring-ref $rest ring-ref "$value"
done
vbd event-channel ring-ref 8 protocol x86_64-abi
for value in x -1 4294967296; do
	vbd event-channel ring-ref 8 event-channel "$value"
done
vbd protocol ring-ref 8 event-channel 9 protocol sparc-abi

step "several pages"
new_device vbd
order=$(read_key "$back/max-ring-page-order")
queues=$(read_key "$back/multi-queue-max-queues")
end_device vbd
for value in x -1 4294967296 $((${order:-0} + 1)); do
	vbd ring-page-order ring-page-order "$value" ring-ref0 8 ring-ref1 9 \
		event-channel 9
done
vbd ring-ref1 ring-page-order 1 ring-ref0 8 event-channel 9
vbd "ring-ref0 to ring-ref1 are equal" ring-page-order 1 ring-ref0 8 \
	ring-ref1 8 event-channel 9

step "several queues"
for value in 0 x -1 4294967295 4294967296 $((${queues:-1} + 1)); do
	vbd multi-queue-num-queues multi-queue-num-queues "$value" \
		queue-0/ring-ref 8 queue-0/event-channel 9
done
vbd "queue-1: ring-ref" multi-queue-num-queues 2 queue-0/ring-ref 8 \
	queue-0/event-channel 9
figure "wrong frontends refused" "$refused"

step "a good frontend afterwards"
run /selftests/bin/frontend vbd 1 51952 "$disk"
sleep 1
take_stock after
compare_stock before after 1024
