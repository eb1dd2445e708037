# Two stages: the first installs krd with the locked dependencies, the second holds the result and nothing that builds.
FROM python:3.13-slim AS build
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /src
COPY . .
ENV UV_PROJECT_ENVIRONMENT=/opt/krd \
    UV_PYTHON_DOWNLOADS=never
RUN uv sync --frozen --no-editable --no-default-groups --all-extras --compile-bytecode

FROM python:3.13-slim
COPY --from=build /opt/krd /opt/krd
RUN install -d -o 65534 -g 65534 /var/lib/krd
ENV HOME=/var/lib/krd \
    PATH=/opt/krd/bin:$PATH \
    PYTHONUNBUFFERED=1
USER 65534:65534
WORKDIR /var/lib/krd
VOLUME /var/lib/krd
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["krd"]
CMD ["run"]
