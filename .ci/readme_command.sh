#!/usr/bin/env bash
# Print the shell block of README.md that stands under the comment <!-- ci: NAME -->.
set -euo pipefail

name=${1:?usage: readme_command.sh NAME [README]}
block=$(awk -v mark="<!-- ci: $name -->" '
  $0 == mark        { wanted = 1; next }
  wanted && /^```/  { if (inside) exit; inside = 1; next }
  inside
' "${2:-README.md}")
[ -n "$block" ] || { echo "README has no block marked '<!-- ci: $name -->'" >&2; exit 1; }
printf '%s\n' "$block"
