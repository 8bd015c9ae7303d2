"""YouTube on loopback: the Data API v3 with resumable uploads, Google's consent, the Reporting API's jobs.

Behaviour from developers.google.com/youtube/v3 (read in November 2026), the discovery document of
revision 20261104 and field reports. Every call is judged in this order: token, scope, quota, body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from aiohttp import web

from bot.testing.simulator import Failure, Handler, Simulator
from plugins.youtube import SIMULATED
from plugins.youtube.arrivals import Arrivals
from plugins.youtube.channel import CHANNEL, Channel
from plugins.youtube.failures import ENDS, FAILURES, Refused
from plugins.youtube.gate import Gate
from plugins.youtube.oauth_simulator import GoogleDesk
from plugins.youtube.reports_simulator import ReportDesk
from plugins.youtube.shelf import Shelf
from plugins.youtube.simulated import Ask

if TYPE_CHECKING:
    from bot.api import Clock
    from plugins.youtube.channel import Answer

__all__ = ["ENDS", "FAILURES", "YouTubeSimulator"]

REMEMBERED = 64 * 1024
"""Bytes of a request's body that are remembered; a film is not."""


class YouTubeSimulator(Simulator):
    """A small YouTube with one channel, held by ``channel``, ``arrivals``, ``shelf``, ``reports``,
    ``gate``, ``desk``."""

    publishes = "PUT /youtube/v3/videos"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.desk = GoogleDesk(clock, CHANNEL)
        self.gate = Gate(clock, self.desk, SIMULATED.secrets["access_token"])
        self.channel = Channel(clock, self.gate)
        self.arrivals = Arrivals(self.channel, lambda: self.url)
        self.shelf = Shelf(self.channel)
        self.reports = ReportDesk(self.channel, lambda: self.url)

    def routes(self) -> Mapping[str, Handler]:
        desks = (self.channel, self.arrivals, self.shelf, self.reports)
        answers = {endpoint: answer for desk in desks for endpoint, answer in desk.endpoints().items()}
        return {
            **self.desk.endpoints(),
            **{endpoint: self._handler(answer) for endpoint, answer in answers.items()},
        }

    def visible(self) -> Mapping[str, str]:
        return {video.id: video.text for video in self.channel.shown()}

    def _handler(self, answer: Answer) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            if len(body) > REMEMBERED:
                self.calls[-1] = replace(self.calls[-1], body=body[:REMEMBERED])
            headers = {name.lower(): value for name, value in request.headers.items()}
            query = {name: ",".join(request.query.getall(name)) for name in request.query}
            query |= dict(request.match_info)
            try:
                found = answer(Ask(method=request.method, query=query, headers=headers, body=body))
            except Refused as refusal:
                found = refusal.failure
            return _response(found)

        return handle


def _response(found: Failure) -> web.Response:
    if isinstance(found.body, bytes):
        return web.Response(status=found.status, headers=dict(found.headers), body=found.body)
    return web.json_response(found.body, status=found.status, headers=dict(found.headers))
