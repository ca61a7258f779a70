"""The drawing: what is stored of a flow, how it changes, what is wrong with it, and the team that its wires mean."""
