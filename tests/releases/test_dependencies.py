"""Each dependency has a reason, a version and hashes; what is released lists all of them."""

import json
import re
from datetime import UTC, datetime

from releases.requirements import CHECKOUT, EMBEDDED, LOCKS, SITE, direct, locked
from releases.sbom import sbom

OF_COMMIT = datetime(2026, 11, 21, tzinfo=UTC)


def reasons() -> dict[str, str]:
    """Return the README's table of dependencies: what each is used for."""
    section = (CHECKOUT / "README.md").read_text().split("## Dependencies")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (?:\*\w+:\* )?(.+?) \| (.+?) \|$", section, re.MULTILINE)[1:]
    names = {name.strip().split(" ")[0].lower(): reason for packages, reason in rows for name in packages.split(",")}
    assert names.pop("type")  # "type stubs"
    return names


def test_each_direct_dependency_has_its_reason_in_the_readme() -> None:
    used = {name for lock in LOCKS for name in direct(lock.with_suffix(".in"))}
    stubs = {name for name in used if name.startswith("types-") or name.endswith("-types")}
    assert used - stubs - set(reasons()) == set()


def test_the_readme_names_no_package_that_is_not_locked() -> None:
    assert set(reasons()) - {package.name for lock in LOCKS for package in locked(lock)} == set()


def test_each_locked_package_has_hashes_and_is_needed() -> None:
    for lock in LOCKS:
        for package in locked(lock):
            assert package.hashes, package.name
            assert package.is_direct or package.needed_by, package.name


def test_what_is_installed_has_one_version_on_all_platforms() -> None:
    """The SBOM names a package once."""
    versions = {(package.name, package.version) for lock in (SITE, EMBEDDED) for package in locked(lock)}
    assert len(versions) == len({name for name, _ in versions})


def test_the_sbom_lists_the_site_its_packages_and_htmx() -> None:
    text = sbom("1.2.3", OF_COMMIT)
    bom = json.loads(text)
    site = bom["metadata"]["component"]
    assert (site["name"], site["version"], site["licenses"]) == (
        "guildsite",
        "1.2.3",
        [{"license": {"id": "BSD-3-Clause"}}],
    )
    listed = {component["name"]: component for component in bom["components"]}
    for package in locked(SITE):
        component = listed[package.name]
        assert component["purl"] == f"pkg:pypi/{package.name}@{package.version}"
        assert {one["content"] for one in component["externalReferences"][0]["hashes"]} == set(package.hashes)
    assert listed["django"]["licenses"] == [{"license": {"id": "BSD-3-Clause"}}]
    assert listed["htmx"]["hashes"]
    needs = {one["ref"]: one.get("dependsOn", []) for one in bom["dependencies"]}
    assert {"django==" + listed["django"]["version"], "static/vendor/htmx-2.0.11/htmx.min.js"} <= set(
        needs["guildsite"]
    )
    assert f"kombu=={listed['kombu']['version']}" in needs[f"celery=={listed['celery']['version']}"]
    assert sbom("1.2.3", OF_COMMIT) == text
