"""What Polars calls the parts of expressions: those that may travel. Whatever else there is, or will be, may not."""

from __future__ import annotations

from typing import Final

__all__ = ["FUNCTIONS", "NODES"]

NODES: Final = frozenset(
    """
    AddBusinessDay Agg Alias All Any AnyOf Append ApproxQuantile ArgSort Array ArrayExpr Backward Base64Decode
    Binary BinaryExpr Bitwise Boolean Business BusinessDayCount ByDType ByIndex ByName Cast CastTimeUnit
    Categorical Clip Column Combine ConcatHorizontal ConcatVertical Contains ContainsAny ConvertTimeZone
    Correlation Count CountMatches Covariance CumCount CumMax CumMin CumProd CumSum Cumulative Cut Date
    DateRange DateRanges Datetime DatetimeFunction DatetimeRange DatetimeRanges Decimal Diff Difference Drop
    Duration Dyn EndsWith Entropy Enum Eval EwmMean EwmMeanBy EwmStd EwmSum EwmSumBy EwmVar ExclusiveOr Explode
    Extract ExtractGroups ExtractMany
    Field FieldByName FillNullWithStrategy Filter Find FindMany First FirstNonNull Float
    Float16 Float32 Float64 Format Forward Function Gather GatherEvery Get Hash HexDecode Hist Implode Int
    Int128 Int16 Int32 Int64 Int8 IntRange IntRanges Interpolate Intersect IsBetween IsBusinessDay IsClose
    IsEmpty IsIn IsSorted Item Join JsonDecode KeepName Kurtosis Last LastNonNull LinearSpace LinearSpaces List ListExpr
    Literal Matches Max Mean MeanHorizontal Median Min Mode NUnique Normalize Null Over PadEnd PadStart Pow
    Prefix PrefixFields QCut Quantile Random Range Rank Reinterpret RenameAlias RenameFields Replace ReplaceMany
    ReplaceStrict ReplaceTimeZone Reshape Rolling RollingExpr RollingExprBy Round RoundSF Sample Scalar
    SearchSorted SelectFields Selector Series SetOperation SetSortedFlag Skew Slice Sort SortBy SpearmanRank
    Specified Split SplitExact SplitN SplitRegex StartsWith Std String StringExpr Strptime Struct StructEval StructExpr
    Suffix SuffixFields Sum SumHorizontal TemporalExpr Ternary Time TimeRange TimeRanges TimeStamp To ToArray
    ToDecimal ToInteger ToString ToStruct TopK TopKBy TotalDays TotalHours TotalMicroseconds TotalMilliseconds
    TotalMinutes TotalNanoseconds TotalSeconds Trigonometry Truncate UInt128 UInt16 UInt32 UInt64 UInt8 Union
    Unique ValueCounts Var
    """.split()  # noqa: SIM905 (words in quotes would be harder to read)
)
"""Nodes, functions, literals, types and selectors that hold others or arguments."""

FUNCTIONS: Final = frozenset(
    """
    Abs ApproxNUnique ArgMax ArgMin ArgUnique ArgWhere AsList AsStruct Atan2 Ceil Coalesce DropNans DropNulls
    Erf Erfc Exp ExtendConstant FillNull Floor IndexOf InterpolateBy Kurtosis Log Log1p LowerBound Max MaxBy
    MaxHorizontal Mean Min MinBy MinHorizontal Negate NullCount PctChange PeakMax PeakMin Product Quantile RLE
    RLEID Rank Repeat RepeatBy Replace Reverse Shift ShiftAndFill Sign Skew Std Sum ToLowercase ToPhysical ToUppercase
    UniqueCounts UpperBound Var
    """.split()  # noqa: SIM905 (words in quotes would be harder to read)
)
"""Functions that have no arguments but their inputs."""
