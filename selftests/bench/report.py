# SPDX-License-Identifier: GPL-2.0 OR MIT
"""bench.json: all figures, and what they were taken with."""

import json
import os
import subprocess

from harness import kernels, packages, paths, sysroot

from . import profile, result, rig, table


def versions():
    kernel = kernels.Kernel("6.1")
    qemu = subprocess.run(["qemu-system-x86_64", "--version"], text=True,
                          capture_output=True).stdout.splitlines()[0]
    tree = subprocess.run(["git", "-C", paths.TREE, "describe", "--always",
                           "--dirty"], text=True, capture_output=True)
    return {
        "xen": packages.version("xen-hypervisor-%s-amd64" % sysroot.XEN),
        "kernel": "%s (%s)" % (kernel.release,
                               packages.version(kernel.image_package)),
        "qemu": qemu, "fio": packages.version("fio"),
        "ours": tree.stdout.strip(),
        "xen arguments": rig.XEN_ARGS, "dom0 arguments": rig.DOM0_ARGS,
        "qemu arguments": " ".join(rig.ENGINE),
    }


def side_of(job, outcome):
    if outcome is None or outcome.failure:
        return {"failure": outcome.failure if outcome else "not measured"}
    values = outcome.each(result.instructions, job.per)
    return {
        "instructions": outcome.median(result.instructions, job.per),
        "repeats": values,
        "spread per cent": result.spread(values),
        "cpu time of domain 0, ns": outcome.each(result.cpu_time, job.per),
        "by part": profile.grouped(profile.functions(outcome, job.per)),
        "events": table.events(outcome, job.per),
        "counters": table.figures(outcome, job.per),
    }


def write(chosen, outcomes, sides):
    found = {"versions": versions(), "sides": [side.name for side in sides],
             "jobs": []}
    for job in chosen:
        of_job = {
            "name": job.name, "what": job.what, "unit": job.unit,
            "amounts": job.amounts, "limit per cent": job.limit,
            "sides": {side.name: side_of(
                job, outcomes[side.name].get(job.name))
                for side in sides if side.does(job)},
        }
        keys = ("ratio", "no ratio because")
        of_job.update(zip(keys, table.verdict(job, outcomes, sides)))
        for side in table.others(job, sides):
            of_job["ours to " + side.name] = dict(zip(keys, table.verdict(
                job, outcomes, sides, side)))
        found["jobs"].append(of_job)
    os.makedirs(paths.RESULTS, exist_ok=True)
    target = os.path.join(paths.RESULTS, "bench.json")
    paths.write_atomic(target, json.dumps(found, indent=1).encode() + b"\n")
    return target


def write_profiles(chosen, outcomes, sides):
    """What `make profile` prints, in a file for each job."""
    folder = os.path.join(paths.RESULTS, "profiles")
    os.makedirs(folder, exist_ok=True)
    for job in chosen:
        doing = [side for side in sides if side.does(job)]
        of_job = [outcomes[side.name].get(job.name) for side in doing]
        if all(outcome and not outcome.failure for outcome in of_job):
            text = "\n".join(profile.show(job, outcomes, doing)) + "\n"
            paths.write_atomic(os.path.join(folder, job.name + ".txt"),
                               text.encode())
    return folder


def status(chosen, outcomes, sides):
    """1 when a job failed otherwise than by not being offered."""
    every = [outcomes[side.name].get(job.name) for job in chosen
             for side in sides if side.does(job)]
    return 1 if any(outcome is None or outcome.failure and not outcome.skipped
                    for outcome in every) else 0
