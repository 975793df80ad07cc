# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: NUMA balancing in dom0 leaves a program's mapping of grants alone
# limit: 150
# budget: 6
# drivers: both

. /selftests/lib/common.sh

# set FILE VALUE: until the case ends.
declare -A was
set_knob() {
	was[$1]=$(cat "$1")
	echo "$2" > "$1" || fail "$1 does not take $2"
}

restore() {
	local file
	for file in "${!was[@]}"; do
		echo "${was[$file]}" > "$file"
	done
}

switch=/proc/sys/kernel/numa_balancing
knobs=/sys/kernel/debug/sched/numa_balancing
[ -e $switch ] || skip "this kernel has no NUMA balancing"
trap restore EXIT
# dom0 has one node: what is looked at stays where it is, but it is looked at
set_knob $switch 1
set_knob $knobs/scan_delay_ms 20
set_knob $knobs/scan_period_min_ms 20
set_knob $knobs/scan_period_max_ms 100
run /selftests/bin/devices balanced
