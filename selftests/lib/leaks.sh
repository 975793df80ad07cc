# SPDX-License-Identifier: GPL-2.0 OR MIT
# kmemleak of the debug kernel, where it is.

_kmemleak=/sys/kernel/debug/kmemleak

# Two scans: what is young is not yet called lost by the first. kmemleak that
# has switched itself off refuses.
_scan() {
	[ -e $_kmemleak ] || fail "no kmemleak: not the debug kernel"
	echo scan > $_kmemleak && sleep 5 && echo scan > $_kmemleak ||
		fail "kmemleak is off"
}

# What others have leaked before is not looked at again. Two scans take ten
# seconds, and a case that has just found nothing has done them.
leaks_clear() {
	if [ -e /run/no-leaks ]; then
		rm /run/no-leaks
		return
	fi
	_scan
	echo clear > $_kmemleak
}

# A record is from "unreferenced" to the next. What the balloon driver adds as
# memory has its page structures where kmemleak does not look.
_leaked() {
	awk '/^unreferenced/ { report() }
	     { record = record $0 "\n" }
	     function report() {
		if (record && record !~ /sparse_add_section/)
			printf "%s", record
		record = ""
	     }
	     END { report() }' $_kmemleak
}

leaks_none() {
	_scan
	_leaked
	[ -z "$(_leaked)" ] || fail "memory is leaked"
	echo "kmemleak finds nothing"
	touch /run/no-leaks
}
