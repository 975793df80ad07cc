# SPDX-License-Identifier: GPL-2.0 OR MIT
# What backends count, read from where tools read it.

# vbd_stat DOMID DEVID NAME, for example: vbd_stat 1 51712 rd_req
vbd_stat() {
	cat "/sys/bus/xen-backend/devices/vbd-$1-$2/statistics/$3"
}

# vbd_inflight DOMID DEVID: requests that the disk has not finished; 0 in-tree,
# which does not say.
vbd_inflight() {
	local file
	file=$(echo /sys/kernel/debug/xen-backends/"vbd-$1-$2"*rings)
	[ -e "$file" ] || { echo 0; return; }
	awk '/^inflight:/ { sum += $2 } END { print sum + 0 }' "$file"
}

# Domains, and the memory that Xen has left.
xen_stock() {
	xl list | awk 'NR > 1 { print $1 }' | tr '\n' ' '
	xl info | awk '/^free_memory/ { print $3 }'
}

vif_stat() {
	cat "/sys/class/net/vif$1.$2/statistics/$3"
}

# Reports all statistics of a guest's devices as figures.
figures_of_guest() {
	local id=$1 folder name
	for folder in /sys/bus/xen-backend/devices/vbd-"$id"-*; do
		for name in rd_req wr_req f_req rd_sect wr_sect; do
			[ -e "$folder/statistics/$name" ] || continue
			figure "$(basename "$folder") $name" \
				"$(cat "$folder/statistics/$name")"
		done
	done
	for folder in /sys/class/net/vif"$id".*; do
		for name in rx_packets rx_bytes tx_packets tx_bytes; do
			[ -e "$folder/statistics/$name" ] || continue
			figure "$(basename "$folder") $name" \
				"$(cat "$folder/statistics/$name")"
		done
	done
}

# To note the names of processes, each tracepoint that is turned on or off has the
# scheduler's own calls patched. An emulated CPU that is in the middle of one has been seen
# to take the same breakpoint for ever, while the other one waits for it.
mount_tracing() {
	mount -t tracefs tracefs /sys/kernel/tracing 2> /dev/null
	echo 0 > /sys/kernel/tracing/options/record-cmd
}

# Reports what the product counts in debugfs, whatever that is.
figures_of_debugfs() {
	local root=/sys/kernel/debug/xen-backends file line
	[ -d $root ] || return 0
	find $root -type f | sort | while read -r file; do
		head -n 40 "$file" 2>/dev/null | while read -r line; do
			figure "${file#$root/}" "$line"
		done
	done
}

# did DRIVER TEXT: a line for the summary of what was done on which driver.
did() {
	echo "did $1: ${*:2}"
	local text="${*:2}"
	echo "did $1: ${text//$'\n'/; }" >&9
}

_irq_lines() {
	grep -c 'xen-dyn' /proc/interrupts
}

# Kernel threads, but not the workers that come and go by themselves; one that is
# being made has the name of kthreadd for a moment; that of ext4 ends some time after the
# last mount. The names go to a file.
_kthreads() {
	ps -o comm,ppid | awk '$2 == 2 &&
		$1 !~ /^(kworker|kthreadd|ext4lazyinit)/ { print $1 }' |
		sort | tee "kthreads.$1" | wc -l
}

# Grants of any domain that are mapped, as the hypervisor sees it: it prints
# one line for each active entry.
_grants() {
	xl dmesg -c > /dev/null
	xl debug-keys g
	xl dmesg | grep -c '(XEN) \[0x'
}

# By name: /proc/modules begins with what was loaded last.
_module_users() {
	awk '$1 ~ /^(xen_|xenbus_be)/ { print $1 ":" $3 }' /proc/modules |
		sort | tr '\n' ' '
}

# Messages in error/ are meant to stay.
_nodes() {
	xenstore-ls -f | grep -cv '^/local/domain/0/error'
}

_meminfo() {
	awk -v key="$1:" '$1 == key { print $2 }' /proc/meminfo
}

# memory_look PREFIX: what the kernel counts exactly, its objects of all sizes, the
# stacks of its threads, other virtually mapped memory, per-CPU memory. Free memory
# is shown besides: it has the page tables too, but also what xenstored and the lists
# of free pages gain.
memory_look() {
	sync
	echo 3 > /proc/sys/vm/drop_caches
	sleep 2
	printf -v "$1_free" '%s' "$((-$(_meminfo MemFree)))"
	printf -v "$1_slab" '%s' "$(_meminfo SUnreclaim)"
	printf -v "$1_stack" '%s' "$(_meminfo KernelStack)"
	printf -v "$1_vmalloc" '%s' \
		"$(($(_meminfo VmallocUsed) - $(_meminfo KernelStack)))"
	printf -v "$1_percpu" '%s' "$(_meminfo Percpu)"
}

# memory_between PREFIX1 PREFIX2 COUNT OF: in $cost, KiB that each of so many took.
memory_between() {
	local item was is total=0
	for item in free slab stack vmalloc percpu; do
		was=${1}_$item
		is=${2}_$item
		figure "KiB a $4, $item" $(((${!is} - ${!was}) / $3))
		[ $item = free ] || total=$((total + ${!is} - ${!was}))
	done
	cost=$((total / $3))
	figure "KiB a $4, all" $cost
}

# Pages of a program that has ended stay with gntalloc until the other end has let go.
_none_linger() {
	! _module_users | grep -q 'xen_gntalloc:[1-9]'
}

# take_stock PREFIX: sets PREFIX_modules, _kthreads, _irqs, _grants, _nodes
# and _slab (KiB).
take_stock() {
	local prefix=$1
	wait_until 5 _none_linger || :
	sync
	echo 3 > /proc/sys/vm/drop_caches
	printf -v "${prefix}_modules" '%s' "$(_module_users)"
	printf -v "${prefix}_kthreads" '%s' "$(_kthreads "$prefix")"
	printf -v "${prefix}_irqs" '%s' "$(_irq_lines)"
	printf -v "${prefix}_grants" '%s' "$(_grants)"
	printf -v "${prefix}_nodes" '%s' "$(_nodes)"
	printf -v "${prefix}_slab" '%s' "$(_meminfo SUnreclaim)"
}

# compare_stock PREFIX1 PREFIX2 SLACK_KIB: all equal, slab within the slack.
compare_stock() {
	local item before after bad=
	for item in modules kthreads irqs grants nodes slab; do
		before=${1}_$item
		after=${2}_$item
		figure "$item before, after" "${!before} | ${!after}"
		[ $item = slab ] || [ "${!before}" = "${!after}" ] ||
			bad="$bad $item"
	done
	before=${1}_slab
	after=${2}_slab
	[ $((${!after} - ${!before})) -le "$3" ] || bad="$bad slab"
	[ "$bad" = "${bad/kthreads/}" ] || diff "kthreads.$1" "kthreads.$2"
	[ -z "$bad" ] || fail "not as before:$bad"
}
