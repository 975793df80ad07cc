# SPDX-License-Identifier: GPL-2.0 OR MIT
"""make bench and make profile: measure all sides, show the results."""

import os
import subprocess

from harness import dom0, kernels, modules, packages, paths, qemu, ui

from . import (chart, jobs, jobs_saturated, profile, report, rig, table,
               workers)
from .jobs_disk import LOOP, NATIVE, QDISK


def name_of(revision):
    """The hash of a revision."""
    done = subprocess.run(["git", "-C", paths.TREE, "rev-parse", "--short=12",
                           "--verify", revision + "^{commit}"], text=True,
                          capture_output=True)
    if done.returncode:
        raise ui.Failure("no revision %s: %s" % (revision, done.stderr))
    return done.stdout.strip()


def older(revision):
    """A Side with our drivers as they were at a revision."""
    name = name_of(revision)
    tree = os.path.join(paths.BUILD, "base", name)
    if not os.path.exists(os.path.join(tree, "Makefile")):
        os.makedirs(tree, exist_ok=True)
        subprocess.run("git -C '%s' archive %s | tar -x -C '%s'" % (
            paths.TREE, name, tree), shell=True, check=True)
    # there was a time when a loop device was needed
    native = os.path.exists(os.path.join(tree, "blkback/io-file.c"))
    return rig.Side(name[:10], "ours", NATIVE if native else LOOP,
                    modules.build(kernels.Kernel("6.1"), tree=tree))


def sides(kernel, base, chosen):
    """What is compared: in-tree or an older revision; ours; for files QEMU.

    QEMU has the in-tree gntdev and evtchn below it, as elsewhere.
    """
    ours = rig.Side("ours", "ours", NATIVE, modules.build(kernel))
    if base:
        return [older(base), ours]
    stock = rig.Side("in-tree", "intree", LOOP)
    if any(job.qdisk for job in chosen):
        return [stock, rig.Side("qdisk", "intree", QDISK), ours]
    return [stock, ours]


def choose(names, base, short):
    """(jobs, how often each is repeated). Short ones show that all of it works,
    and are no figures. What is named wrongly is told of here, before anything is
    installed or built."""
    chosen = jobs.choose(names)
    if base:
        name_of(base)
    if not short:
        return chosen, workers.REPEATS
    print("short: each job once, an eighth as long; not figures to go by")
    return [jobs.shortened(job) for job in chosen], 1


def measure(chosen, repeats, base):
    """(sides, {side: {job: Outcome}}) of some jobs."""
    kernel = kernels.Kernel("6.1")
    compared = sides(kernel, base, chosen)
    images = rig.Images(kernel)
    with qemu.turn:
        return compared, workers.measure(images, compared, chosen, repeats)


def bench(names, base, short):
    chosen, repeats = choose(names, base, short)
    packages.install_tools()
    chart.install()
    if not names and not jobs_saturated.available():
        ui.say("saturated jobs are left out: no selftests/loadgen here")
    compared, outcomes = measure(chosen, repeats, base)
    print("\n".join(table.summary(chosen, outcomes, compared)))
    for job in chosen:
        print()
        print("\n".join(table.counters(job, outcomes, compared)))
    data = report.write(chosen, outcomes, compared)
    profiles = report.write_profiles(chosen, outcomes, compared)
    drawing = chart.draw(data)
    print("\nfigures: %s\nprofiles: %s\nchart: %s" % (data, profiles,
                                                      drawing))
    return report.status(chosen, outcomes, compared)


def profile_of(names, base, short):
    if len(names) != 1:
        raise ui.Failure("make profile JOB=NAME: one job")
    chosen, repeats = choose(names, base, short)
    packages.install_tools()
    compared, outcomes = measure(chosen, repeats, base)
    print("\n".join(table.summary(chosen, outcomes, compared)))
    compared = [side for side in compared if side.does(chosen[0])]
    for side in compared:
        outcome = outcomes[side.name][chosen[0].name]
        if outcome.failure:
            raise ui.Failure(outcome.failure)
    print()
    print("\n".join(profile.show(chosen[0], outcomes, compared)))
    return 0
