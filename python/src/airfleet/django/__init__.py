"""Ties objects of a Django project to the Airflow runs that are about them. Add `airfleet.django` to INSTALLED_APPS."""
