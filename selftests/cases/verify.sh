# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: fio's checksums: PV guests of 6.1 and 6.12, grants mapped and copied
# limit: 400
# budget: 60
# guests: 6.12

. /selftests/lib/common.sh
. /selftests/lib/verify.sh

step "two guests"
writers_start mapped 1 vcpus=2
writers_start copied 0 kernel=6.12 memory=256
step "five writers in each of them"
writers_work mapped 6.1
writers_work copied 6.12
writers_judge mapped
writers_judge copied
