"""Cards of assumptions: what each says, how sure it is, what it matters, and what people hold against it."""
