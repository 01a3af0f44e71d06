"""Our numbers beside those of other packages."""
