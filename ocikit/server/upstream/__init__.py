"""
A registry that passes on another's content, and keeps it.
"""
