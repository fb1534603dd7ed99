"""
Tests of ocikit/tarball.
"""
