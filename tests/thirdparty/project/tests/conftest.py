"""
The same examples in each run, and none that fails because a machine is busy.
"""

from ocikit.testing.profiles import load_profile

load_profile("ci")
