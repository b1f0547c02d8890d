"""The two CRMs behind one port, and the only door to the network."""
