# The image: the static binary, the certificate authorities, and a directory for the ledger of refused logins. It has no
# shell, and the user is not root.
#
#   docker build --tag connprobe .
#   docker run --rm --volume connprobe-state:/state --volume "$PWD:/definitions:ro" connprobe check /definitions/connections.json

# A binary for musl needs no C library. The release workflow gives its own binaries in place of this stage.
FROM rust:1.95.0-alpine3.23 AS build
# hadolint ignore=DL3018
RUN apk add --no-cache gcc linux-headers musl-dev
WORKDIR /connprobe
COPY . .
ARG PROFILE=release
ARG TARGETARCH
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/connprobe/target \
    cargo build --locked --profile "$PROFILE" --bin connprobe \
    && install -D "target/$PROFILE/connprobe" "/out/$TARGETARCH/connprobe"

FROM --platform=$BUILDPLATFORM alpine:3.23 AS files
RUN install -d -m 0700 -o 65532 -g 65532 /state

FROM scratch
ARG TARGETARCH
COPY --from=files /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=files --chown=65532:65532 /state /state
COPY --from=build --chmod=0755 /out/$TARGETARCH/connprobe /connprobe
# The ledger is /state/connprobe/accounts. Without a volume of a name it ends with the container.
ENV XDG_STATE_HOME=/state
VOLUME /state
USER 65532:65532
ENTRYPOINT ["/connprobe"]
