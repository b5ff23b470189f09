"""The action form of lists whose actions trigger runs."""

from __future__ import annotations

import uuid

from django.contrib.admin.helpers import ActionForm

from django import forms

NONCE = "airfleet_nonce"


def _new_nonce() -> str:
    return uuid.uuid4().hex


class TriggerActionForm(ActionForm):
    """Carries a number that is drawn once per page: a form that is sent twice is one request."""

    airfleet_nonce = forms.CharField(widget=forms.HiddenInput, required=False, label="", initial=_new_nonce)
