"""Runs the command: `python -m fieldapp`."""

from fieldapp.command import main

main()
