"""Two local servers that answer as HubSpot and Salesforce do; nothing here imports the rest of revloop.

The sandboxes are written from the vendors' published facts alone, so that a mistake of the connector about
a vendor cannot hide in code that both sides share.
"""
