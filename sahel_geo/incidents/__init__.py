"""Readers, schema checks and the embedded catalogue of incidents."""
