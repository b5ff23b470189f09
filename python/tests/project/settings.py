"""A small Django project as the seed's audience has it: finding aids that are indexed by Airflow."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

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
# A file, not memory: the end-to-end test has a server in another thread.
_FOLDER = Path(os.environ.get("AIRFLEET_TEST_FOLDER") or tempfile.gettempdir())
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _FOLDER / "airfleet-django.sqlite3",
        "TEST": {"NAME": _FOLDER / f"airfleet-django-test-{os.getpid()}.sqlite3"},
        # Known since 5.1; the app itself works with 4.2.
        "OPTIONS": {"timeout": 20, **({"transaction_mode": "IMMEDIATE"} if django.VERSION >= (5, 1) else {})},
    }
}

AIRFLOW_PROJECT_NAME = "cinco-test"
AIRFLOW_ENV_NAME = "pad-airflow"
AIRFLEET_URL = "http://127.0.0.1:9"
AIRFLEET_WEBHOOK_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
AIRFLEET_SITE_URL = "https://cinco.example.org"
