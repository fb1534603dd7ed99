"""
A registry's content in an object store.
"""
