"""Pure numerics of the planning model: arrays in, arrays out, no files, no clock, no global state."""
