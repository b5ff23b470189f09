"""A file that cannot be imported, for tests of import errors of an Airflow DAG file."""

import a_module_that_does_not_exist  # noqa: F401
