"""Make a release: check migrations, audit the requirements, write the SBOM and the archive, set the tag."""
