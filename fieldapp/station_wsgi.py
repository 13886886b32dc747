"""The station's application a WSGI server loads: `fieldapp.station_wsgi:app`, set by `FIELDAPP_*`."""

from fieldapp.settings import Settings
from fieldapp.station import make

app = make(Settings.from_environment())
