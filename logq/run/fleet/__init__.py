"""The coordinator: asks the agents of a fleet, and puts their answers together in order."""
