# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: every job of make bench works on every side; so does make bench BASE=
# limit: 4800
# tier: all
# host: shell

. "$SELFTESTS/lib/verdicts.sh"

git -C "$TREE" rev-parse -q --verify HEAD > /dev/null ||
	fail "no git revision to compare with: run it in a clone"
step "every job, short"
run make -C "$TREE" bench SHORT=1
python3 - "$XEN_BACKENDS_RESULTS/bench.json" <<'END' || fail "jobs without a figure"
import json, sys
jobs = json.load(open(sys.argv[1]))["jobs"]
bad = ["%s, %s: %s" % (job["name"], side, found["failure"])
       for job in jobs for side, found in job["sides"].items()
       if "failure" in found]
print("%d jobs" % len(jobs), *bad, sep="\n")
sys.exit(bool(bad) or len(jobs) < 50)
END
step "one job as in the documents, with all its repeats"
run make -C "$TREE" bench JOBS="blk-4k-qd1"
step "against an older revision, and a profile"
run make -C "$TREE" bench SHORT=1 BASE=HEAD JOBS="blk-4k-qd1 net-tx-64"
run make -C "$TREE" profile SHORT=1 JOB=blk-4k-qd1
