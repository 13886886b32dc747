"""The application a WSGI server loads: `fieldapp.wsgi:app`, set by `FIELDAPP_*`."""

import gc

from fieldapp import create_app

app = create_app()

# What there is now stays until the process ends: Python need not look through it for garbage again and again.
gc.collect()
gc.freeze()
