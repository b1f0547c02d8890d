"""Metadata of the org: what is installed, and how a package of it is deployed, checked or taken away."""
