# SPDX-License-Identifier: GPL-2.0 OR MIT
# Sourced by every case in dom0: sources the parts of this library, and waits.

. /selftests/lib/verdicts.sh

# nothing is ever read from it
exec {_never}<> <(:)

# wait_until SECONDS COMMAND...: polls, and fails when time is up.
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		# sleep is a program
		read -r -t 0.1 -u "$_never" || :
	done
}

# backends_gone PATTERN: waits until drivers have let go of these devices and of
# their own modules. The link under /sys/bus goes before that.
backends_gone() {
	wait_until 20 _no_backends "$1" || fail "$1 stays in sysfs"
}

_no_backends() {
	! compgen -G "/sys/devices/$1" > /dev/null
}

. /selftests/lib/keys.sh
. /selftests/lib/guest.sh
. /selftests/lib/storage.sh
. /selftests/lib/files.sh
. /selftests/lib/counters.sh
