"""The exact posterior of a model that brings none: integrated, enumerated, or read off."""
