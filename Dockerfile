# Two stages: the first makes the wheel and installs it with the locked dependencies, the second holds only the result.
FROM python:3.13-slim AS wheel
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /src
COPY . .
RUN uv build --wheel --out-dir /dist \
    && uv export --frozen --no-default-groups --all-extras --no-emit-project --output-file /dist/locked.txt \
    && uv venv /opt/krd \
    && uv pip install --python /opt/krd/bin/python --compile-bytecode --require-hashes --requirements /dist/locked.txt \
    && uv pip install --python /opt/krd/bin/python --compile-bytecode --no-deps /dist/*.whl

FROM python:3.13-slim
COPY --from=wheel /opt/krd /opt/krd
RUN install -d -o 65534 -g 65534 /var/lib/krd
# The files are mounted at /etc/krd; the database lives on the volume; the port is published by whoever runs the image.
ENV HOME=/var/lib/krd \
    KRD_CONFIG=/etc/krd \
    KRD_WEB__LISTEN=0.0.0.0:8080 \
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
