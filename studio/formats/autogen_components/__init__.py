"""AutoGen's components: which class is which kind of ours, and a drawing written as components."""
