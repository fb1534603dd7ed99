"""
Lists of repositories: Google's, and those of any registry.
"""
