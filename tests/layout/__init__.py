"""
Tests of ocikit/layout.
"""
