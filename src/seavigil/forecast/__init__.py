"""What comes next, and who it was: the assets a ship reaches next, and the suspects for a fault."""
