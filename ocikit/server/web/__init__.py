"""
A handler on a socket, or behind the servers of others.
"""
