"""
A network that fails in every way that networks and registries do, by a seed.
"""
