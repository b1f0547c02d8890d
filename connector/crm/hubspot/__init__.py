"""HubSpot as the port's `Crm` (`adapter`)."""
