# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Which requests failed, and what surrounded them?
#
# Beside this notebook lies `data/access.log`, 1,700 requests to a web site in May 2015, as Apache wrote them.
# Somebody reports that the site "sometimes gives an error". We want to know three things:
#
# 1. which requests failed,
# 2. what happened just before and after each of them,
# 3. whether errors came evenly or in a burst.

# %%
from pathlib import Path

import polars as pl

import logq as lq

here = Path(__file__).parent if "__file__" in globals() else Path()
data = here / "data"
pl.Config(tbl_rows=40, tbl_width_chars=140, fmt_str_lengths=45, tbl_hide_dataframe_shape=True)

# %% [markdown]
# `scan` opens nothing yet. When an answer is asked for, logq looks at the first lines, finds that the file is in
# Apache's combined format, and gives each part of a request a column of its own.

# %%
requests = lq.scan(data / "access.log")

shown = ["line", "timestamp", "client_ip", "method", "path", "status"]

# %% [markdown]
# ## 1. The requests that failed
#
# Any Polars expression is a filter. A status of 500 and above is the server's fault.

# %%
failed = requests.filter(pl.col("status") >= 500)
failures = failed.select(shown).collect()
print(f"1. {failures.height} requests failed on the server's side:")
print(failures)

# %% [markdown]
# ## 2. What surrounded them
#
# A filter marks rows and keeps the others in reach. So `context(2)` after it shows the two requests on either side of
# each failure. `is_match` tells the failure from its neighbours; `context_group` numbers the runs.

# %%
around = (
    failed.context(2).select("context_group", "is_match", "line", "timestamp", "client_ip", "path", "status").collect()
)
print("\n2. With the two requests before and after each:")
print(around)

# %% [markdown]
# The neighbours are requests for other pages, and none of them failed: two are for images that do not exist, the
# others went well. Both failures are the same page, asked for by the same crawler twelve hours apart. So we look at
# every request for that page.

# %%
page = failures["path"][0]
asked = requests.filter(pl.col("path") == page).group_by("status").agg(pl.len().alias("requests")).collect()
print(f"\n   Every request for {page}, by status:")
print(asked)

# %% [markdown]
# ## 3. The rate of errors per hour
#
# Missing pages (404) count as well here. `group_by` gives one row an hour, in order of time.

# %%
per_hour = (
    requests.group_by(pl.col("timestamp").dt.truncate("1h").alias("hour"))
    .agg(
        requests=pl.len(),
        missing=(pl.col("status") == 404).sum(),
        failed=(pl.col("status") >= 500).sum(),
    )
    .with_columns(percent=((pl.col("missing") + pl.col("failed")) / pl.col("requests") * 100).round(1))
    .collect()
)
print("\n3. Errors per hour:")
print(per_hour)

# %% [markdown]
# ## The same on another format
#
# `data/prometheus.jsonl` is a Prometheus server from its start to its end, as JSON lines. The words differ, the
# question is asked in the same way: warnings and worse, with the three entries before and the one after.

# %%
warnings = (
    lq.scan(data / "prometheus.jsonl")
    .level(at_least="WARN")
    .context(before=3, after=1)
    .select("line", "level", "is_match", "message")
    .collect()
)
print("\nWarnings of a Prometheus server, and what it was doing:")
print(warnings)

# %% [markdown]
# ## The answer

# %%
worst = per_hour.sort("percent", descending=True).row(0, named=True)
total = per_hour.select(pl.col("requests", "missing", "failed").sum()).row(0, named=True)
certain = "each time" if asked["status"].min() == asked["status"].max() else "some of the time"
print(
    f"\nOf {total['requests']} requests {total['failed']} failed ({total['failed'] / total['requests']:.2%}) "
    f"and {total['missing']} asked for a page that does not exist ({total['missing'] / total['requests']:.2%}).\n"
    f"The failures are requests for {', '.join(failures['path'].unique(maintain_order=True))}, "
    f"which fails {certain} it is asked for; no request next to them failed.\n"
    f"The worst hour began at {worst['hour']:%Y-%m-%d %H:%M} UTC with {worst['percent']} % errors."
)
