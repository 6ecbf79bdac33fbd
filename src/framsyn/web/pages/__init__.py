"""Pages that belong to no single thing: home, data, glossary, about, errors."""
