"""Documents for the office: Word files filled from templates that a department may replace (docs/documents.md).

A layout draws our template, words are the facts that fill it; neither states a judgement that no person wrote.
"""
