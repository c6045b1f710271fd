class ExportError(ValueError):
    """The model was not exported: what was wrong, and what was expected. Nothing has been written."""
