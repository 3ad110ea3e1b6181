"""Moving items: plans that players request, and the job that carries them out."""
