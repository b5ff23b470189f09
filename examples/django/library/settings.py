"""A library whose books are indexed by a DAG. What is about Airfleet stands at the end."""

import os
from pathlib import Path

BASE = Path(os.environ.get("LIBRARY_FOLDER", Path(__file__).parent.parent))
SECRET_KEY = "for trying out on your own machine only"  # noqa: S105
DEBUG = True
USE_TZ = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "library.urls"
STATIC_URL = "static/"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE / "library.sqlite3",
        # Webhooks come while pages are served: whoever writes waits for the other instead of failing.
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    }
}
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "airfleet.django",
    "catalogue",
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

AIRFLEET_URL = os.environ.get("AIRFLEET_URL", "http://127.0.0.1:3000")
AIRFLEET_TOKEN = os.environ.get("AIRFLEET_TOKEN")
AIRFLEET_WEBHOOK_SECRET = os.environ.get("AIRFLEET_WEBHOOK_SECRET")
AIRFLEET_INSTANCES = os.environ.get("AIRFLEET_INSTANCES", "client1").split(",")
AIRFLEET_PROJECT_NAME = "library"
AIRFLEET_SITE_URL = os.environ.get("LIBRARY_URL", "http://127.0.0.1:8000")
