"""
Tests of ocikit/cache.
"""
