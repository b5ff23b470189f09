#!/bin/sh
# Reports the state of a run with curl and openssl alone.
#
#   airfleet reports connect eu-1 --algorithm RS256
#   export AIRFLEET_URL=… AIRFLEET_INSTANCE=… AIRFLEET_REPORT_KEY_FILE=… AIRFLEET_REPORT_KEY_ID=…
#   sh send-report.sh orders manual__1 success
set -eu

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

now=$(date +%s)
body=$(printf '{"version":1,"event_id":"%s","instance":"%s","dag_id":"%s","dag_run_id":"%s","sent_at":"%s","run":{"state":"%s"}}' \
  "$(openssl rand -hex 16)" "$AIRFLEET_INSTANCE" "$1" "$2" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$3")

hash=$(printf '%s' "$body" | openssl dgst -sha256 -binary | base64url)
header=$(printf '{"alg":"RS256","kid":"%s","typ":"JWT"}' "$AIRFLEET_REPORT_KEY_ID" | base64url)
claims=$(printf '{"iss":"%s","aud":"airfleet","iat":%d,"exp":%d,"jti":"%s","body_sha256":"%s"}' \
  "$AIRFLEET_INSTANCE" "$now" "$((now + 60))" "$(openssl rand -hex 16)" "$hash" | base64url)
signature=$(printf '%s.%s' "$header" "$claims" | openssl dgst -sha256 -sign "$AIRFLEET_REPORT_KEY_FILE" -binary | base64url)

curl --fail-with-body --silent --show-error "$AIRFLEET_URL/api/v1/reports" \
  -H "Content-Type: application/json" -H "Authorization: Bearer $header.$claims.$signature" --data-binary "$body"
