"""The software bill of materials of a release, in CycloneDX's JSON format.

It lists the locked requirements and the vendored files. Two runs for the same commit write the same bytes.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError, metadata
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from releases.requirements import CHECKOUT, EMBEDDED, SITE, Locked, locked

OURSELVES = OrganizationalEntity(name="The Guildsite maintainers")
LICENSE = "BSD-3-Clause"
VENDORED = CHECKOUT / "static" / "vendor"
VENDORED_LICENSES = {"htmx": "0BSD"}


def sbom(version: str, built_at: datetime) -> str:
    """Return the document. `built_at` is the time of the commit."""
    guildsite = Component(
        name="guildsite",
        type=ComponentType.APPLICATION,
        version=version,
        supplier=OURSELVES,
        licenses=_licenses(LICENSE),
        bom_ref="guildsite",
    )
    packages = {one.name: one for file in (EMBEDDED, SITE) for one in locked(file)}
    site = {one.name for one in locked(SITE)}
    components = {name: _component(one, is_optional=name not in site) for name, one in packages.items()}
    vendored = list(_vendored())
    bom = Bom(
        components=[*components.values(), *vendored],
        serial_number=uuid5(NAMESPACE_URL, f"guildsite/{version}"),
        metadata=BomMetaData(component=guildsite, supplier=OURSELVES, timestamp=built_at),
    )
    direct = [components[name] for name, one in packages.items() if one.is_direct]
    bom.register_dependency(guildsite, [*direct, *vendored])
    for name, component in components.items():
        bom.register_dependency(component, [components[one] for one in packages if name in packages[one].needed_by])
    return str(JsonV1Dot6(bom).output_as_string(indent=2)) + "\n"


def _component(package: Locked, *, is_optional: bool) -> Component:
    wheels = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(f"https://pypi.org/project/{package.name}/{package.version}/#files"),
        comment="SHA-256 of the files that can be installed, by platform",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in package.hashes],
    )
    return Component(
        name=package.name,
        version=package.version,
        # What only a machine without servers of its own installs.
        scope=ComponentScope.OPTIONAL if is_optional else ComponentScope.REQUIRED,
        licenses=_licenses(declared_license(package.name)),
        purl=PackageURL("pypi", name=package.name, version=package.version),
        bom_ref=f"{package.name}=={package.version}",
        external_references=[wheels],
    )


def declared_license(package: str) -> str:
    """Return the license that an installed package declares; nothing if it is for another platform."""
    try:
        declared = metadata(package).json
    except PackageNotFoundError:
        return ""
    if expression := declared.get("license_expression"):
        return str(expression)
    classifiers = [one.split(" :: ")[-1] for one in declared.get("classifier", ()) if one.startswith("License ::")]
    # Some packages put the whole text into the field.
    short = str(declared.get("license", ""))
    return short if short and len(short) < 40 else " / ".join(classifiers)


def _licenses(text: str) -> list[License]:
    return [LicenseFactory().make_from_string(text)] if text else []


def _vendored() -> Iterator[Component]:
    """Yield a component for each folder, which is named after library and version."""
    for folder in sorted(VENDORED.iterdir()):
        name, version = re.fullmatch(r"(\w+)-([\d.]+)", folder.name).groups()  # type: ignore[union-attr]
        (script,) = folder.glob("*.js")
        yield Component(
            name=name,
            version=version,
            scope=ComponentScope.REQUIRED,
            licenses=_licenses(VENDORED_LICENSES[name]),
            purl=PackageURL("npm", name=f"{name}.org", version=version),
            bom_ref=str(script.relative_to(CHECKOUT)),
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(script.read_bytes()).hexdigest())],
        )
