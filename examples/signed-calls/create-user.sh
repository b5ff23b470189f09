#!/bin/sh
# A user that may do what Airfleet does with DAGs and runs, and nothing else. Nobody needs its password.
set -e
airflow roles create Airfleet
airflow roles add-perms Airfleet --resource "DAGs" --action can_read can_edit
airflow roles add-perms Airfleet --resource "DAG Runs" --action can_read can_create can_edit can_delete
airflow roles add-perms Airfleet --resource "Task Instances" --action can_read can_edit
airflow roles add-perms Airfleet --resource "Task Logs" "DAG Code" "ImportError" "Audit Logs" --action can_read
airflow users create --username airfleet --role Airfleet --firstname Airfleet --lastname Service --email airfleet@example.org --use-random-password
