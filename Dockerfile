# platestream as a service: one image for amd64 and arm64, weights inside, nothing fetched at run time.
#   docker build -t platestream .
#   docker buildx build --platform linux/amd64,linux/arm64 -t platestream .
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN pip install --no-cache-dir build==1.3.0 \
    && python -m build --wheel --outdir /wheels

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="platestream" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
COPY --from=build /wheels /wheels
COPY requirements.lock /wheels/
RUN pip install --require-hashes -r /wheels/requirements.lock \
    && pip install --no-deps "$(ls /wheels/platestream-*.whl)[serve,postgres,parquet]" \
    && rm -r /wheels \
    && useradd --system --uid 10001 --home-dir /data --create-home platestream
USER platestream
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8000
# Any answer of the page will do; one that asks for a login is one.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/'); assert c.getresponse().status < 500"]
ENTRYPOINT ["platestream"]
CMD ["serve", "--config", "/etc/platestream/config.yaml"]
