"""The methods of the API, each described once for both clients; new ones are added here."""

from facefolk._calls.admin import AdminCalls
from facefolk._calls.history import HistoryCalls
from facefolk._calls.people import PeopleCalls
from facefolk._calls.recognition import RecognitionCalls
from facefolk._calls.rounds import RoundCalls


class Calls(RecognitionCalls, PeopleCalls, HistoryCalls, RoundCalls, AdminCalls):
    """Every call of the API that is one request and its replies."""


__all__ = ["Calls"]
