"""What the papers claim, whether it can be true, and what was measured beside it.

Examples
--------
>>> import affectkit as ak
>>> claims = ak.papers.claims()
>>> claims[claims["table"] == "Table 6"].iloc[-1]["printed"]
'0.51'
"""

from ._audit import audit, check_report
from ._claims import claims
from ._scoreboard import measured, scoreboard

__all__ = ["claims", "audit", "check_report", "measured", "scoreboard"]
