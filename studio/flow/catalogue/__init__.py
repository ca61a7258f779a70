"""What the studio offers and asks: the palette, and the form of every kind from the component's own fields."""

from studio.flow.catalogue.forms import FieldSpec, fields
from studio.flow.catalogue.palette import Entry, Group, palette
from studio.flow.catalogue.validation import validate_config

__all__ = ["Entry", "FieldSpec", "Group", "fields", "palette", "validate_config"]
