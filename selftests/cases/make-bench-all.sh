# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: every job of make bench works on every side; so does make bench BASE=
# limit: 4800
# tier: all
# host: shell

. "$SELFTESTS/lib/verdicts.sh"

cd "$TREE" || fail "no tree"
step "every job, short"
run make bench SHORT=1
python3 - <<'END' || fail "jobs without a figure"
import json, sys
jobs = json.load(open("build/bench/bench.json"))["jobs"]
bad = ["%s, %s: %s" % (job["name"], side, found["failure"])
       for job in jobs for side, found in job["sides"].items()
       if "failure" in found]
print("%d jobs" % len(jobs), *bad, sep="\n")
sys.exit(bool(bad) or len(jobs) < 50)
END
if git rev-parse -q --verify HEAD > /dev/null; then
	step "against an older revision, and a profile"
	run make bench SHORT=1 BASE=HEAD JOBS="blk-4k-qd1 net-tx-64"
	run make profile SHORT=1 JOB=blk-4k-qd1
fi
