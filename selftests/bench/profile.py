# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Where dom0's and Xen's instructions went, both sides beside each other."""

from . import counts, table

LINES = 40
LEAST = 0.5


def functions(outcome, per):
    """{function: instructions for one unit}"""
    return {name: outcome.median(lambda run: run.functions.get(name, 0), per)
            for name in outcome.names("functions")}


def rows(left, right, names, width):
    for name in names:
        a, b = left.get(name, 0), right.get(name, 0)
        yield table.line("  " + name, [table.number(a), table.number(b),
                                       "{:+,.0f}".format(b - a)], width)


def grouped(values):
    sums = {}
    for name, value in values.items():
        key = counts.group(name)
        sums[key] = sums.get(key, 0) + value
    return sums


def show(job, outcomes, sides):
    left, right = (functions(outcomes[side.name][job.name], job.per)
                   for side in sides)
    names = [name for name in set(left) | set(right)
             if max(left.get(name, 0), right.get(name, 0)) >= LEAST]
    width = max([len(name) for name in names] + [20]) + 4
    head = [sides[0].name, sides[1].name, "difference"]
    found = [table.line("instructions per %s, by part" % job.unit, head,
                        width)]
    parts = [grouped(left), grouped(right)]
    found += rows(*parts, sorted(
        set(parts[0]) | set(parts[1]),
        key=lambda name: -max(part.get(name, 0) for part in parts)), width)
    for title, key in (
            ("by function, largest", lambda name: -max(
                left.get(name, 0), right.get(name, 0))),
            ("by function, where ours takes more", lambda name:
             left.get(name, 0) - right.get(name, 0)),
            ("by function, where ours takes less", lambda name:
             right.get(name, 0) - left.get(name, 0))):
        found += ["", table.line(title, head, width)]
        found += rows(left, right, sorted(names, key=key)[:LINES], width)
    return found
