# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: evtchn, gntdev and gntalloc by raw ioctls, dom0 at both ends
# limit: 90
# drivers: ours

. /selftests/lib/common.sh

step "calls, good and bad"
run /selftests/bin/devices
cat /sys/kernel/debug/xenbus-be/grants 2>/dev/null
true
