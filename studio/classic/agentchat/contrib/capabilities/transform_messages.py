"""TransformMessages under the address that longer imports use."""

from studio.classic.transforms import TransformMessages

__all__ = ["TransformMessages"]
