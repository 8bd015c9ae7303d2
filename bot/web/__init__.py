"""What the world reaches us by: files for platforms that fetch them, and whether we are well.

`links` signs addresses and is light; `app` and `server` are the one door to FastAPI and uvicorn and
are imported only where somebody is served.
"""

from __future__ import annotations
