"""revloop: keeps HubSpot and Salesforce in step and closes the loop between marketing and sales."""

__version__ = "0.1.0"
