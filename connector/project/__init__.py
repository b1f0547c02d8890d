"""A project folder: `connector.yaml`, `mappings/` and `rules/`, read and checked as a whole.

Everything wrong in it is found at once; nothing here opens a connection.
"""

from connector.project.folder import Project, load
from connector.project.new import init
from connector.project.schema import SchemaOf, schema
from connector.project.secret import read_secret
from connector.project.settings import Settings

__all__ = ["Project", "SchemaOf", "Settings", "init", "load", "read_secret", "schema"]
