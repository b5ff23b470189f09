"""A small Django project as the seed's audience has it: finding aids that are indexed by Airflow."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import django

BASE = Path(__file__).parent
SECRET_KEY = "only for tests"
DEBUG = False
ALLOWED_HOSTS = ["*"]
USE_TZ = True
ROOT_URLCONF = "tests.project.urls"
STATIC_URL = "static/"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "airfleet.django",
    "tests.project.findingaids",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def _sqlite() -> dict[str, Any]:
    # A file, not memory: the end-to-end test has a server in another thread.
    folder = Path(os.environ.get("AIRFLEET_TEST_FOLDER") or tempfile.gettempdir())
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": folder / "airfleet-django.sqlite3",
        "TEST": {"NAME": folder / f"airfleet-django-test-{os.getpid()}.sqlite3"},
        # Known since 5.1; the app itself works with 4.2.
        "OPTIONS": {"timeout": 20, **({"transaction_mode": "IMMEDIATE"} if django.VERSION >= (5, 1) else {})},
    }


def _postgres(url: str) -> dict[str, Any]:
    address = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": address.hostname or "",
        "PORT": str(address.port or ""),
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "NAME": unquote(address.path.removeprefix("/")) or "postgres",
        "TEST": {"NAME": f"airfleet_django_{os.getpid()}"},
    }


_POSTGRES_URL = os.environ.get("AIRFLEET_TEST_DATABASE_URL", "")
"""Set for the tests marked `stores`, which run on PostgreSQL too."""
DATABASES = {"default": _postgres(_POSTGRES_URL) if _POSTGRES_URL else _sqlite()}

AIRFLOW_PROJECT_NAME = "cinco-test"
AIRFLOW_ENV_NAME = "pad-airflow"
AIRFLEET_URL = "http://127.0.0.1:9"
AIRFLEET_WEBHOOK_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
AIRFLEET_SITE_URL = "https://cinco.example.org"
