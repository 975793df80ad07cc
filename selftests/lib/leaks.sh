# SPDX-License-Identifier: GPL-2.0 OR MIT
# kmemleak of the debug kernel, where it is.

_kmemleak=/sys/kernel/debug/kmemleak

# _hundredths: of seconds since the boot, for any shell
_hundredths() {
	local up
	read -r up _ < /proc/uptime
	echo "${up%.*}${up#*.}"
}

# Two scans: the first only takes note of what memory holds, and what is younger
# than five seconds when a scan begins is not called lost. The first one's own
# time, which is seconds under emulation, counts towards them. kmemleak that has
# switched itself off refuses.
_scan() {
	local begin left
	[ -e $_kmemleak ] || fail "no kmemleak: not the debug kernel"
	begin=$(_hundredths)
	echo scan > $_kmemleak || fail "kmemleak is off"
	left=$((begin + 520 - $(_hundredths)))
	[ $left -le 0 ] || usleep "${left}0000"
	echo scan > $_kmemleak || fail "kmemleak is off"
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
