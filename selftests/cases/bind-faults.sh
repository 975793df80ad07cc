# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: event channels bound while an allocation fails, each in turn: none stays open
# limit: 120
# tier: all
# drivers: ours
# kernel: debug
# allow: kmemleak: [0-9]+ new suspected memory leaks
# allow: ^Call Trace:$
# allow: WARNING: CPU: [0-9]+ PID: [0-9]+ at fs/proc/generic.c:[0-9]+ remove_proc_entry

# The warning is Linux' own: it makes no folder in /proc for an interrupt without
# memory, and misses it when the interrupt goes.

. /selftests/lib/common.sh
. /selftests/lib/leaks.sh

folder=/sys/kernel/debug/failslab
[ -d $folder ] || fail "no $folder: not the debug kernel"
leaks_clear
echo 0 > $folder/ignore-gfp-wait
echo 0 > $folder/verbose
echo 0 > /proc/sys/kernel/panic_on_warn
take_stock before
step "the Nth allocation of a bind"
run /selftests/bin/devices faults
echo 1 > $folder/ignore-gfp-wait
# interrupts go a while after their ports
sleep 3
echo 1 > /proc/sys/kernel/panic_on_warn
take_stock after
compare_stock before after 1024
leaks_none
