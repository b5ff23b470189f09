"""The address that Airfleet sends messages to."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from airfleet.client import WebhookInvalidError, verify_webhook
from airfleet.django.configuration import read_configuration
from airfleet.django.receive import receive_webhook

if TYPE_CHECKING:
    from django.http import HttpRequest

_LOG = logging.getLogger("airfleet")


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Checks the signature, then acts. 204 when it was acted on, now or before; 400 when it is none of Airfleet's.

    The signature takes the place of the CSRF token: no browser of a user is involved.
    """
    configuration = read_configuration()
    if not configuration.webhook_secrets:
        # Fail closed: without a secret anybody could set the states of our objects.
        return JsonResponse({"code": "WEBHOOK_SECRET_MISSING"}, status=503)
    try:
        message = verify_webhook(
            request.body,
            request.headers,
            configuration.webhook_secrets,
            tolerance_seconds=configuration.webhook_tolerance_seconds,
        )
    except WebhookInvalidError as error:
        _LOG.warning("Refused a webhook: %s %s", error.code, error)
        return JsonResponse({"code": error.code}, status=400)
    receive_webhook(message)
    return HttpResponse(status=204)
