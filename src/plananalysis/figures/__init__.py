"""Figures of the reports as inline SVG strings."""
