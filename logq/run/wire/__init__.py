"""What goes between a fleet's coordinator and its agents: frames, messages, tables."""
