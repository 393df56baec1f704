#!/bin/bash
# Run once by the image of PostgreSQL, when its volume is new: the role of the service, which owns nothing.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v password="$EXPOSURE_SERVICE_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE exposure_service LOGIN PASSWORD :'password';
SQL
