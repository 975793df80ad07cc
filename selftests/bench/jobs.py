# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The jobs: what is done, in which guests, how often, and what must result.

Shell for dom0 is run with the functions of dom0/rig.sh, shell for guests with
those of guest/work.
"""

import dataclasses

from harness import ui

from . import jobs_disk, jobs_grants, jobs_net, jobs_saturated


@dataclasses.dataclass(frozen=True)
class Job:
    name: str
    what: str           # for the table and the chart
    unit: str           # what the figure is for one of
    setup: str          # a name in SETUPS
    work: str           # shell in the guest; {n} is the amount
    amounts: tuple      # (short, long)
    checks: tuple       # ((figures, times for each of n), ...)
    slack: int = 0      # packets besides the work that may be counted
    around: tuple = ()  # shell in the guest before and after {n} that dom0
                        # does instead of the guest
    local: bool = False     # the work is a command of dom0, without a guest
    before: str = ""    # shell in dom0, once
    each: str = ""      # shell in dom0, before each run
    qdisk: bool = False     # QEMU can do the same
    stream: bool = False    # batches depend on timing
    per: float = 1.0    # units in one of n

    @property
    def limit(self):
        """By how many per cent repeats may differ."""
        return 5.0 if self.stream else 2.0


# name: commands in dom0 that bring the guests up; {file} is how a side makes a
# file into a disk.
SETUPS = {**jobs_disk.SETUPS, **jobs_net.SETUPS, **jobs_saturated.SETUPS,
          **jobs_grants.SETUPS}


def all_jobs():
    return [Job(**job) for job in (jobs_disk.jobs() + jobs_net.jobs() +
                                   jobs_saturated.jobs() +
                                   jobs_grants.jobs())]


# by what the lengths of a job are divided where only its working is looked at
SHORT = 8


def shortened(job):
    return dataclasses.replace(job, amounts=tuple(
        max(at + 1, amount // SHORT) for at, amount in enumerate(job.amounts)))


def setup(job, backing):
    return [command.replace("{file}", backing)
            for command in SETUPS[job.setup]]


def checks(job, side):
    """What is compared with the amount asked for, on one side."""
    return tuple((names, times) for names, times in job.checks
                 if names not in side.uncounted)


def choose(names):
    """The jobs of these names in the order that needs fewest guests."""
    known = {job.name: job for job in all_jobs()}
    for name in names:
        if name not in known:
            reason = jobs_saturated.reason(name)
            raise ui.Failure(reason or "no job %s; there are: %s" % (
                name, " ".join(known)))
    setups, every = list(SETUPS), list(known)
    return sorted({known[name] for name in names or known}, key=lambda job: (
        setups.index(job.setup), every.index(job.name)))
