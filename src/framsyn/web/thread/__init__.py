"""The red thread: goal, indicator, measure, risk and decision, drawn; and where it breaks."""
