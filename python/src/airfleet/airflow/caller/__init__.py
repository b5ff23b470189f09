"""Whether to believe a call that says that Airfleet signed it.

Only `users` and, where the environment has no key, `key_source` need Airflow.
"""
