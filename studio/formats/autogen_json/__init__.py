"""AutoGen's component JSON, and AutoGen Studio's, in all shapes that were ever written."""
