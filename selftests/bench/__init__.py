# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The benchmark: instructions of dom0 per request; Documentation/benchmark.rst."""
