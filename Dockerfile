FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp DJANGO_SETTINGS_MODULE=cms.settings.production \
    ANJUAN_VAR=/var/lib/anjuan ANJUAN_STATIC=/srv/anjuan-static
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
# New volumes take owner and mode of these folders.
RUN useradd --system --uid 10001 --home-dir /tmp --shell /usr/sbin/nologin anjuan \
    && install -d -o anjuan -g anjuan -m 750 /var/lib/anjuan /var/lib/anjuan-anchors /var/lib/anjuan-backups /srv/anjuan-static \
    && install -d -o anjuan -g anjuan -m 700 /var/lib/anjuan-keys /var/lib/anjuan-key-copies
WORKDIR /srv/anjuan
COPY requirements.lock .
RUN pip install --no-cache-dir -r requirements.lock
COPY --chown=root:anjuan . .
RUN python scripts/compile_messages.py
USER anjuan
RUN ANJUAN_VAR=/tmp/build SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" python manage.py collectstatic --noinput
EXPOSE 8000
CMD ["gunicorn", "cms.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4"]
