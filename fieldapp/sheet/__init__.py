"""Tables (表格) of an office: what is kept of projects, units and people as XLSX or CSV, read with care and written again."""
