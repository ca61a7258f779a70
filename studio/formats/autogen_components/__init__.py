"""AutoGen's components: which class is which kind of ours, components read as a drawing, and a drawing written as components."""
