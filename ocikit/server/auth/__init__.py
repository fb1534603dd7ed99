"""
Who may do what in a registry, and how they say who they are.
"""
