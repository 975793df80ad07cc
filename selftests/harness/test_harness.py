# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Tests of the harness itself, without any boot."""

import contextlib
import io
import os
import signal
import subprocess
import tempfile
import threading
import time
import types
import unittest
from unittest import mock

from . import (cases, cli, documents, ktap, lint, mutants, packages, paths,
               releases, shown, tiers, ui, unit)
from bench import chart


def printed(run):
    """(what it returned, the lines it printed)"""
    with contextlib.redirect_stdout(io.StringIO()) as stream:
        status = run()
    return status, stream.getvalue().splitlines()


def wait_until(condition):
    end = time.monotonic() + 20
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("not within 20 s")
        time.sleep(0.02)


def alive(process):
    try:
        with open("/proc/%d/stat" % process) as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class TestReport(unittest.TestCase):
    def run_of(self, *results):
        def run():
            report = ktap.Report()
            for name, passed, more in results:
                report.add(name, passed, **more)
            return report.finish([("booting", 90.0), ("a trifle", 0.1)])
        return printed(run)

    def test_count_is_last_and_decides(self):
        status, lines = self.run_of(("a", True, {}), ("b", False, {}),
                                    ("c", True, {"skipped": "why"}))
        self.assertEqual((status, lines[-1]),
                         (1, "1 passed, 1 failed, 1 skipped"))
        self.assertEqual(self.run_of(("a", True, {}))[0], 0)

    def test_nothing_passed_is_a_failure(self):
        self.assertEqual(self.run_of(("c", True, {"skipped": "why"}))[0], 1)

    def test_failure_says_why_where_and_how_again(self):
        _, lines = self.run_of(("b", False, {
            "notes": ["it broke\nin two"], "logs": "/logs/b",
            "again": "selftests/run b"}))
        at = lines.index("# FAILED b: it broke")
        self.assertIn("/logs/b", lines[at + 1])
        self.assertIn("selftests/run b", lines[at + 2])

    def test_table_of_seconds(self):
        _, lines = self.run_of(
            ("slow", True, {"seconds": 50.0, "budget": 20}),
            ("fast", True, {"seconds": 10.0, "budget": 20}),
            ("old", True, {"seconds": 99.0, "earlier": "yesterday"}))
        [slow] = [line for line in lines if line.endswith("over its budget")]
        self.assertIn("slow", slow)
        self.assertTrue(any("60.0" in line and "2 tests" in line
                            for line in lines))
        self.assertTrue(any("booting" in line for line in lines))
        self.assertFalse(any("a trifle" in line for line in lines))
        self.assertTrue(any("shown yesterday" in line for line in lines))


