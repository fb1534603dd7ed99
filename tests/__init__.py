"""
The tests of ocikit.
"""
