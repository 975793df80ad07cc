# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: evtchn, gntdev and gntalloc by raw ioctls, dom0 at both ends
# limit: 120
# budget: 20
# drivers: both

. /selftests/lib/common.sh

drivers=intree
[ -e /sys/module/xenbus_be ] && drivers=ours
grants=$(_grants)
named() { dmesg | grep -c "gntalloc: domain 0 gets no more pages"; }
times=$(named)
step "calls, good and bad, and the answers of $drivers"
run /selftests/bin/devices $drivers
# it has been refused pages more often, in less than a minute
[ $(($(named) - times)) -le 1 ] || fail "the log names domain 0 again and again"
step "Xen's own libraries on them"
run /selftests/bin/libxen
expect "grants mapped" "$grants" "$(_grants)"
