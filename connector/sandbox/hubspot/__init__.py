"""HubSpot as a local server: one store, served under the v3/v4 paths and the dated versions.

`create_app` makes the server, `control_routes` the doors through which tests and people act on it as a user of
the interface would, `load_csv` fills it from files. Nothing here imports the rest of revloop.
"""

from connector.sandbox.hubspot.app import create_app
from connector.sandbox.hubspot.control import control_routes
from connector.sandbox.hubspot.load import LoadError, load_csv

__all__ = ["LoadError", "control_routes", "create_app", "load_csv"]
