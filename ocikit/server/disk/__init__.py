"""
A registry's content in a folder of OCI layouts.
"""
