"""A local server that behaves like one Salesforce org, built from the vendor's published facts."""

from connector.sandbox.salesforce.app import create_app
from connector.sandbox.salesforce.control import control_routes
from connector.sandbox.salesforce.load import LoadError, load_folder

__all__ = ["LoadError", "control_routes", "create_app", "load_folder"]
