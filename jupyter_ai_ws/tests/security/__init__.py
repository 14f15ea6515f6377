"""Every hostile input that an endpoint of a Jupyter server can get.

Each test attacks a server in a process of its own. Around every one of them a healthy session
streams on without a gap, the memory of the server stays bounded, and its log holds neither a
traceback nor a secret (`conftest.py`).
"""
