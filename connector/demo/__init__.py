"""The demo: a story on two sandboxes with made-up people, told by the same code as the real commands."""
