"""Bars: what a benchmark must reach, each a frozen value that reads a finished outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Figures:
    """What one contender reached, medians over the repeats (memory: the highest peak)."""

    seconds: float
    mb_per_s: float
    peak_mb: float


class Bar(Protocol):
    """A promise about the figures of a benchmark's contenders."""

    def text(self) -> str:
        """The bar in words."""
        ...

    def value(self, figures: Mapping[str, Figures]) -> float | None:
        """What was reached; None if a contender it speaks of did not run."""
        ...

    def met(self, value: float) -> bool:
        """Whether ``value`` is good enough."""
        ...


@dataclass(frozen=True)
class Rate:
    """The subject reads at least so many MB (10⁶ bytes) a second."""

    subject: str
    at_least: float

    def text(self) -> str:
        return f"{self.subject} ≥ {self.at_least:g} MB/s"

    def value(self, figures: Mapping[str, Figures]) -> float | None:
        return figures[self.subject].mb_per_s if self.subject in figures else None

    def met(self, value: float) -> bool:
        return value >= self.at_least


@dataclass(frozen=True)
class Speed:
    """The subject is at least so many times as fast as a peer."""

    subject: str
    than: str
    at_least: float

    def text(self) -> str:
        return f"{self.subject} ≥ {self.at_least:g} × {self.than}"

    def value(self, figures: Mapping[str, Figures]) -> float | None:
        if self.subject not in figures or self.than not in figures:
            return None
        return figures[self.than].seconds / figures[self.subject].seconds

    def met(self, value: float) -> bool:
        return value >= self.at_least


@dataclass(frozen=True)
class Peak:
    """The subject's anonymous memory never passes so many MB."""

    subject: str
    at_most: float

    def text(self) -> str:
        return f"{self.subject} ≤ {self.at_most:g} MB anonymous"

    def value(self, figures: Mapping[str, Figures]) -> float | None:
        return figures[self.subject].peak_mb if self.subject in figures else None

    def met(self, value: float) -> bool:
        return value <= self.at_most


@dataclass(frozen=True)
class Growth:
    """The subject's anonymous memory is at most so many times that of a smaller run."""

    subject: str
    than: str
    at_most: float

    def text(self) -> str:
        return f"{self.subject} ≤ {self.at_most:g} × {self.than} anonymous"

    def value(self, figures: Mapping[str, Figures]) -> float | None:
        if self.subject not in figures or self.than not in figures:
            return None
        return figures[self.subject].peak_mb / figures[self.than].peak_mb

    def met(self, value: float) -> bool:
        return value <= self.at_most
