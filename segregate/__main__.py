"""``python -m segregate``."""

from .cli import main

main()
