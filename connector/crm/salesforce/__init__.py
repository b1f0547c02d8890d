"""Salesforce as the port's `Crm`: paths, limits, batches and error texts of the REST and Bulk 2.0 APIs."""

from connector.crm.salesforce.adapter import Options, SalesforceCrm

__all__ = ["Options", "SalesforceCrm"]
