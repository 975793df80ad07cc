# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Where dom0's and Xen's instructions went, both sides beside each other."""

from . import counts, table

LINES = 40
LEAST = 0.5


def functions(outcome, per):
    """{function: instructions for one unit}"""
    return {name: outcome.median(lambda run: run.functions.get(name, 0), per)
            for name in outcome.names("functions")}


def rows(sides, names, width):
    for name in names:
        values = [side.get(name, 0) for side in sides]
        yield table.line("  " + name, [*map(table.number, values),
                                       "{:+,.0f}".format(
                                           values[-1] - values[0])], width)


def most(sides, name):
    return max(values.get(name, 0) for values in sides)


def grouped(values):
    sums = {}
    for name, value in values.items():
        key = counts.group(name)
        sums[key] = sums.get(key, 0) + value
    return sums


def show(job, outcomes, sides):
    """`sides` are those that did the job; the difference is ours and the
    first's."""
    every = [functions(outcomes[side.name][job.name], job.per)
             for side in sides]
    left, right = every[0], every[-1]
    names = [name for name in set().union(*every)
             if most(every, name) >= LEAST]
    width = max([len(name) for name in names] + [20]) + 4
    head = [side.name for side in sides] + ["difference"]
    found = [table.line("instructions per %s, by part" % job.unit, head,
                        width)]
    parts = [grouped(values) for values in every]
    found += rows(parts, sorted(
        set().union(*parts), key=lambda name: -most(parts, name)), width)
    for title, key in (
            ("by function, largest", lambda name: -most(every, name)),
            ("by function, where ours takes more", lambda name:
             left.get(name, 0) - right.get(name, 0)),
            ("by function, where ours takes less", lambda name:
             right.get(name, 0) - left.get(name, 0))):
        found += ["", table.line(title, head, width)]
        found += rows(every, sorted(names, key=key)[:LINES], width)
    return found
