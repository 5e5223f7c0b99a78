# The viewer and the scripts in one small image; no build tools in the last layer.
FROM python:3.13-slim AS build
WORKDIR /app
COPY pyproject.toml setup.py checkout_backend.py constraints.txt README.md LICENSE ./
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir -c constraints.txt setuptools
COPY src/ src/
COPY viewer/ viewer/
COPY showcase/ showcase/
RUN /opt/venv/bin/pip install --no-cache-dir -c constraints.txt --no-build-isolation -e . && \
    python -m compileall -q src viewer showcase && chmod -R go-w /app

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 finops
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
# The code is root's: who runs it cannot change it, and writes to these three folders and /tmp alone.
COPY --from=build /app /app
RUN mkdir -p data reports archives && chown finops:finops data reports archives
USER finops
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VIEWER_HOST=0.0.0.0
VOLUME ["/app/data", "/app/reports"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
CMD ["python", "viewer/serve.py"]
