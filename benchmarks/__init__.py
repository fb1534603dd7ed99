"""
Ocikit beside its peers: whole commands, in turns, as ratios of one run.

`python -m benchmarks --help` tells how; figures hold for one machine and one run only.
"""
