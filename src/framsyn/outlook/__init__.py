"""The outlook: the chain of stages run for many draws, and the result that answers for it."""
