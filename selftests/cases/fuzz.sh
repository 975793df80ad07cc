# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: any bytes to evtchn, gntdev and gntalloc, for a while, then they work
# limit: 900
# budget: 80
# rounds: 10 600
# drivers: ours
# kernel: debug
# allow: kmemleak: [0-9]+ new suspected memory leaks
# allow: ^Call Trace:$

# Rounds are seconds. The scan's own message is judged by leaks_none(); the trace is of an MSR that
# the kernel reads when it boots and Xen does not show.
. /selftests/lib/common.sh
. /selftests/lib/leaks.sh

seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
leaks_clear
step "seed $seed"
figure "seed" "$seed"
run /selftests/bin/fuzz "$seed" "$ROUNDS"
run /selftests/bin/devices ours
# this kernel has binds by number, which have to wait for all others
make_disk zeros 64
map_disk away "0 131072 linear $disk 0"
run /selftests/bin/devices stuck away
unmap_disk away
leaks_none
