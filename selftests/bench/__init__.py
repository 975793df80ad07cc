# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Instructions of dom0 per request: see Documentation/benchmark.rst."""
