"""
Work over many images.
"""
