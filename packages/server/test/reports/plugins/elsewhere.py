"""A name that no host has, for workers whose processes must not be looked at from the host that they share with us.

Named by AIRFLOW__CORE__HOSTNAME_CALLABLE.
"""


def hostname():
    return "elsewhere.invalid"
