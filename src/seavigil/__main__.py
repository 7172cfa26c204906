"""`python -m seavigil` is `seavigil`."""

from __future__ import annotations

from seavigil.cli.main import main

if __name__ == "__main__":
    main()
