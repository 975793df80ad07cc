# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Placeholder until the branch with the mutants is merged."""


def all_mutants(names=()):
    return []


def run(report, chosen, passed=None):
    pass
