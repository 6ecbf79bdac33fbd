"""The plan on the web: a multi-user application over the engine, its figures and its reports."""
