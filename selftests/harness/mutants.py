# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Mutants: faults put into a copy of the product, each of which a test sees."""

import filecmp
import glob
import os
import re
import shutil
import signal
import subprocess
import time

from . import paths, qemu, ui

FOLDER = os.path.join(paths.SELFTESTS, "mutants")
COPY = os.path.join(paths.BUILD, "mutants", "tree")
LOGS = os.path.join(paths.LOGS, "mutants")

RESULT = re.compile(r"(ok|not ok) \d+ (\S+)(.*)$")
# a case that has run has a time; one whose image was not built has none
TIMED = re.compile(r" # \d+\.\d s$")
# Such a case was ended by its limit or by a panic: that shows no fault. A test
# that sees one says so itself.
UNJUDGED = ("exit status None", "exit status 124", "exit status 137")


def suite_file(suite):
    """What selftests/run calls a suite: NAME of selftests/unit/NAME_test.c."""
    for path in glob.glob(os.path.join(paths.SELFTESTS, "unit/*_test.c")):
        with open(path) as stream:
            if '.name = "%s"' % suite in stream.read():
                return os.path.basename(path)[:-len("_test.c")]
    raise ui.Failure("no unit test has the suite " + suite)


class Mutant:
    """A patch of selftests/mutants. Before it stand `what:`, the fault in one
    sentence, and `fails:`, either `unit/SUITE/CASE` or `case NAME`."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[:-len(".patch")]
        keys = {}
        with open(path) as stream:
            for line in stream:
                match = re.match(r"(\w+): (.*)", line)
                if not match:
                    break
                keys[match[1]] = match[2].strip()
        self.what = keys.get("what", "")
        self.fails = keys.get("fails", "")
        unit = re.fullmatch(r"unit/([^/ ]+)/[^/ ]+", self.fails)
        case = re.fullmatch(r"case (\S+)", self.fails)
        if not self.what or not (unit or case):
            raise ui.Failure("%s: 'what: SENTENCE' and 'fails: "
                             "unit/SUITE/CASE' or 'fails: case NAME' come "
                             "first" % path)
        # the test's name in KTAP, and what selftests/run is told to run
        self.is_case = bool(case)
        self.test = case[1] if case else self.fails
        self.words = [case[1]] if case else ["unit", suite_file(unit[1])]


def all_mutants():
    """In an order that has those of one test follow each other."""
    found = [Mutant(os.path.join(FOLDER, name))
             for name in os.listdir(FOLDER) if name.endswith(".patch")]
    return sorted(found, key=lambda mutant: (mutant.is_case, mutant.words,
                                             mutant.name))


def complaints():
    """What is wrong with the patches, without running any: a header that cannot
    be read, a test that is not there, a patch that does not apply."""
    found = []
    known = _unit_cases()
    for name in sorted(os.listdir(FOLDER)):
        path = os.path.join(FOLDER, name)
        try:
            mutant = Mutant(path)
        except ui.Failure as failure:
            found.append(str(failure))
            continue
        if mutant.is_case:
            there = os.path.exists(os.path.join(
                paths.SELFTESTS, "cases", mutant.test + ".sh"))
        else:
            there = mutant.test.split("/")[-1] in known
        if not there:
            found.append("%s: no test %s" % (name, mutant.test))
        done = subprocess.run(["git", "apply", "--check", path], text=True,
                              cwd=paths.TREE, capture_output=True)
        if done.returncode:
            found.append("%s does not apply: %s" % (
                name, done.stderr.splitlines()[0]))
    return found


def _unit_cases():
    found = set()
    for path in glob.glob(os.path.join(paths.SELFTESTS, "unit/*_test.c")):
        with open(path) as stream:
            found.update(re.findall(r"KUNIT_CASE\w*\((\w+)", stream.read()))
    return found


def files_of_tree():
    """What git tracks, and what it would if it were told to."""
    done = subprocess.run(["git", "-C", paths.TREE, "ls-files", "-z",
                           "--cached", "--others", "--exclude-standard"],
                          text=True, capture_output=True)
    if done.returncode:
        raise ui.Failure("git cannot list the tree's files: " + done.stderr)
    return {name for name in done.stdout.split("\0")
            if os.path.isfile(os.path.join(paths.TREE, name))}


def refresh():
    """Make the copy what the tree is. A file that is the same keeps its time:
    only what a mutant has touched is built again."""
    wanted = files_of_tree()
    for where, folders, files in os.walk(COPY):
        if where == COPY and "build" in folders:
            folders.remove("build")
        for name in files:
            path = os.path.join(where, name)
            if os.path.relpath(path, COPY) not in wanted:
                os.unlink(path)
    for name in wanted:
        source, target = (os.path.join(top, name)
                          for top in (paths.TREE, COPY))
        if os.path.exists(target) and filecmp.cmp(source, target, False):
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(source, target)


def apply(mutant):
    # git takes the names in a patch for its own tree's, where it finds one
    env = dict(os.environ, GIT_CEILING_DIRECTORIES=os.path.dirname(COPY))
    done = subprocess.run(["git", "apply", mutant.path], cwd=COPY, env=env,
                          text=True, capture_output=True)
    if done.returncode:
        raise ui.Failure("the patch does not apply:\n" + done.stderr)


class Outcome:
    """What the run in the copy said of the test that a mutant names."""

    def __init__(self):
        self.result = None      # of the test: (passed, rest of its line)
        self.notes = []         # before its result, or before the last one

    def read(self, stream, test, log):
        notes = []
        for line in stream:
            log.write(line)
            line = line.rstrip("\n")
            match = RESULT.match(line)
            if match:
                self.notes, notes = notes, []
                if match[2] == test:
                    self.result = (match[1] == "ok", match[3])
                    return
            elif line.startswith("# "):
                notes.append(line[2:])


def run_named(mutant):
    """Run the test in the copy until it has a result, and no longer: a case
    may be one that runs on other drivers too."""
    os.makedirs(LOGS, exist_ok=True)
    outcome = Outcome()
    env = dict(os.environ, XEN_BACKENDS_CACHE=paths.CACHE)
    with open(os.path.join(LOGS, mutant.name + ".log"), "w",
              buffering=1) as log:
        process = subprocess.Popen(
            [os.path.join(COPY, "selftests/run")] + mutant.words, cwd=COPY,
            env=env, text=True, errors="replace", stdout=subprocess.PIPE,
            stderr=log, start_new_session=True,
            preexec_fn=qemu.die_with_parent)
        try:
            outcome.read(process.stdout, mutant.test, log)
        finally:
            # with its QEMU; nothing is there any more if it ended by itself
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
            process.stdout.close()
            process.wait()
    return outcome


def reason(mutant, notes):
    """What the failed test said first, for a reader to see that it failed for
    what the mutant is about."""
    if not mutant.is_case:
        return notes[:4]
    logged = [note for note in notes if note.startswith("in the log:")]
    end = next((at for at, note in enumerate(notes)
                if note.startswith(("exit status", "in the log:"))),
               len(notes))
    output = [note for note in notes[end:]
              if re.match(r"output: (?!\+ |--- |FAIL: |figure |\S+ is )", note)]
    return notes[:end][-1:] + logged[:2] + output[-3:]


def judge(mutant, outcome):
    """Whether the test has seen the fault, and why not or how."""
    if not outcome.result:
        return False, ["%s did not run" % mutant.test] + outcome.notes[-30:]
    passed, rest = outcome.result
    if passed:
        return False, ["not caught: %s passes%s" % (mutant.test, rest)]
    if mutant.is_case and not TIMED.search(rest):
        return False, ["%s did not run" % mutant.test] + outcome.notes[-30:]
    if any(note.startswith(UNJUDGED) for note in outcome.notes):
        return False, ["%s came to no judgement" % mutant.test] + \
            outcome.notes[-30:]
    return True, ["%s failed%s" % (mutant.test, rest)] + reason(
        mutant, outcome.notes)


def run_one(report, mutant):
    """The seconds it took to see the fault; None if nobody saw it."""
    begin = time.monotonic()
    try:
        with ui.step("mutant %s: %s" % (mutant.name, mutant.test),
                     counted=False):
            refresh()
            apply(mutant)
            caught, notes = judge(mutant, run_named(mutant))
    except ui.Failure as failure:
        caught, notes = False, [failure]
    seconds = time.monotonic() - begin
    report.add("mutant/" + mutant.name, caught, seconds,
               [mutant.what] + notes,
               logs=os.path.join(LOGS, mutant.name + ".log"),
               again="selftests/run mutants " + mutant.name)
    return seconds if caught else None


def shuffled(chosen, tree):
    """In an order that another tree does not have: runs that have no time for
    all of them come to others each time."""
    return sorted(chosen, key=lambda mutant: paths.short_hash(tree,
                                                              mutant.name))


def run(report, chosen, passed=lambda mutant, seconds: None, minutes=None):
    """Add a result for each: a mutant passes when its test fails. `passed` is
    called with each that does and the seconds it took. None is begun after so
    many minutes."""
    end = time.monotonic() + 60 * minutes if minutes else float("inf")
    try:
        for number, mutant in enumerate(chosen):
            if time.monotonic() > end:
                ui.say("%d of %d mutants were begun in %d minutes" % (
                    number, len(chosen), minutes))
                break
            seconds = run_one(report, mutant)
            if seconds is not None:
                passed(mutant, seconds)
    finally:
        if chosen:
            refresh()


def choose(names):
    """All mutants, or those named, in that order."""
    mutants = all_mutants()
    unknown = set(names) - {mutant.name for mutant in mutants}
    if unknown:
        name = min(unknown)
        raise ui.Failure(
            "no mutant of the name %s; %sthey are the files of selftests/mutants, "
            "without .patch" % (name, ui.meant(name, [
                mutant.name for mutant in mutants])))
    if not names:
        return mutants
    return sorted((mutant for mutant in mutants if mutant.name in names),
                  key=lambda mutant: names.index(mutant.name))
