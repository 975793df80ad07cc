# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: GRANT_COPY with a program's memory that is in dom0's swap cache
# limit: 120
# budget: 5
# drivers: both

. /selftests/lib/common.sh

make_disk swap 16
run /selftests/bin/devices swapped "$disk"
expect "swap areas in use" 1 "$(wc -l < /proc/swaps)"
