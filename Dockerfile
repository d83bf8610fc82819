# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS builder
WORKDIR /build
COPY . .
# One command builds the packs, the pages and the binary that carries them.
# The caches stay on the machine that builds, and out of the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo xtask build --release \
    && install -D target/release/postern /out/postern

FROM debian:bookworm-slim
# Azure's certificates are checked against the usual roots.
COPY --from=builder /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=builder /out/postern /usr/local/bin/postern
COPY LICENSE NOTICE /usr/share/doc/postern/
# A volume mounted here takes this owner over.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin postern \
    && install --directory --owner=postern --group=postern /simulated
USER 10001
ENTRYPOINT ["postern"]
# Without a way to sign in it says what to give it.
CMD ["serve"]
# `/healthz` says that the process lives; `/readyz`, which also asks the database, is for what sends it work.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/7878 && printf 'GET /healthz HTTP/1.1\\r\\nHost: 127.0.0.1:7878\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
