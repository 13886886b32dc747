"""XLSForm workbooks: read, and turned into the body of a checklist, or refused with every sheet, row and reason at once."""
