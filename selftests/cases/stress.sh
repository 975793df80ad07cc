# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: thousands of grants used at once, and events while ports are unbound
# limit: 270
# budget: 60
# rounds: 4 30
# drivers: ours
# kernel: debug
# allow: kmemleak: [0-9]+ new suspected memory leaks
# allow: ^Call Trace:$

# Rounds are seconds. The scan's own message is judged by leaks_none(); the trace is of an MSR that
# the kernel reads when it boots and Xen does not show.
. /selftests/lib/common.sh
. /selftests/lib/leaks.sh

leaks_clear
grants=$(_grants)
run /selftests/bin/grants stress "$ROUNDS" 8 $((ROUNDS < 10 ? 2048 : 4096))
run /selftests/bin/devices storm $((3 + ROUNDS * 2 / 3))
expect "grants mapped" "$grants" "$(_grants)"
leaks_none
