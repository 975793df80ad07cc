# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: wrong xenstore keys put a vbd in error, name the key, disturb nobody
# limit: 600
# budget: 40
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

# right_after WRONG TEXT: physical-device is WRONG first, which says TEXT.
right_after() {
	new_device vbd
	write_keys "$front/ring-ref" 8 "$front/state" 3
	write_keys "$back/physical-device" "$1"
	wait_until 10 state_is "$back" 5 || fail "not refused: $1"
	read_key "$domain/error/backend/vbd/0/$number/error" | grep -F "$2" ||
		fail "the error does not say: $2"
	# a key that it lacks shows that it is about to be connected
	write_keys "$back/physical-device" "$device"
	wait_until 10 error_names event-channel || fail "the right one is not heard"
	expect opened 1 "$(read_key "$back/opened")"
	end_device vbd
}

error_names() {
	[[ $(read_key "$domain/error/backend/vbd/0/$number/error") == *"$1"* ]]
}

step "a script that names the wrong disk first, and a frontend that waits"
right_after xyz 'physical-device is "xyz"'
right_after fff:fffff "physical-device fff:fffff cannot be opened"

step "and one that has yet to do anything"
new_device vbd
write_keys "$back/physical-device" "" "$back/hotplug-status" connected
sleep 1
state_is "$back" 2 || fail "an empty physical-device is waited for no more"
write_keys "$back/physical-device" fff:fffff
wait_until 10 state_is "$back" 5 || fail "not refused"
# other keys are written then as well
write_keys "$back/hotplug-status" connected
sleep 1
state_is "$back" 5 || fail "goes on without a disk"
write_keys "$back/physical-device" "$device"
wait_until 10 state_is "$back" 2 || fail "the right one is not heard"
expect opened 1 "$(read_key "$back/opened")"
gone "$domain/error/backend/vbd/0/$number/error" || fail "the error stays"
end_device vbd

step "a good frontend afterwards"
run /selftests/bin/frontend vbd 1 51952 "$disk"
sleep 1
take_stock after
compare_stock before after 1024
