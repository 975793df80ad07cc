# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: no value of a parameter keeps xen-blkback or xen-netback from loading
# limit: 120
# budget: 20
# drivers: ours

. /selftests/lib/common.sh

cpus=$(nproc)
queues=$((cpus < 8 ? cpus : 8))

# name, least, most, and what is in force when it was not given
numbers_of_blkback="max_queues 0 256 $cpus
max_ring_page_order 0 4 4
max_persistent_grants 0 65536 1056
max_kept_grants 0 16777216 196608
persistent_grant_unused_seconds 0 86400 60
max_buffer_pages 0 1048576 1024
buffer_squeeze_duration_ms 0 60000 10
log_stats 0 1 0"
numbers_of_netback="max_queues 0 64 $queues
fatal_skb_slots 18 64 20
rx_drain_timeout_msecs 1 3600000 10000
rx_stall_timeout_msecs 1 3600000 60000
hash_cache_size 0 65536 64"

# flags, and what is in force when they were not given
flags_of_blkback="feature_persistent Y
emulate_512 N"
flags_of_netback="separate_tx_rx_irq Y
provides_xdp_headroom Y"

# load ARGUMENT...: $module anew. What it says is in $log.
load() {
	run rmmod "$module"
	dmesg -c > /dev/null
	run modprobe "$module" "$@"
	log=$(dmesg)
}

# holds NAME VALUE [WORDS]: what sysfs shows, and what the log has.
holds() {
	expect "$1" "$2" "$(cat "$files/$1")"
	[[ $log == *"${module//-/_}: $1 is $3"* ]] ||
		fail "the log does not say: $1 is $3"
}

# write NAME VALUE: status of the write; what it makes the module say is in $log.
write() {
	local status=0
	dmesg -c > /dev/null
	echo "$2" 2> /dev/null > "$files/$1" || status=1
	log=$(dmesg)
	return $status
}

# writable NAME: root may write even what its mode lets nobody write.
writable() {
	[[ $(stat -c %A "$files/$1") == -?w* ]]
}

at_load() {
	local name least most default
	step "$module: numbers above their range"
	load $(awk '{ print $1 "=" $3 + 1 }' <<< "$numbers")
	while read -r name least most default; do
		holds "$name" "$most" "\"$((most + 1))\", allowed is $least to \
$most; it is $most now"
	done <<< "$numbers"
	step "$module: numbers below it, and no flags"
	load $(awk '{ print $1 "=" $2 - 1 }' <<< "$numbers") \
		$(awk '{ print $1 "=maybe" }' <<< "$flags")
	while read -r name least most default; do
		holds "$name" "$default" "\"$((least - 1))\", allowed is \
$least to $most; it has its default"
	done <<< "$numbers"
	while read -r name default; do
		holds "$name" "$default" \
			"\"maybe\", allowed is Y or N; it has its default"
	done <<< "$flags"
}

by_sysfs() {
	local name least most default
	step "$module: the same by sysfs"
	while read -r name least most default; do
		writable "$name" || continue
		write "$name" $((most + 1)) || fail "refused: $((most + 1))"
		holds "$name" "$most" "\"$((most + 1))\""
		! write "$name" 12k || fail "taken: 12k"
		holds "$name" "$most" "\"12k\", allowed is $least to $most; \
it stays as it was"
		write "$name" "$least" || fail "refused: $least"
		expect "$name" "$least" "$(cat "$files/$name")"
	done <<< "$numbers"
	while read -r name default; do
		writable "$name" || continue
		! write "$name" 2 || fail "taken: 2"
		holds "$name" "$default" \
			"\"2\", allowed is Y or N; it stays as it was"
		write "$name" off || fail "refused: off"
		expect "$name" N "$(cat "$files/$name")"
	done <<< "$flags"
}

for driver in blkback netback; do
	module=xen-$driver
	files=/sys/module/xen_$driver/parameters
	numbers=numbers_of_$driver flags=flags_of_$driver
	numbers=${!numbers} flags=${!flags}
	expect "parameters" "$(printf '%s\n' "$numbers" "$flags" |
		cut -d ' ' -f 1 | sort)" "$(ls "$files" | sort)"
	at_load
	by_sysfs
	load
	[[ $log != *"${module//-/_}: "*allowed* ]] ||
		fail "a load without parameters complains: $log"
done
