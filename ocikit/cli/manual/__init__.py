"""
What `ocikit help TOPIC` tells: one module a topic, with an introduction and rows.
"""
