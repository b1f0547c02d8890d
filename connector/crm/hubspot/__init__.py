"""HubSpot as a CRM of the port."""

from connector.crm.hubspot.adapter import HubSpot

__all__ = ["HubSpot"]
