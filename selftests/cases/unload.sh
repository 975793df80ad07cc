# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: every module can be unloaded when the Xen daemons are gone
# limit: 600
# budget: 10
# boot: last

. /selftests/lib/common.sh
. /selftests/lib/unload.sh

unload_modules
