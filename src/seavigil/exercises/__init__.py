"""Invented traffic: ships that do not exist, told in real AIS sentences, with the truth known."""

from seavigil.exercises.gulf import gulf_of_finland
from seavigil.exercises.traffic import Crossing, Exercise, Inject

__all__ = ["Crossing", "Exercise", "Inject", "gulf_of_finland"]
