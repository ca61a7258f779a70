"""A flow as a picture of its canvas, SVG or PNG, with the flow itself inside."""
