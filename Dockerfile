# A static program in an empty image: no shell, no package manager, no root.
FROM rust:1.95-alpine AS build
RUN apk add --no-cache build-base
# The program names the crates in it, for scanners of images.
RUN cargo install --locked cargo-auditable@0.7.7
WORKDIR /source
COPY . .
RUN cargo auditable build --profile dist --locked --bin trailproof \
 && install -D -m 0755 target/dist/trailproof /image/usr/local/bin/trailproof \
 # Authorities that AWS's certificates are from, and a folder for the snapshot of a scan that keeps none.
 && install -D -m 0644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
 && install -d -m 1777 /image/tmp

# With a shell, for pipelines that run their script inside the image: docker build --target debug
FROM alpine:3.22 AS debug
COPY --from=build /image /
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/trailproof"]

FROM scratch AS release
COPY --from=build /image /
USER 65532:65532
ENV HOME=/tmp PATH=/usr/local/bin
WORKDIR /tmp
# Fargate gives a volume the owner and the mode that the image declares.
VOLUME ["/tmp"]
ENTRYPOINT ["/usr/local/bin/trailproof"]
