"""How fast the archive is, as ratios against a baseline measured in the same run: `make bench`. Nothing here is a test."""
