"""The Databricks part of an environment: libraries, and the cluster that a step wants."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from azud.sdk.exceptions import DefinitionValueError
from azud.sdk.section import FLAG, LIST, MAP, TEXT, WHOLE, Field, Section


class MavenLibrary(Section):
    """A library of Maven."""

    _schema = {"coordinates": TEXT, "repo": TEXT, "exclusions": Field(LIST, TEXT)}

    def __init__(
        self, coordinates: Optional[str] = None, repo: Optional[str] = None, exclusions: Optional[List[str]] = None
    ) -> None:
        """Keep the fields: `group:artifact:version`, the repository, and dependences to leave out."""
        self.coordinates = coordinates
        self.repo = repo
        self.exclusions = exclusions


class PyPiLibrary(Section):
    """A package of PyPI."""

    _schema = {"package": TEXT, "repo": TEXT}

    def __init__(self, package: Optional[str] = None, repo: Optional[str] = None) -> None:
        """Keep the requirement and the index."""
        self.package = package
        self.repo = repo


class RCranLibrary(Section):
    """A package of CRAN."""

    _schema = {"package": TEXT, "repo": TEXT}

    def __init__(self, package: Optional[str] = None, repo: Optional[str] = None) -> None:
        """Keep the package and the repository."""
        self.package = package
        self.repo = repo


class JarLibrary(Section):
    """A JAR file."""

    _schema = {"library": TEXT}

    def __init__(self, library: Optional[str] = None) -> None:
        """Keep the file's address."""
        self.library = library


class EggLibrary(Section):
    """An egg file."""

    _schema = {"library": TEXT}

    def __init__(self, library: Optional[str] = None) -> None:
        """Keep the file's address."""
        self.library = library


class DatabricksCluster(Section):
    """The cluster of a Databricks step: an existing one, or what a new one is made of."""

    _schema = {
        "existing_cluster_id": TEXT,
        "spark_version": TEXT,
        "node_type": TEXT,
        "instance_pool_id": TEXT,
        "num_workers": WHOLE,
        "min_workers": WHOLE,
        "max_workers": WHOLE,
        "spark_env_variables": MAP,
        "spark_conf": MAP,
        "init_scripts": LIST,
        "cluster_log_dbfs_path": TEXT,
        "permit_cluster_restart": FLAG,
    }
    _of_new_clusters = (
        "spark_version",
        "node_type",
        "instance_pool_id",
        "num_workers",
        "min_workers",
        "max_workers",
        "spark_env_variables",
        "spark_conf",
        "init_scripts",
        "cluster_log_dbfs_path",
    )

    def __init__(
        self,
        existing_cluster_id: Optional[str] = None,
        spark_version: Optional[str] = None,
        node_type: Optional[str] = None,
        instance_pool_id: Optional[str] = None,
        num_workers: Optional[int] = None,
        min_workers: Optional[int] = None,
        max_workers: Optional[int] = None,
        spark_env_variables: Optional[Dict[str, str]] = None,
        spark_conf: Optional[Dict[str, str]] = None,
        init_scripts: Optional[List[Any]] = None,
        cluster_log_dbfs_path: Optional[str] = None,
        permit_cluster_restart: Optional[bool] = None,
    ) -> None:
        """Keep the settings; `validate` says whether they fit each other."""
        self.existing_cluster_id = existing_cluster_id
        self.spark_version = spark_version
        self.node_type = node_type
        self.instance_pool_id = instance_pool_id
        self.num_workers = num_workers
        self.min_workers = min_workers
        self.max_workers = max_workers
        self.spark_env_variables = spark_env_variables
        self.spark_conf = spark_conf
        self.init_scripts = init_scripts
        self.cluster_log_dbfs_path = cluster_log_dbfs_path
        self.permit_cluster_restart = permit_cluster_restart

    def validate(self) -> None:
        """Check that the settings name one cluster.

        Raises:
            ValueError: An existing cluster together with settings of a new one; a fixed number of workers together
                with a range; half a range; no number at all; or a restart of a cluster that does not exist yet.
        """
        new = [name for name in self._of_new_clusters if getattr(self, name) is not None]
        if self.existing_cluster_id is not None:
            if new:
                raise _refused(f"existing_cluster_id is given, and for a new cluster {', '.join(new)}")
            return
        if self.permit_cluster_restart:
            raise _refused("permit_cluster_restart is for existing_cluster_id only")
        bounds = [bound for bound in (self.min_workers, self.max_workers) if bound is not None]
        if self.num_workers is not None and bounds:
            raise _refused("num_workers is given, and min_workers or max_workers")
        if self.num_workers is None and len(bounds) < 2:
            raise _refused("a new cluster needs num_workers, or both min_workers and max_workers")


class DatabricksSection(Section):
    """What Databricks installs before a step, and where it runs."""

    _schema = {
        "maven_libraries": Field(LIST, MavenLibrary),
        "pypi_libraries": Field(LIST, PyPiLibrary),
        "rcran_libraries": Field(LIST, RCranLibrary),
        "jar_libraries": Field(LIST, JarLibrary),
        "egg_libraries": Field(LIST, EggLibrary),
        "_cluster": DatabricksCluster,
    }

    def __init__(self, **kwargs: Any) -> None:
        """Start without libraries and without a cluster."""
        self.maven_libraries: List[MavenLibrary] = []
        self.pypi_libraries: List[PyPiLibrary] = []
        self.rcran_libraries: List[RCranLibrary] = []
        self.jar_libraries: List[JarLibrary] = []
        self.egg_libraries: List[EggLibrary] = []
        self._cluster: Optional[DatabricksCluster] = None

    @property
    def cluster(self) -> Optional[DatabricksCluster]:
        """The cluster."""
        return self._cluster

    @cluster.setter
    def cluster(self, value: Optional[DatabricksCluster]) -> None:
        if value is not None and not isinstance(value, DatabricksCluster):
            raise DefinitionValueError(f"cluster is {value!r}", hint="give a DatabricksCluster")
        self._cluster = value


class DatabricksEnvironment(DatabricksSection):
    """v1's older name of `DatabricksSection`."""


def _refused(why: str) -> DefinitionValueError:
    return DefinitionValueError(f"DatabricksCluster: {why}", hint="give an existing cluster or settings of a new one")
