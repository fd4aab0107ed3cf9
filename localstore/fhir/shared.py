"""The types of resource that may belong to no patient: who and where care is given, substances, and definitions.

A list of what may, and not of what may not: a resource of any other type is about somebody, and leaves in that one's
export only. Types after R4's own list (http://hl7.org/fhir/R4/resourcelist.html).
"""

_PROVIDERS = ("Organization", "OrganizationAffiliation", "Practitioner", "PractitionerRole", "Location", "Endpoint")
_OFFERS = ("HealthcareService", "InsurancePlan", "ResearchStudy")
_THINGS = ("Medication", "MedicationKnowledge", "Substance", "SubstanceSpecification", "Device")
_DEFINITIONS = (
    "ActivityDefinition", "CapabilityStatement", "CatalogEntry", "ChargeItemDefinition", "CodeSystem",
    "CompartmentDefinition", "ConceptMap", "DeviceDefinition", "EventDefinition", "Evidence", "EvidenceVariable",
    "ExampleScenario", "GraphDefinition", "ImplementationGuide", "Library", "Measure", "MessageDefinition",
    "NamingSystem", "ObservationDefinition", "OperationDefinition", "PlanDefinition", "Questionnaire",
    "ResearchDefinition", "ResearchElementDefinition", "SearchParameter", "SpecimenDefinition", "StructureDefinition",
    "StructureMap", "TerminologyCapabilities", "TestScript", "ValueSet",
)  # fmt: skip
SHARED_TYPES = frozenset((*_PROVIDERS, *_OFFERS, *_THINGS, *_DEFINITIONS))
