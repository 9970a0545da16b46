"""What the papers claim, whether it can be true, and what was measured beside it.

One ``KEY.toml`` a paper holds its tables as they are printed; ``data/measured`` what the studies found.
"""

from ._audit import audit, check_report
from ._claims import claims
from ._scoreboard import measured, scoreboard

__all__ = ["claims", "audit", "check_report", "measured", "scoreboard"]
