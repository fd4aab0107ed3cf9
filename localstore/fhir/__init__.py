"""FHIR R4, both ways: resources to entries, entries to resources. Pure; the import pipeline is `localstore.importing`."""
