# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: programs that bind event channels do not wait for each other
# limit: 60
# budget: 8
# drivers: both

. /selftests/lib/common.sh

run /selftests/bin/devices crowd 4
