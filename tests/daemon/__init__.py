"""
Tests of ocikit/daemon.
"""
