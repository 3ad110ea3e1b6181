"""The world of Destiny: definitions with invented names, and what people own."""
