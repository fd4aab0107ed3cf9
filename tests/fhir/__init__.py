"""FHIR R4, both ways."""
