"""
What real registries do that others do not, as records around a handler.
"""
