# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The results on the terminal."""

from . import counts, jobs as bench_jobs, result

COLUMN = 12


def number(value):
    """With as many digits as mean something."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return "{:,.0f}".format(value)
    return "%.2f" % value if abs(value) >= 0.005 else "0"


def line(label, cells, width):
    return "%-*s" % (width, label) + "".join(
        "%*s" % (COLUMN, cell) for cell in cells)


def others(job, sides):
    """Sides between the first and ours that do a job: QEMU's for files."""
    return [side for side in sides[1:-1] if side.does(job)]


def cell(job, outcome):
    if not outcome or outcome.failure:
        return "-"
    return number(outcome.median(result.instructions, job.per))


def shown(ratio):
    return "%.2f" % ratio if ratio is not None else "-"


def summary(jobs, outcomes, sides):
    """One line a job: instructions of each side, and ours by each other."""
    width = max([len(job.what) for job in jobs] + [24]) + 2
    rows = [line("dom0 instructions per", [side.name for side in sides] +
                 ["ratio"] + ["to " + side.name for side in sides[1:-1]],
                 width)]
    for job in jobs:
        cells = [cell(job, outcomes[side.name].get(job.name))
                 if side.does(job) else "" for side in sides]
        ratio, reason = verdict(job, outcomes, sides)
        cells.append(shown(ratio))
        reasons = [reason] if reason else []
        for side in sides[1:-1]:
            if not side.does(job):
                cells.append("")
                continue
            ratio, reason = verdict(job, outcomes, sides, side)
            cells.append(shown(ratio))
            if reason and reason not in reasons:
                reasons.append(reason)
        rows.append((line(job.what, cells, width) +
                     "  " + "; ".join(reasons)).rstrip())
    return rows


def verdict(job, outcomes, sides, base=None):
    """Ours by the first side or by another; see result.compare()."""
    base = base or sides[0]
    return result.compare(*(
        result.Judged(side.name, outcomes[side.name].get(job.name),
                      bench_jobs.checks(job, side))
        for side in (base, sides[-1])), job.limit, job.slack)


def events(outcome, per):
    """{key: times for one unit}"""
    return {key: outcome.median(lambda run: run.events.get(key, 0), per)
            for key in outcome.names("events")}


def figures(outcome, per):
    """The same for what drivers and guest count themselves."""
    return {key: outcome.median(lambda run: run.figures.get(key, 0), per)
            for key in outcome.names("figures") if key != "cpu"}


def counters(job, outcomes, sides):
    """What one unit took, a line for each counter that any side has."""
    sides = [side for side in sides if side.does(job)]
    good = [outcomes[side.name].get(job.name) for side in sides]
    good = [outcome if outcome and not outcome.failure else None
            for outcome in good]
    width = 48
    rows = [line("%s, per %s" % (job.name, job.unit),
                 [side.name for side in sides], width)]
    found = [events(outcome, job.per) if outcome else {} for outcome in good]
    for key, label, *_ in counts.EVENTS:
        cells = [values.get(key) for values in found]
        if any(cell and abs(cell) >= 0.005 for cell in cells):
            rows.append(line("  " + label, map(number, cells), width))
    found = [figures(outcome, job.per) if outcome else {} for outcome in good]
    for key in sorted(set().union(*found)):
        cells = [values.get(key) for values in found]
        if any(cell and abs(cell) >= 0.005 for cell in cells):
            rows.append(line("  " + key, map(number, cells), width))
    cells = [outcome.median(result.cpu_time, job.per) if outcome else None
             for outcome in good]
    rows.append(line("  CPU time of domain 0, ns", map(number, cells), width))
    return rows
