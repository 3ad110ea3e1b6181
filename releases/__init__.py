"""What a release needs: safe migrations, an audit of the requirements, an SBOM, an archive, a tag."""
