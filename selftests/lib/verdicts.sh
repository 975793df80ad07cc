# SPDX-License-Identifier: GPL-2.0 OR MIT
# Verdicts, figures and progress of a case, in dom0 or on the machine that runs
# the tests. What is written to file descriptor 9 reaches the harness.

set -u

fail() {
	echo "FAIL: $*"
	echo "note $*" >&9
	exit 1
}

# What a skip says is the reason shown to the user.
skip() {
	echo "note $*" >&9
	exit 4
}

step() {
	echo "--- $*"
	echo "progress $*" >&9
}

# figure NAME VALUE: a number for the report.
figure() {
	echo "$1 = $2"
	echo "figure $1=$2" >&9
}

run() {
	echo "+ $*"
	"$@" || fail "failed: $*"
}

# expect NAME WANTED GOT
expect() {
	[ "$2" = "$3" ] || fail "$1 is '$3', not '$2'"
	echo "$1 is $3"
}
