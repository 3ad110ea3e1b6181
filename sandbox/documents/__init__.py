"""The JSON documents of the API, each built from the world by a function named after its endpoint."""
