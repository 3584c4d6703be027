"""The databases that Splink works on: DuckDB in memory, or a local Spark."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from causeway.errors import LocalError

__all__ = ["splink_database"]

# Below this, Spark's own compiling takes longer than the work.
_SMALL_ROWS: Final = 20_000
_ROWS_OF_PARTITION: Final = 5_000
_MOST_PARTITIONS: Final = 400


@contextmanager
def splink_database(engine: str, *, rows: int, cores: int, memory_mib: int) -> Iterator[Any]:
    """Open a database for Splink, and leave nothing of it behind.

    Args:
        engine: `duckdb` or `spark`.
        rows: Rows of the list, to which Spark's settings are fitted.
        cores: Cores that it may use.
        memory_mib: Memory that it may use, in MiB.

    Raises:
        LocalError: The engine, or the Java that Spark needs, is not installed.
    """
    try:
        if engine == "spark":
            with _spark(rows, cores, memory_mib) as database:
                yield database
        else:
            with _duckdb(cores, memory_mib) as database:
                yield database
    except ImportError:
        raise LocalError(
            "Splink and its engine are not installed; `pip install splink pyspark` adds them.", engine=engine
        ) from None


@contextmanager
def _duckdb(cores: int, memory_mib: int) -> Iterator[Any]:
    import duckdb
    from splink import DuckDBAPI

    # What does not fit into memory would go to a file of its own choice; here it may go nowhere.
    connection = duckdb.connect(
        ":memory:",
        config={"threads": cores, "memory_limit": f"{memory_mib}MiB", "max_temp_directory_size": "0GB"},
    )
    try:
        yield DuckDBAPI(connection)
    finally:
        connection.close()


@contextmanager
def _spark(rows: int, cores: int, memory_mib: int) -> Iterator[Any]:
    # Else Spark asks what this machine is called, and warns of the answer.
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    with warnings.catch_warnings(), TemporaryDirectory(prefix="causeway-spark-") as folder:
        warnings.simplefilter("ignore")  # PySpark's own, about versions of pandas
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
        from splink import SparkAPI
        from splink.backends.spark import similarity_jar_location

        builder = SparkSession.Builder().master(f"local[{cores}]").appName("causeway")
        settings = _spark_settings(
            Path(folder), similarity_jar_location(), rows=rows, cores=cores, memory_mib=memory_mib
        )
        for name, value in settings.items():
            builder = builder.config(name, value)
        try:
            session = builder.getOrCreate()
        except (PySparkException, OSError):
            raise LocalError("Spark does not start. It needs Java 17 or newer.") from None
        try:
            make: Any = SparkAPI
            yield make(spark_session=session, break_lineage_method="persist")
        finally:
            session.stop()


def _spark_settings(folder: Path, jar: str, *, rows: int, cores: int, memory_mib: int) -> dict[str, str]:
    partitions = str(min(_MOST_PARTITIONS, max(cores, rows // _ROWS_OF_PARTITION)))
    java = f"-Djava.io.tmpdir={folder} -Dderby.system.home={folder}"
    settings = {
        # Nothing of it can be reached from another machine.
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.log.level": "OFF",
        "spark.driver.memory": f"{memory_mib}m",
        # Splink's own functions in Scala, which its wheel brings along: Jaro-Winkler is one of them.
        "spark.jars": jar,
        # What does not fit into memory goes into this folder, encrypted under a key that is never stored.
        "spark.local.dir": str(folder),
        "spark.io.encryption.enabled": "true",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.shuffle.partitions": partitions,
        "spark.default.parallelism": partitions,
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.ui.showConsoleProgress": "false",
    }
    if rows < _SMALL_ROWS:
        java += " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
        settings |= {"spark.sql.codegen.wholeStage": "false", "spark.sql.adaptive.enabled": "false"}
    return settings | {"spark.driver.extraJavaOptions": java}
