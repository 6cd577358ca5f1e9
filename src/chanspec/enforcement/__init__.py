"""Checks the frames of running connections against the contracts of their consumers, on any framework."""

from chanspec.enforcement.checker import FrameChecker, checker_of
from chanspec.enforcement.drift import Drift, DriftError
from chanspec.enforcement.drifts import Drifts
from chanspec.enforcement.middleware import ContractMiddleware, Mode

__all__ = ["ContractMiddleware", "Drift", "DriftError", "Drifts", "FrameChecker", "Mode", "checker_of"]
