"""Many sessions, slow readers, and little memory.

The tests run small versions; `python -m jupyter_ai_ws.tests.load` runs the full ones and prints a
table. Both run the same scenarios.
"""
