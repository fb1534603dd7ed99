"""
The verbs people know, over any place.
"""
