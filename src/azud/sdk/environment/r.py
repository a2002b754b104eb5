"""The R part of an environment. Kept for the record: azud installs no R packages."""

from __future__ import annotations

from typing import List, Optional

from azud.sdk.section import FLAG, LIST, TEXT, Field, Section


class RCranPackage(Section):
    """A package of CRAN."""

    _schema = {"name": TEXT, "version": TEXT, "repository": TEXT}

    def __init__(self) -> None:
        """Start empty."""
        self.name: Optional[str] = None
        self.version: Optional[str] = None
        self.repository: Optional[str] = None


class RGitHubPackage(Section):
    """A package in a repository of GitHub. Its token is never part of what is stored or sent."""

    _schema = {"repository": TEXT, "auth_token": Field(TEXT, secret=True)}

    def __init__(self) -> None:
        """Start empty."""
        self.repository: Optional[str] = None
        self.auth_token: Optional[str] = None


class RSection(Section):
    """R itself and its packages."""

    _schema = {
        "r_version": TEXT,
        "user_managed": FLAG,
        "rscript_path": TEXT,
        "snapshot_date": TEXT,
        "cran_packages": Field(LIST, RCranPackage),
        "github_packages": Field(LIST, RGitHubPackage),
        "custom_url_packages": Field(LIST, TEXT),
        "bioconductor_packages": Field(LIST, TEXT),
    }

    def __init__(self) -> None:
        """Start with nothing asked for."""
        self.r_version: Optional[str] = None
        self.user_managed = False
        self.rscript_path: Optional[str] = None
        self.snapshot_date: Optional[str] = None
        self.cran_packages: List[RCranPackage] = []
        self.github_packages: List[RGitHubPackage] = []
        self.custom_url_packages: List[str] = []
        self.bioconductor_packages: List[str] = []
