# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The chart. Run as a program by Debian's Python, for matplotlib is there."""

import json
import os
import subprocess
import sys
import textwrap

PYTHON = "/usr/bin/python3"
LIBRARY = "/usr/lib/python3/dist-packages/matplotlib/__init__.py"
LESS, MORE, EQUAL = "#2a7f9e", "#d1662b", "#858d94"
OTHER = "#7a5a9e"
BASE, TEXT, PALE = "#c9ced3", "#333333", "#777777"
# how far a bar is drawn, in per cent; what is longer is cut and says so
LONGEST = 160
# of the figures' columns, in the same measure
FIRST, COLUMN = 40, 18
# no more apart than repeats may be
NEAR = 2


def install():
    from harness import packages
    if not os.path.exists(LIBRARY):
        packages.install("python3-matplotlib")


def draw(data):
    """Draw bench.json as bench.svg beside it."""
    from harness import ui
    target = os.path.splitext(data)[0] + ".svg"
    done = subprocess.run([PYTHON, os.path.abspath(__file__), data, target],
                          text=True, capture_output=True)
    if done.returncode:
        raise ui.Failure("no chart:\n" + done.stderr)
    return target


def groups(found):
    """[(title, jobs)], as the words before the colon say."""
    ordered = {}
    for job in found["jobs"]:
        title, _, rest = job["what"].partition(": ")
        if not rest:
            title, rest = "network", title
        for ending in (", frontend not persistent", ", not persistent"):
            if rest.endswith(ending):
                title += ", without persistent grants"
                rest = rest.removesuffix(ending)
        ordered.setdefault(title, []).append((rest, job))
    return list(ordered.items())


def instructions(job, side):
    """None: not measured."""
    return job["sides"].get(side, {}).get("instructions")


def columns(sides):
    """(side, where its figures end)"""
    return [(side, LONGEST + FIRST + COLUMN * i)
            for i, side in enumerate(sides)]


def other(axes, place, job, sides):
    """What a third side takes, as a line to the right of ours."""
    base = instructions(job, sides[0])
    for side in sides[1:-1]:
        value = instructions(job, side)
        if not base or value is None:
            continue
        percent = 100 * value / base
        end = min(percent, LONGEST)
        axes.plot([end, end], [place - 0.4, place + 0.4], color=OTHER,
                  linewidth=2.5, zorder=4, clip_on=False)
        axes.text(end + 1.5, place, "%s %.0f %%%s" % (
            side, percent, " (cut)" if percent > LONGEST else ""),
            va="center", color=OTHER, fontsize=7.5)


def bar(axes, place, label, job, sides):
    axes.text(-2, place, label, ha="right", va="center", color=TEXT)
    for side, end in columns(sides):
        value = instructions(job, side)
        if value is None:
            text = "-" if side in job["sides"] else ""
        else:
            text = "{:,.0f}".format(value)
        axes.text(end, place, text, ha="right", va="center", color=TEXT)
    axes.text(end + 3, place, "per " + job["unit"], va="center",
              color=PALE, fontsize=7.5)
    if job["ratio"] is None:
        reason = textwrap.shorten(job["no ratio because"], 58)
        axes.text(1, place, "no ratio: " + reason, va="center",
                  color=PALE, fontsize=7.5, style="italic")
        return
    percent = 100 * job["ratio"]
    axes.barh(place, 100, height=0.72, color=BASE)
    other(axes, place, job, sides)
    colour = LESS if percent < 100 else MORE
    axes.barh(place, min(percent, LONGEST), height=0.42,
              color=EQUAL if abs(percent - 100) <= NEAR else colour)
    label = "%.0f %%" % percent + (" (cut)" if percent > LONGEST else "")
    axes.text(max(100, min(percent, LONGEST)) + 1.5, place, label,
              va="center", color=TEXT, fontsize=8, weight="bold",
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6,
                    "alpha": 0.8})


def heading(axes, place, sides):
    for side, end in columns(sides):
        axes.text(end, place, side, ha="right", weight="bold")
    axes.text(100, place, "%s = 100 %%" % sides[0], ha="center", color=TEXT)


def caption(versions):
    lines = ["Pale: %s. Blue: ours takes fewer instructions; orange: more; "
             "grey: within %d %%. Counted under emulation, not timed." % (
                 versions["base"], NEAR)]
    if versions["others"]:
        lines.append("Violet: QEMU's qdisk, for files, which are in dom0's "
                     "page cache. Files in-tree: a loop device with direct "
                     "I/O; ours: the file itself, direct I/O.")
    lines.append("Xen %s, Linux %s, %s" % (versions["xen"], versions["kernel"],
                                       versions["qemu"]))
    return "\n".join(lines)


def picture(found, target):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams.update({
        "svg.fonttype": "none", "svg.hashsalt": "bench", "font.size": 9,
        "font.family": ["DejaVu Sans", "sans-serif"]})
    from matplotlib import pyplot
    sides, sections = found["sides"], groups(found)
    rows = sum(len(jobs) + 1.4 for _, jobs in sections) + 2
    figure = pyplot.figure(figsize=(13.5, 0.26 * rows + 1.7))
    axes = figure.add_axes([0.21, 0.9 / (0.26 * rows + 1.7), 0.45,
                            1 - 1.7 / (0.26 * rows + 1.7)])
    place = 0.0
    heading(axes, 0.9, sides)
    for title, jobs in sections:
        axes.text(-60, place, title, weight="bold", va="center", color=TEXT)
        place -= 1
        for label, job in jobs:
            bar(axes, place, label, job, sides)
            place -= 1
        place -= 0.4
    axes.axvline(100, color="#888888", linewidth=0.8, zorder=3)
    axes.set_xlim(0, LONGEST)
    axes.set_ylim(place + 0.6, 0.8)
    axes.axis("off")
    figure.suptitle("Instructions that dom0 and Xen spend on a guest's "
                    "request: %s and ours (shorter is better)" % sides[0],
                    x=0.5, y=1 - 0.2 / (0.26 * rows + 1.7), fontsize=12,
                    weight="bold", va="top")
    figure.text(0.02, 0.12 / (0.26 * rows + 1.7), caption(
        dict(found["versions"], base=sides[0], others=sides[1:-1])),
        fontsize=7.5, color=PALE)
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    with open(sys.argv[1]) as stream:
        picture(json.load(stream), sys.argv[2])
