"""
Pure changes of images and indexes.
"""
