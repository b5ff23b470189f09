"""Put this file into the DAG folder: Airflow then has the DAG clean_dag_run. Needs the package airfleet."""

from airfleet.airflow.clean_dag_run import clean_dag_run

__all__ = ["clean_dag_run"]
