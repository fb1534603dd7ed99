"""
What goes wrong between clients and registries, as data.
"""
