"""
The kit for tests of image pipelines: strategies of content, laws, and parts to hand in.

Import what is needed: `from ocikit.testing import strategies as oci`. Nothing here is
loaded by the rest of ocikit, and nothing heavy by this front door.
"""
