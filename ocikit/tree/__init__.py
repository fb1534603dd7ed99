"""
Tar streams, and the trees of files that layers of them make.
"""