class TestShown(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for what in (mock.patch.object(paths, "CACHE", folder.name),
                     mock.patch.object(shown, "machine", lambda: ["x"])):
            what.start()
            self.addCleanup(what.stop)

    def test_a_pass_is_known_by_what_it_depends_on(self):
        shown.Entry("one", "part").passed(12.34)
        self.assertEqual(shown.Entry("one", "part").earlier()["seconds"],
                         12.3)
        for other in (shown.Entry("one", "other"), shown.Entry("two", "part"),
                      shown.Entry("one", "part", "more")):
            self.assertIsNone(other.earlier())

    def test_the_product_decides(self):
        shown.Entry("one").passed(1)
        with mock.patch.object(shown, "product", lambda: "changed"):
            self.assertIsNone(shown.Entry("one").earlier())

    def test_half_an_entry_is_none(self):
        entry = shown.Entry("one")
        entry.passed(1)
        with open(entry.path, "w") as stream:
            stream.write("{")
        self.assertIsNone(entry.earlier())

    def test_files_are_told_apart(self):
        self.assertNotEqual(shown.tree_hash("xenbus"),
                            shown.tree_hash("evtchn"))


def refused(run):
    """What it says when it refuses what it was given, before anything else."""
    def nothing(*_):
        raise AssertionError("something was begun")

    with mock.patch.object(packages, "install_tools", nothing), \
            mock.patch.object(chart, "install", nothing), \
            contextlib.redirect_stderr(io.StringIO()) as stream:
        status = run()
    return status, stream.getvalue()


class TestCommands(unittest.TestCase):
    def test_a_wrong_name_is_told_of_before_anything_begins(self):
        for words, said in (
                (["tol"], "is it told?"), (["qwxyz"], "selftests/run list"),
                (["unit", "qwxyz"], "there are: "),
                (["mutants", "qwxyz"], "the files of selftests/mutants"),
                (["bench", "qwxyz"], "there are: "),
                (["profile", "qwxyz"], "there are: "),
                (["--base", "qwxyz", "bench"], "no revision qwxyz")):
            status, text = refused(lambda words=words: cli.main(words))
            self.assertEqual(status, 2, words)
            self.assertIn(said, text)

    def test_what_takes_no_names_is_not_run_with_one(self):
        for word in cli.ALONE:
            status, text = refused(lambda word=word: cli.main([word, "told"]))
            self.assertEqual(status, 2, word)
            self.assertIn("%s takes no names" % word, text)

    def test_a_mutant_that_is_nearly_named(self):
        name = mutants.all_mutants()[0].name
        with self.assertRaisesRegex(ui.Failure, "is it .*%s" % name):
            mutants.choose([name + "x"])

    def test_the_list_says_what_its_columns_are(self):
        _, lines = printed(cli.list_cases)
        self.assertEqual(lines[0].split(), ["name", "tier", "budget", "what"])
        column = lines[0].index("what")
        for line in lines[1:]:
            self.assertEqual(line[column - 2:column], "  ")

    def test_options_of_make(self):
        for given, option in (("SHORT=1", True), ("SHORT=0", False),
                              ("SHORT=", False), ("AGAIN=1", True),
                              ("AGAIN=0", False)):
            target = "bench" if "SHORT" in given else "check"
            said = subprocess.run(
                ["make", "-n", "-C", paths.TREE, target, given], text=True,
                capture_output=True, check=True).stdout
            self.assertEqual("--short" in said or "--again" in said, option,
                             given)


class TestCases(unittest.TestCase):
    def test_a_misspelt_key_is_refused(self):
        good = {"what": "x", "limit": "1", "allow": []}
        cases.check_keys("a", good)
        for keys, said in (({**good, "budgets": "3"}, "'# budgets:'"),
                           ({"what": "x", "allow": []}, "no '# limit:'")):
            with self.assertRaisesRegex(ui.Failure, said):
                cases.check_keys("a", keys)

    def test_every_header_is_right(self):
        for case in cases.all_cases():
            self.assertTrue(case.what and case.limit > 0, case.name)
            self.assertLessEqual(case.budget or 0, case.limit, case.name)
            # the harness has commands of its own
            self.assertNotIn(case.name, ("check", "unit", "lint", "bench",
                                         "profile", "shell", "list"))

    def test_a_case_with_rounds_uses_them(self):
        for case in cases.all_cases():
            with open(case.path) as stream:
                uses = "ROUNDS" in stream.read()
            self.assertEqual(uses or case.host == "powercut",
                             bool(case.rounds), case.name)

    def test_check_has_budgets(self):
        self.assertEqual([case.name for case in cases.of_tier("check")
                          if not case.budget], [])

    def test_all_is_more_than_check(self):
        check = {case.name for case in cases.of_tier("check")}
        self.assertLess(check, {case.name for case in cases.of_tier("all")})


class TestCache(unittest.TestCase):
    def test_who_finds_another_at_an_entry_waits(self):
        with tempfile.TemporaryDirectory() as folder, \
                mock.patch.object(paths, "CACHE", folder):
            filled = []

            def fill(content):
                filled.append(content)
                time.sleep(0.2)
            both = [threading.Thread(target=paths.cached,
                                     args=("kind/name", fill))
                    for _ in range(2)]
            for thread in both:
                thread.start()
            for thread in both:
                thread.join()
            self.assertEqual(len(filled), 1)
            self.assertEqual(os.listdir(folder), ["kind"])


class TestMutants(unittest.TestCase):
    """What counts as having seen a fault."""

    def judged(self, result, notes=(), fails="case lists"):
        with tempfile.NamedTemporaryFile("w", suffix=".patch") as patch:
            patch.write("what: x\nfails: %s\n\n" % fails)
            patch.flush()
            mutant = mutants.Mutant(patch.name)
        outcome = mutants.Outcome()
        outcome.result, outcome.notes = result, list(notes)
        return mutants.judge(mutant, outcome)[0]

    def test_a_failure_of_the_test_is_needed(self):
        failed = (False, " # 3.0 s")
        self.assertTrue(self.judged(failed, ["exit status 1"]))
        self.assertFalse(self.judged((True, " # 3.0 s")))
        self.assertFalse(self.judged(None))
        # its image was not built, or dom0 did not come up
        self.assertFalse(self.judged((False, "")))
        for status in ("None", "124", "137"):
            self.assertFalse(self.judged(failed, ["exit status " + status]))

    def test_none_is_begun_when_the_minutes_are_over(self):
        begun, now = [], [0.0]

        def take_a_minute(_, mutant):
            begun.append(mutant)
            now[0] += 60
            return 60.0
        with mock.patch.multiple(mutants, run_one=take_a_minute,
                                 refresh=lambda: None), \
                mock.patch.object(mutants.time, "monotonic",
                                  lambda: now[0]), \
                contextlib.redirect_stderr(io.StringIO()) as said:
            mutants.run(None, list("abcdef"), minutes=3)
        self.assertEqual(begun, list("abcd"))
        self.assertIn("4 of 6 mutants", said.getvalue())

    def test_each_tree_has_its_order(self):
        some = [types.SimpleNamespace(name=str(name)) for name in range(20)]
        orders = {tuple(mutant.name for mutant in mutants.shuffled(some, tree))
                  for tree in ("a", "b")}
        self.assertEqual(len(orders), 2)

    def test_a_run_that_is_killed_leaves_none_behind(self):
        with tempfile.TemporaryDirectory() as folder:
            told = os.path.join(folder, "pid")
            os.mkdir(os.path.join(folder, "selftests"))
            script = os.path.join(folder, "selftests/run")
            with open(script, "w") as stream:
                stream.write("#!/bin/sh\necho $$ > %s.new; mv %s.new %s\n"
                             "exec sleep 100\n" % (told, told, told))
            os.chmod(script, 0o755)
            with mock.patch.multiple(mutants, COPY=folder, LOGS=folder):
                run = os.fork()
                if not run:
                    try:
                        mutants.run_named(types.SimpleNamespace(
                            name="x", words=[], test="x"))
                    finally:
                        os._exit(1)
            wait_until(lambda: os.path.exists(told))
            with open(told) as stream:
                begun = int(stream.read())
            os.kill(run, signal.SIGKILL)
            os.waitpid(run, 0)
            wait_until(lambda: not alive(begun))

    def test_a_bad_header_is_refused(self):
        for fails in ("", "case", "unit/one", "case a b"):
            with self.assertRaises(ui.Failure):
                self.judged(None, fails=fails)


class TestLedger(unittest.TestCase):
    def test_nothing_is_noted_of_a_changed_tree(self):
        with tempfile.TemporaryDirectory() as folder, \
                mock.patch.object(paths, "CACHE", folder), \
                mock.patch.object(shown, "_changed", []):
            entry = shown.Entry("a case")
            with mock.patch.object(shown, "hash_now", lambda *_: "other"):
                printed(lambda: entry.passed(1))
            self.assertIsNone(entry.earlier())
            # also when it is as it was again
            entry.passed(1)
            self.assertIsNone(entry.earlier())


    def left_by(self, run, passed=True):
        """Whether it leaves an entry."""
        def add(report, *_):
            report.add("a test", passed, 1.0)

        entry = mock.Mock()
        with mock.patch.object(tiers, "entry_of_unit", lambda: entry), \
                mock.patch.object(tiers, "entry_of_lint", lambda: entry), \
                mock.patch.object(unit, "run", add), \
                mock.patch.object(lint, "run", add):
            printed(lambda: run(tiers.Run(ktap.Report(), "ours")))
        return entry.passed.called

    def test_lint_and_all_unit_tests_leave_an_entry(self):
        self.assertTrue(self.left_by(lambda run: run.lint()))
        self.assertTrue(self.left_by(lambda run: run.unit()))
        self.assertFalse(self.left_by(lambda run: run.unit(), passed=False))
        self.assertFalse(self.left_by(lambda run: run.unit(["param"])))


class TestReleases(unittest.TestCase):
    def test_names(self):
        self.assertEqual(releases.split("bash"), ("bash", None))
        self.assertEqual(releases.split("bash/old"), ("bash", "old"))

    def test_only_the_machines_own_release_is_taken_for_another(self):
        targets = ["http://mirror/debian/ new main /keys.gpg",
                   "http://mirror/debian/ new-updates main /keys.gpg",
                   "http://mirror/security/ new-security main",
                   "http://elsewhere/tools/ stable main"]
        self.assertEqual(releases.sources(targets, "new", "old"), [
            "deb [signed-by=/keys.gpg] http://mirror/debian/ old main",
            "deb http://mirror/security/ old-security main"])


class TestLint(unittest.TestCase):
    def test_only_what_is_clean_is_not_asked_again(self):
        answers = [["a.c: warning: x"], [], ["never asked"]]
        with tempfile.TemporaryDirectory() as folder, \
                mock.patch.object(paths, "CACHE", folder):
            seen = [lint._once_clean("a_1", lambda: answers.pop(0))
                    for _ in range(3)]
            self.assertEqual(seen, [["a.c: warning: x"], [], []])
            self.assertEqual(lint._once_clean("a_2", lambda: answers.pop(0)),
                             ["never asked"])


class TestDocuments(unittest.TestCase):
    def commands(self, name, text):
        return list(documents.commands_of(name, text))

    def test_examples_and_code_in_sentences(self):
        self.assertEqual(self.commands(
            "README.md", "Type `make check`, not `ls`.\n\n"
            "    make        # all\n    some output\n"),
            ["make check", "make"])
        self.assertEqual(self.commands(
            "a.rst", "``make bench\nBASE=x`` and ``modprobe``"),
            ["make bench BASE=x"])

    def test_what_cannot_be_typed_is_found(self):
        texts = [("README.md", "`make nonsense` `make check` `%s()`" %
                  "not_there")]
        with mock.patch.object(documents, "texts", lambda: texts):
            self.assertTrue(any("no target nonsense" in line
                                for line in documents.commands()))
            self.assertEqual(documents.functions(), [
                "README.md: no function %s()" % "not_there"])

    def test_a_case_must_hold_the_command(self):
        self.assertIsNone(documents._no_case("x", "dkms", "dkms install"))
        for case, words in (("dkms", "not in it"), ("nonsense", "x"),
                            ("-", "")):
            self.assertTrue(documents._no_case("x", case, words))


if __name__ == "__main__":
    unittest.main()
