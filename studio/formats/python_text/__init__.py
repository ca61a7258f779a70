"""Writing Python as a person would: what every target that is a program shares."""
