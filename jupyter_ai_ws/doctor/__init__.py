"""`jupyter ai-ws doctor`: finds out from a terminal whether AI connections survive somewhere.

The modules here drive the same pure connector as a page would (`jupyter_ai_ws.protocol`), over
tornado's WebSocket client and through a TCP proxy that breaks the line. `handlers` is the part
that runs in the server.
"""
