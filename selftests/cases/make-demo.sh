# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: make demo does what README says, and says what was done
# limit: 900
# tier: all
# host: shell

. "$SELFTESTS/lib/verdicts.sh"

make -C "$TREE" demo > said || fail "make demo: $(tail -n 5 said)"
cat said
grep -q "^all done in [0-9]* s" said || fail "not all is done"
for driver in xen-blkback xen-netback "all modules" xen-evtchn; do
	grep -q "^  $driver" said || fail "nothing was done on $driver"
done
