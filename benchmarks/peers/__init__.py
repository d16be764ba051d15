"""Programs that do a part of what mksync does, each as its own documentation says to use it."""
