# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: wrong xenstore keys put a vif in error, name the key, disturb nobody
# limit: 600
# budget: 30
# drivers: ours

. /selftests/lib/common.sh
. /selftests/lib/badkeys.sh

vif() {
	bad_frontend vif 4 "$@"
}

# also makes the folders that stay in xenstore
run /selftests/bin/frontend vif 1 8 -
take_stock before
step "one queue"
rest="request-rx-copy 1 feature-rx-notify 1"
for key in tx-ring-ref rx-ring-ref; do
	other=$([ $key = tx-ring-ref ] && echo rx-ring-ref || echo tx-ring-ref)
	vif $key $other 8 event-channel 9 $rest
	for value in x -1 4294967296 99999999999999999999 ""; do
		vif $key $other 8 event-channel 9 $rest $key "$value"
	done
done
vif event-channel tx-ring-ref 8 rx-ring-ref 9 $rest
for value in x -1 4294967296; do
	vif event-channel tx-ring-ref 8 rx-ring-ref 9 $rest \
		event-channel "$value"
done
vif "tx-ring-ref and rx-ring-ref are both 8" tx-ring-ref 8 rx-ring-ref 8 \
	event-channel 9 $rest
for value in x -1 0 4294967296; do
	vif ctrl-ring-ref tx-ring-ref 8 rx-ring-ref 9 event-channel 9 $rest \
		event-channel-ctrl 10 ctrl-ring-ref "$value"
	vif event-channel-ctrl tx-ring-ref 8 rx-ring-ref 9 event-channel 9 \
		$rest ctrl-ring-ref 10 event-channel-ctrl "$value"
done
vif event-channel-ctrl tx-ring-ref 8 rx-ring-ref 9 event-channel 9 $rest \
	ctrl-ring-ref 10

step "several queues"
new_device vif
queues=$(read_key "$back/multi-queue-max-queues")
end_device vif
for value in 0 x -1 4294967295 4294967296 $((${queues:-1} + 1)); do
	vif multi-queue-num-queues multi-queue-num-queues "$value" \
		queue-0/tx-ring-ref 8 queue-0/rx-ring-ref 9 \
		queue-0/event-channel 9 $rest
done
step "a policy that is not to be had"
pins=/sys/fs/bpf/verdicts
run bpftool prog loadall /selftests/bpf/verdicts.o $pins
# policy TEXT PATH
policy() {
	vif "xdp-pin is \"$2\": $1" back/xdp-pin "$2" tx-ring-ref 8 \
		rx-ring-ref 9 event-channel 9 $rest
}
for path in /nowhere/at/all $pins/none relative/path ""; do
	policy "nothing is there" "$path"
done
policy "that is nothing that was pinned" /proc/version
policy "names of pins have no dots" $pins/a.b
policy "that is no XDP program" $pins/other
policy "that is no XDP program" $pins/behind
rm -r $pins
figure "wrong frontends refused" "$refused"

step "a good frontend afterwards"
run /selftests/bin/frontend vif 1 7 -
sleep 1
take_stock after
compare_stock before after 1024
