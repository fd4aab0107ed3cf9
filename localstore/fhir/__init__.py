"""FHIR R4, both ways: resources to entries, entries to resources. Pure; `localstore.importing` does the I/O."""
