"""Salesforce as the port's `Crm` (`adapter`): paths, limits, batches and error texts of the REST and Bulk 2.0 APIs."""
