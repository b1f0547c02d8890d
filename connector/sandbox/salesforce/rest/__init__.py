"""The REST API, one file for each family of resources."""
