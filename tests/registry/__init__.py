"""
Tests of `ocikit.registry`.
"""
