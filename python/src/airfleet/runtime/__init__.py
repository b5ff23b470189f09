"""Carries out the steps of compiled pipelines: the same plan, the same rows, on every engine."""
