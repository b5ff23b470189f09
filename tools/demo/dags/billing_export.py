raise ImportError("no module named billing_client: install it on the workers")  # airflow DAG
