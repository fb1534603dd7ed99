"""
Real components as fixtures: registries, engines and tools that we did not write.

Each starts on loopback or a unix socket, in a folder of its own, and is stopped by its
process id. Where a component is missing its tests skip and say what to install; with
OCIKIT_REQUIRE_REAL=1 they fail instead.
"""
