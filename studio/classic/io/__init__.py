"""Where agents print and whom they ask."""

from studio.classic.io.base import InputStream, IOConsole, IOStream, OutputStream, show

__all__ = ["IOConsole", "IOStream", "InputStream", "OutputStream", "show"]
