"""The guard's server half: other extensions' WebSockets as channels of the session.

A page that finds an endpoint on the path list opens a channel to the service `guard` instead of a
socket of its own. Here the endpoint's own, unmodified handler is driven in memory and held while
the page is away.
"""
