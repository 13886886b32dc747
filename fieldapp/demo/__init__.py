"""A fictional city to try everything on: `load` fills an archive, `logins` says who works there."""

from fieldapp.demo.load import load, logins

__all__ = ["load", "logins"]
