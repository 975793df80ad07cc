# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: make bench and make profile: a disk and a network job on both drivers
# limit: 900
# budget: 120
# host: shell

. "$SELFTESTS/lib/verdicts.sh"

# not where the figures of a whole benchmark may be
results=$XEN_BACKENDS_RESULTS

# has_ratio JOB: the benchmark has compared both sides of a job
has_ratio() {
	python3 - "$1" "$results/bench.json" <<-'END' || fail "$1 has no ratio"
		import json, sys
		for job in json.load(open(sys.argv[2]))["jobs"]:
		    if job["name"] == sys.argv[1]:
		        print(job["name"], job["ratio"], job["no ratio because"])
		        sys.exit(not job["ratio"])
		sys.exit(1)
	END
}

step "a disk and a network job"
run make -C "$TREE" bench SHORT=1 JOBS="sat-blk-read-8 sat-net-tx-8"
has_ratio sat-blk-read-8
has_ratio sat-net-tx-8
grep -q "</svg>" "$results/bench.svg" || fail "no chart"
grep -q blkback "$results/profiles/sat-blk-read-8.txt" ||
	fail "the profile does not know blkback"

step "a profile"
make -C "$TREE" profile SHORT=1 JOB=grant-copy-16 > profile 2>&1 ||
	fail "make profile: $(tail -n 3 profile)"
grep -q "by function, where ours takes less" profile ||
	fail "no functions: $(tail -n 3 profile)"

step "a job that is not there"
! make -C "$TREE" bench JOBS=nonsense > said 2>&1 || fail "nonsense is no failure"
grep -q "no job nonsense; there are: blk-4k-qd1" said ||
	fail "the message does not name the jobs: $(tail -n 3 said)"
