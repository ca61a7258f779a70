"""Teams and the strategies by which they choose who speaks."""
