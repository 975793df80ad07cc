# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: mapping and unmapping 65536 grants leaves the CPU to others meanwhile
# limit: 120
# budget: 8
# drivers: ours

. /selftests/lib/common.sh

grants=$(_grants)
run /selftests/bin/devices large
expect "grants mapped" "$grants" "$(_grants)"
