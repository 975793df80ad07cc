# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: event channels bound while an allocation fails, each in turn: none stays open
# limit: 120
# tier: all
# drivers: ours
# kernel: debug
# allow: kmemleak: [0-9]+ new suspected memory leaks
# allow: ^Call Trace:$

. /selftests/lib/common.sh
. /selftests/lib/leaks.sh

folder=/sys/kernel/debug/failslab
[ -d $folder ] || fail "no $folder: not the debug kernel"
leaks_clear
echo 0 > $folder/ignore-gfp-wait
echo 0 > $folder/verbose
take_stock before
step "the Nth allocation of a bind"
run /selftests/bin/devices faults
echo 1 > $folder/ignore-gfp-wait
take_stock after
compare_stock before after 1024
leaks_none
