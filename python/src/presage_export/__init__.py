"""Writes trained models as versions that Presage serves."""

from .errors import ExportError
from .export import Exported, export

__all__ = ["ExportError", "Exported", "export"]
