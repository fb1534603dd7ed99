"""
Tests of ocikit/files.
"""
