"""What krd does, one verb a file. Services see the domain, the ports and `connectors.api`, and no adapter."""
