"""The engine: sealed records, streams, exchange, photos. It knows nothing of inspections."""
