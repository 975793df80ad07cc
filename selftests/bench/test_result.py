# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Arithmetic of the benchmark: what cancels, what is refused a ratio."""

import unittest

from bench import (counts, jobs, jobs_disk, profile, report, result, rig,
                   table, workers)


def run(n, instructions, **figures):
    return result.Run(n, instructions, {"maps": 2 * n + 5}, figures,
                      {"f": 10 * n + 3, "xen:g": n})


def outcome(*costs, fixed=1000, done=1):
    """Repeats with these costs a unit."""
    return result.Outcome([
        (run(100, fixed + 100 * cost, did=100 * done),
         run(500, fixed + 500 * cost, did=500 * done)) for cost in costs])


def compare(base, ours, limit=2):
    checks = (("did", 1),)
    return result.compare(result.Judged("in-tree", base, checks),
                          result.Judged("ours", ours, checks), limit)


def three_sides():
    return [rig.Side("in-tree", "intree", jobs_disk.LOOP),
            rig.Side("qdisk", "intree", jobs_disk.QDISK),
            rig.Side("ours", "ours", jobs_disk.NATIVE)]


def job_named(name):
    return next(job for job in jobs.all_jobs() if job.name == name)


def did(job, cost):
    """A repeat of what a job asks for."""
    return result.Outcome([tuple(
        run(n, 1000 + n * cost, **{names: n * times
                                   for names, times in job.checks})
        for n in job.amounts)])


class Figures(unittest.TestCase):

    def test_fixed_part_cancels(self):
        self.assertEqual(outcome(7, 7, 7).each(result.instructions), [7] * 3)

    def test_median_and_units(self):
        self.assertEqual(outcome(8, 7, 30).median(result.instructions), 8)
        self.assertEqual(outcome(8).median(result.instructions, 4), 2)

    def test_spread(self):
        self.assertAlmostEqual(result.spread([99, 100, 101]), 2.0)
        self.assertEqual(result.spread([0, 0]), 0)

    def test_ratio(self):
        self.assertEqual(compare(outcome(10, 10), outcome(5, 5)), (0.5, ""))

    def test_no_ratio_when_repeats_differ(self):
        ratio, reason = compare(outcome(100, 100), outcome(100, 103))
        self.assertIsNone(ratio)
        self.assertEqual(reason, "ours: repeats differ by 3.0 %")

    def test_no_ratio_when_less_was_done(self):
        ratio, reason = compare(outcome(10), outcome(10, done=0))
        self.assertIsNone(ratio)
        self.assertEqual(reason, "did is 0, not 100")

    def test_slack_and_sums(self):
        one = result.Outcome([(run(10, 0, a=5, b=7), run(20, 9, a=10, b=11))])
        self.assertEqual(result.undone(one, (("a+b", 1),), 2), "")
        self.assertNotEqual(result.undone(one, (("a+b", 1),), 1), "")

    def test_no_ratio_after_a_failure(self):
        self.assertEqual(compare(outcome(1), result.Outcome([], "no guest")),
                         (None, "no guest"))
        self.assertEqual(compare(None, outcome(1)), (None, "not measured"))


class Presentation(unittest.TestCase):
    def test_numbers(self):
        self.assertEqual([table.number(value) for value in (
            None, 0, 0.001, 1.234, 20850.4)],
            ["-", "0", "0", "1.23", "20,850"])

    def test_table(self):
        job = job_named("blk-4k-qd1")
        sides = three_sides()[::2]
        outcomes = {side.name: {job.name: outcome(10)} for side in sides}
        text = "\n".join(table.summary([job], outcomes, sides) +
                         table.counters(job, outcomes, sides) +
                         profile.show(job, outcomes, sides))
        self.assertIn("grants mapped", text)
        self.assertIn("work.sectors is 0", text)

    def test_third_side(self):
        sides, file = three_sides(), job_named("file-sync")
        both = [job_named("blk-4k-qd1"), file]
        checked = jobs.checks(file, sides[1])
        self.assertEqual(checked, (("work.flushes", 1), ("vbd.wr_sect", 8)))
        costs = dict(zip(("in-tree", "qdisk", "ours"), (20, 50, 10)))
        outcomes = {name: {job.name: did(job, cost) for job in both}
                    for name, cost in costs.items()}
        del outcomes["qdisk"]["blk-4k-qd1"]
        rows = table.summary(both, outcomes, sides)
        self.assertEqual(rows[0].split()[-3:], ["ratio", "to", "qdisk"])
        self.assertEqual(rows[1].split()[-3:], ["20.00", "10.00", "0.50"])
        self.assertEqual(rows[2].split()[-5:],
                         ["20.00", "50.00", "10.00", "0.50", "0.20"])
        self.assertEqual(report.status(both, outcomes, sides), 0)
        self.assertIn(" qdisk ", profile.show(file, outcomes, sides)[0])

    def test_device_names(self):
        self.assertEqual(rig.plain_names({
            "vif12.0.rx_packets": 1, "vif7.0.rx_packets": 2,
            "ours.vif-7-0.tx_polls": 3, "ours.vif-12-0.tx_polls": 4}), {
                "vif-g1.rx_packets": 2, "vif-g2.rx_packets": 1,
                "ours.vif.tx_polls": 7})

    def test_groups(self):
        self.assertEqual([counts.group(name) for name in (
            "xen:f", counts.USER, "xen_blkback:f", "f")],
            ["Xen", counts.USER, "xen_blkback", "kernel"])


class Pieces(unittest.TestCase):
    def test_every_job_once_and_sides_stay_together(self):
        sides, chosen = three_sides(), jobs.choose([])
        pieces, done, booted = workers.Pieces(sides, chosen), [], [None, None]
        first = [pieces.take(None)[0].name for _ in booted]
        self.assertEqual(first, ["in-tree", "ours"])
        pieces, boots = workers.Pieces(sides, chosen), 0
        for turn in range(100):
            piece = pieces.take(booted[turn % 2])
            if piece:
                boots += piece[0] is not booted[turn % 2]
                booted[turn % 2] = piece[0]
                done += [(piece[0].name, job.name) for job in piece[1]]
        self.assertEqual(boots, 4)
        self.assertEqual(len(done), len(set(done)))
        self.assertEqual(len(done), sum(side.does(job) for side in sides
                                        for job in chosen))


class Jobs(unittest.TestCase):
    def test_names_and_setups(self):
        every = jobs.all_jobs()
        names = [job.name for job in every]
        self.assertEqual(len(names), len(set(names)))
        for job in every:
            self.assertIn(job.setup, jobs.SETUPS)
            self.assertLess(job.amounts[0], job.amounts[1])
            self.assertIn("{n}", job.work)
            for command in jobs.setup(job, jobs_disk.NATIVE):
                self.assertNotIn("{", command)

    def test_order_is_that_of_the_list(self):
        names = [job.name for job in jobs.choose([])]
        self.assertEqual(sorted(names), sorted(
            job.name for job in jobs.all_jobs()))
        self.assertEqual([job.name for job in jobs.choose(
            ["net-nic", "net-rr", "net-rr"])], ["net-rr", "net-nic"])


if __name__ == "__main__":
    unittest.main()
