"""The application a WSGI server loads: `fieldapp.wsgi:app`, set by `FIELDAPP_*`."""

from fieldapp import create_app

app = create_app()
