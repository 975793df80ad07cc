# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: fio's checksums: PVH guests of 6.12 and 6.1, grants mapped and copied
# limit: 500
# guests: 6.12
# tier: all

. /selftests/lib/common.sh
. /selftests/lib/verify.sh

# Not in make check: the emulated processor kills PVH guests at times. Not seen
# since they have a CPU to themselves, see dom0_apart(), but that was a few runs;
# this takes 107 s. A smaller load on PVH is in pvh-guest.

# One after the other, for the same reason.
step "five writers in a guest of 6.12"
writers_start mapped 1 type=pvh kernel=6.12 memory=256
writers_work mapped 6.12
writers_judge mapped
step "five writers in a guest of 6.1"
writers_start copied 0 type=pvh
writers_work copied 6.1
writers_judge copied
